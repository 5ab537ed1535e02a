"""Guard: what Python code of an example must not do is refused with a message that says so.

It watches the interpreter's audit events. Where the example has no network anyway, this makes the error clear; where
the platform cannot take the network away, this is all there is. It sees no native code and no other process.
Loaded by :mod:`edgedocs.examples.child` as a file of its own, so it imports nothing of this package.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

_LOCAL_NAMES = ("localhost", "ip6-localhost", "ip6-loopback")
_ADDRESSED = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_LOOKED_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def install(example: str) -> None:
    """Watch this process from now on, to its end.

    Args:
        example: the id of the example, for messages.
    """
    caller = os.getppid()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            refused = network_refusal(event, arguments)
        elif event in ("os.kill", "os.killpg"):
            refused = signal_refusal(event, arguments, caller)
        else:
            return
        if refused is not None:
            raise PermissionError(errno.EACCES, f"example {example} {refused}")

    sys.addaudithook(watch)


def network_refusal(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Why a socket may not do this, or None if it may: it stays on the loopback interface, or is no network socket.

    Args:
        event: the audit event.
        arguments: the event's arguments.
    """
    if event in _ADDRESSED:
        address = arguments[1]
        host = _text(address[0]) if isinstance(address, tuple) and address else None
        if host is None or _is_local(host):
            return None
        place = ":".join([host or "all interfaces", *map(str, address[1:2])])
        if event == "socket.bind":
            return f"tried to listen on {place}; examples may listen on 127.0.0.1 only"
        return f"tried to reach {place}; examples run without network"
    if event in _LOOKED_UP:
        host = _text(arguments[0])
        # An address needs no look-up, except for the name that belongs to it.
        if not host or _is_local(host) or host == _own_name():
            return None
        if event == "socket.gethostbyaddr" or _address(host) is None:
            return f"tried to look up {host}; examples run without network"
    return None


def signal_refusal(event: str, arguments: tuple[Any, ...], caller: int) -> str | None:
    """Why this signal may not be sent, or None if it may: it goes to no process of the session that runs examples.

    Args:
        event: the audit event.
        arguments: the event's arguments.
        caller: the process that started this one.
    """
    target, signal = arguments
    if not signal or target == 0 or os.name != "posix":
        return None
    refused = f"tried to signal process {target}, which it did not start"
    if target == -1:
        return refused
    try:
        own, callers = os.getsid(0), os.getsid(caller)
        theirs = abs(target) in (caller, os.getpgid(caller), callers) or os.getsid(abs(target)) == callers
    except OSError:
        return None
    return refused if theirs and own != callers else None


def _text(host: Any) -> str | None:
    """A host as text; None if it is nothing of the kind, as in the addresses of other kinds of sockets."""
    if isinstance(host, bytes | bytearray):
        return bytes(host).decode("utf-8", "replace")
    return host if isinstance(host, str) else None


def _is_local(host: str) -> bool:
    address = _address(host)
    if address is None:
        return host.lower() in _LOCAL_NAMES or host.lower().endswith(".localhost")
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def _address(host: str) -> Any:
    import ipaddress  # here, so that examples without network do not wait for it

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _own_name() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
