"""The site's server answers as a static host does, and says plainly when its port is taken."""

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.tasks.console import CommandError
from tools.tasks.server import HOST, SiteServer


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in {
        "index.html": "home",
        "404.html": "nothing here",
        "cs/index.html": "domů",
        "cs/404.html": "nic tu není",
        "sl/index.html": "domov",
        "assets/app.js": "1",
    }.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("outside the site", encoding="utf-8")
    return tmp_path / "site"


@pytest.fixture
def server(site: Path) -> Iterator[SiteServer]:
    running = SiteServer(site, 0)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def ask(server: SiteServer, path: str, method: str = "GET") -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(HOST, server.server_address[1], timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, answer.headers["Content-Type"]


def test_pages_by_folder(server: SiteServer) -> None:
    assert ask(server, "/") == (200, "home", "text/html; charset=utf-8")
    assert ask(server, "/cs/")[1] == "domů"


def test_scripts_have_their_type_whatever_the_system_says(server: SiteServer) -> None:
    assert ask(server, "/assets/app.js")[2] == "text/javascript"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/missing/", "nothing here"),
        ("/cs/missing/", "nic tu není"),
        ("/cs/missing/?q=1", "nic tu není"),
        ("/sl/missing/", "nothing here"),
        ("/../secret.txt", "nothing here"),
        ("/..%2fsecret.txt", "nothing here"),
        ("/cs/..%2f..%2fsecret.txt", "nic tu není"),
        ("/assets/", "nothing here"),
    ],
)
def test_what_is_missing_gets_the_page_of_its_language(server: SiteServer, path: str, page: str) -> None:
    assert ask(server, path)[:2] == (404, page)


def test_head_of_a_missing_page_has_no_body(server: SiteServer) -> None:
    assert ask(server, "/missing/", "HEAD")[:2] == (404, "")


def test_a_site_without_its_own_page_still_answers(server: SiteServer, site: Path) -> None:
    (site / "404.html").unlink()
    assert ask(server, "/missing/")[0] == 404


def test_only_this_machine_is_served(server: SiteServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_address[1]}/"


def test_a_taken_port_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port} of 127.0.0.1 is in use") as caught:
            SiteServer(tmp_path, port)
    assert caught.value.exit_code == 3
    assert "--port" in str(caught.value.remedy)
