"""Provenance: what a page's footer says, and where readers are led to edit its text."""

import re
from pathlib import Path

import pytest

from edgedocs.publishing.labels import Labels
from edgedocs.publishing.provenance import Provenance, edit_address
from tests.publishing.site import build, copy_fixture

RUN = {
    "date": "2026-11-21T01:00:00+00:00",
    "python": "3.11.9",
    "system": "Linux x86_64",
    "processor": "Processor 9000",
    "versions": {"edgedocs": "0.1.0"},
}


def test_runs_of_two_days_and_two_versions() -> None:
    later = {**RUN, "date": "2026-11-23T05:00:00+00:00", "versions": {"edgedocs": "0.2.0", "numpy": "2.4"}}
    lines = Provenance("source", "docs/a.md", "docs/a.md", runs=(later, RUN)).lines(Labels("en", {}, "labels.toml"))
    assert lines == [
        "Examples verified between 21 November 2026 and 23 November 2026",
        "edgedocs 0.1.0 · edgedocs 0.2.0 · numpy 2.4 · Python 3.11.9 · Processor 9000 (Linux x86_64)",
        "Source: docs/a.md",
    ]


@pytest.mark.parametrize(
    ("repository", "uri", "file", "address"),
    [
        ("https://host/us/x", "edit/main/docs/", "docs/a/b.md", "https://host/us/x/edit/main/docs/a/b.md"),
        (
            "https://host/us/x/",
            "edit/main/docs",
            "translations/cs/a.md",
            "https://host/us/x/edit/main/translations/cs/a.md",
        ),
        (
            "https://host/us/x",
            "edit/main/book/docs/",
            "translations/cs/a.md",
            "https://host/us/x/edit/main/book/translations/cs/a.md",
        ),
        ("https://host/us/x", "edit/main/pages/", "docs/a.md", "https://host/us/x/edit/main/pages/a.md"),
        ("https://host/us/x", "edit/main/pages/", "translations/cs/a.md", None),
        ("", "edit/main/docs/", "docs/a.md", None),
        ("https://host/us/x", "", "docs/a.md", None),
        ("https://host/us/x", "edit/main/docs/", "", None),
    ],
)
def test_edit_address(repository: str, uri: str, file: str, address: str | None) -> None:
    assert edit_address(repository, uri, "docs", file) == address


def test_footers_and_edit_links_of_a_site(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    settings = project / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8").replace("features: [", "features: [content.action.edit, ")
    repository = "repo_url: https://github.com/us/x\nedit_uri: edit/main/docs/\n"
    settings.write_text(repository + text, encoding="utf-8")
    assert build(project).returncode == 0

    def page(address: str) -> str:
        return (project / "site" / address / "index.html").read_text(encoding="utf-8")

    def footer(address: str) -> list[str]:
        return re.findall(r"<p>(.*?)</p>", page(address).partition('<div class="edgedocs-provenance"')[2])[:3]

    def edit(address: str) -> list[str]:
        return re.findall(r'<a href="([^"]+)"[^>]* rel="edit"', page(address))

    machine = "edgedocs 0.1.0 · Python 3.11.9 · Processor 9000 (Linux x86_64)"
    assert footer("01-numbers") == ["Examples verified on 21 November 2026", machine, "Source: docs/01-numbers.md"]
    assert footer("cs/01-numbers")[:2] == ["Příklady ověřeny 21. listopadu 2026", machine]
    assert footer("cs/02-later")[-1:] == ["Nepřeloženo: text souboru docs/02-later.md"]
    base = "https://github.com/us/x/edit/main"
    assert edit("01-numbers") == [f"{base}/docs/01-numbers.md"]
    assert edit("cs/01-numbers") == [f"{base}/translations/cs/01-numbers.md"]
    assert edit("cs/02-later") == [f"{base}/docs/02-later.md"]
    # Material's own link to a repository asks its host for numbers.
    assert 'data-md-component="source"' not in page("01-numbers")
