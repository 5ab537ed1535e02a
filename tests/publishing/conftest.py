"""The fixture is a documentation of its own, whose conftest.py must never run."""

import socket

import pytest

collect_ignore = ["fixture"]


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
