import os
import socket

import pytest

from edgedocs.examples.guard import network_refusal, signal_refusal


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1", 80),
        ("127.8.9.1", 80),
        ("localhost", 80),
        ("api.localhost", 80),
        ("::1", 80, 0, 0),
        ("::ffff:127.0.0.1", 80, 0, 0),
        (b"127.0.0.1", 80),
        "/run/socket",
        b"\0abstract",
        (0, 0),
        None,
    ],
)
def test_the_loopback_and_other_kinds_of_sockets_are_free(address):
    assert network_refusal("socket.connect", (None, address)) is None
    assert network_refusal("socket.bind", (None, address)) is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (("192.0.2.1", 80), "192.0.2.1:80"),
        (("example.com", 443), "example.com:443"),
        (("127.evil.example", 1), "127.evil.example:1"),
        (("2001:db8::1", 80, 0, 0), "2001:db8::1:80"),
        (("::ffff:192.0.2.1", 80, 0, 0), "::ffff:192.0.2.1:80"),
        ((b"example.com", 80), "example.com:80"),
        (("0.0.0.0", 80), "0.0.0.0:80"),
    ],
)
@pytest.mark.parametrize("event", ["socket.connect", "socket.sendto", "socket.sendmsg"])
def test_other_addresses_are_refused_by_name(event, address, place):
    assert network_refusal(event, (None, address)) == f"tried to reach {place}; examples run without network"


@pytest.mark.parametrize(("host", "place"), [("", "all interfaces:80"), ("0.0.0.0", "0.0.0.0:80"), ("::", ":::80")])
def test_listening_for_other_machines_is_refused(host, place):
    message = network_refusal("socket.bind", (None, (host, 80)))
    assert message == f"tried to listen on {place}; examples may listen on 127.0.0.1 only"


@pytest.mark.parametrize("host", [None, "", "localhost", b"localhost", "127.0.0.1", "192.0.2.1", socket.gethostname()])
def test_what_needs_no_question_to_others_can_be_looked_up(host):
    assert network_refusal("socket.getaddrinfo", (host, 80, 0, 0, 0)) is None


@pytest.mark.parametrize(
    ("event", "host"),
    [
        ("socket.getaddrinfo", "example.com"),
        ("socket.gethostbyname", "example.com"),
        ("socket.gethostbyaddr", "192.0.2.1"),
    ],
)
def test_foreign_names_are_not_looked_up(event, host):
    assert network_refusal(event, (host,)) == f"tried to look up {host}; examples run without network"


def test_other_events_are_free():
    assert network_refusal("socket.gethostname", ()) is None


def _fork_example(caller):
    """Fork a process that looks at signals as an example does, and ends with 0 if all is right."""
    child = os.fork()
    if child == 0:
        os.setsid()
        here = os.getpid()
        refused = [("os.kill", (target, 15)) for target in (caller, -caller, -1)]
        refused.append(("os.killpg", (os.getpgid(caller), 9)))
        allowed = [("os.kill", arguments) for arguments in ((here, 15), (0, 15), (caller, 0), (-here, 9))]
        right = all(signal_refusal(*sent, caller) for sent in refused) and not any(
            signal_refusal(*sent, caller) for sent in allowed
        )
        os._exit(0 if right else 1)
    return child


@pytest.mark.skipif(os.name != "posix", reason="sessions are a matter of POSIX")
def test_signals_stay_in_the_session_of_the_example():
    # A session of a caller, and in it one of an example. The caller has its own, because that of this process can be
    # invisible: in a container, its leader may live outside.
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(os.waitstatus_to_exitcode(os.waitpid(_fork_example(os.getpid()), 0)[1]))
    assert os.waitpid(child, 0)[1] == 0
