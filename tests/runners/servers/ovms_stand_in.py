"""A stand-in for the program ``ovms``, made after its published documentation; it is not OpenVINO Model Server.

It takes the options of docs/parameters.md and docs/starting_server.md of openvinotoolkit/model_server that are named
here, and refuses others; it gives the folder's model by the contract server of this package. ``API_KEY`` is demanded,
where it is set.
"""

import argparse
import os
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from edgedocs import runners
from tests.runners.servers.protocol_servers import OVMSHandler

OPTIONS = (
    "model_path",
    "model_name",
    "task",
    "target_device",
    "rest_bind_address",
    "grpc_bind_address",
    "allowed_origins",
)


class Handler(OVMSHandler):
    """As the contract server, and ready once its model is loaded."""

    loaded = threading.Event()
    lock = threading.Lock()
    received: list[dict[str, str]] = []  # noqa: RUF012 - as in the class that it is of

    def do_GET(self) -> None:  # noqa: N802
        """Answer."""
        if self.path == "/v2/health/ready":
            self._send(200 if self.loaded.is_set() else 503, {})
        elif self._may():
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802
        """Answer."""
        if self._may():
            super().do_POST()

    def _may(self) -> bool:
        key = os.environ.get("API_KEY")
        if key is None or self.headers["Authorization"] == f"Bearer {key}":
            return True
        self._send(401, {"error": "unauthorized"})
        return False


def load(path: Path) -> None:
    """Load the model, after a while in which the server is not ready."""
    time.sleep(0.3)
    Handler.runner = runners.load(path, backend="openvino")
    Handler.loaded.set()


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="ovms")
    for name in OPTIONS:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rest_port", type=int, required=True)
    given: Any = parser.parse_args()
    assert (given.task, given.target_device) == ("text_generation", "CPU")
    print(f"ovms {sys.argv[1:]}", file=sys.stderr)
    threading.Thread(target=load, args=(Path(given.model_path),), daemon=True).start()
    ThreadingHTTPServer((given.rest_bind_address, given.rest_port), Handler).serve_forever()


if __name__ == "__main__":
    main()
