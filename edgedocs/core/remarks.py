"""Remarks: what other people's libraries would print as they are imported, switched off before that."""

from __future__ import annotations

import os

SETTINGS = {
    # transformers, which mlx-lm and OpenVINO's tokenizers import, would remark that there is no PyTorch.
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
}


def off() -> None:
    """Switch them off in this process; a setting that is there already is the user's choice."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
