"""OpenVINO Model Server, started and watched by the process of a local server; see ``child.py``."""

from __future__ import annotations

import os
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgedocs.runners.serving.child import Process

READY = "/v2/health/ready"
"""A request of the server's interface after KServe, which it answers with 200 once the model is loaded."""
STEP, PATIENCE, ENDING = 0.1, 10.0, 3.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def serve(settings: dict[str, Any], process: Process) -> None:
    """Serve an OpenVINO folder."""
    port = process.free_port(settings["host"], settings["port"])
    command = [one.replace("{port}", str(port)) for one in settings["command"]]
    # The server takes the key from this variable, whoever set it.
    variables = {name: value for name, value in os.environ.items() if name != "API_KEY"}
    if process.key is not None:
        variables["API_KEY"] = process.key
    program = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL)
    process.at_the_end.append(lambda: _end(program))
    while not _is_ready(settings["host"], port):
        if program.poll() is not None:
            raise RuntimeError(f"ovms ended with code {program.returncode}")
        time.sleep(STEP)
    process.ready(port)
    process.leave(program.wait())


def _is_ready(host: str, port: int) -> bool:
    connection = HTTPConnection(ANYWHERE.get(host, host), port, timeout=PATIENCE)
    try:
        connection.request("GET", READY)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(program: subprocess.Popen[bytes]) -> None:
    program.terminate()
    try:
        program.wait(ENDING)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
