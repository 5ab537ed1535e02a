"""Telemetry: what other people's libraries would send is switched off before they are imported.

:func:`off` is called where such a library is about to be imported. A library that was imported before, or a setting
that is there already, is left as it is: that was the user's choice.
"""

from __future__ import annotations

import os
import sys

SETTINGS = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime, read when it is imported
    "NNCF_CI": "1",  # nncf, read when it is imported
}
SENDERS = ("openvino_telemetry",)
"""Packages that do nothing but send. OpenVINO reports its own import with one; where it is missing, nothing is sent."""


def off() -> None:
    """Switch off the telemetry of onnxruntime, OpenVINO and NNCF in this process."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    for name in SENDERS:
        # None makes an import of the name fail, as if the package were not installed.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
