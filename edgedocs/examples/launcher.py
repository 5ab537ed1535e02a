"""What starts an example on Linux: it enters a network of its own and becomes the command that it was given.

Started as ``python -I -S launcher.py closed COMMAND...`` by :mod:`edgedocs.examples.network`. In the new network there
is nothing but a loopback interface, for native code and child processes too. Without a command it only tries whether
that is possible here; ``open`` leaves the network as it is. Standard library only, and little of it: this is a part of
the time that each example takes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

FAILED = 125
"""The exit status if the network cannot be closed."""

NOT_STARTED = 127
"""The exit status if the command cannot be started."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_CAP_SYS_ADMIN = 21
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def close_network() -> None:
    """Enter a network that has only a loopback interface, with no way back.

    Whoever may do so directly (root) gives up the right to enter another one. All others get that right in a user
    namespace of their own, in which they stay the user that they are, and lose it when the command starts.

    Raises:
        OSError: if the system does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    try:
        _call("unshare", _CLONE_NEWNET)
    except PermissionError:
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
        own = Path("/proc/self")
        (own / "uid_map").write_text(f"{user} {user} 1")
        (own / "setgroups").write_text("deny")
        (own / "gid_map").write_text(f"{group} {group} 1")
    else:
        _call("prctl", _PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0)
    _raise_loopback()


def _call(function: str, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), function)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))
        control.connect(("127.0.0.1", 9))  # fails unless there is a way to it; nothing is sent


def main(network: str, *command: str) -> int:
    """Become the command; returns only if that fails, or if there is no command.

    Args:
        network: ``closed`` or ``open``.
        command: program and arguments; the program is a path.
    """
    try:
        # What the example starts stays among its descendants, also if its parent ends: its memory is counted.
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if network == "closed":
            close_network()
        # After the network, whose privileges would take it back: an example does not outlive the run that started it.
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except OSError as error:
        print(f"the network cannot be closed: {error}", file=sys.stderr)
        return FAILED
    if not command:
        return 0
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", file=sys.stderr)
    return NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
