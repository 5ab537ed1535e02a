import pytest

from edgedocs.core.errors import BadInput
from edgedocs.runners.servers.address import Address, is_address


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"),
        ("http://LOCALHOST/v3/", "http://localhost/v3"),
        ("http://[::1]:80/a/b", "http://[::1]/a/b"),
        ("https://example.org:443", "https://example.org/v1"),
        ("http://127.5.5.5:1", "http://127.5.5.5:1/v1"),
    ],
)
def test_an_address_is_written_one_way(text: str, written: str) -> None:
    address = Address.parse(text, path="/v1")
    assert str(address) == written
    assert Address.parse(str(address)) == address


def test_another_machine_needs_https_or_consent() -> None:
    for host in ("example.org", "10.0.0.1", "127.0.0.1.example.org", "localhost.example.org"):
        assert not Address.parse(f"https://{host}").is_loopback
        with pytest.raises(BadInput, match="plain http to another machine"):
            Address.parse(f"http://{host}")
        assert Address.parse(f"http://{host}", insecure=True).scheme == "http"


@pytest.mark.parametrize(
    ("text", "known"), [("http://x", True), ("HTTPS://x", True), ("file:///x", False), ("x", False)]
)
def test_what_is_written_as_an_address_is_one(text: str, known: bool) -> None:
    assert is_address(text) is known
