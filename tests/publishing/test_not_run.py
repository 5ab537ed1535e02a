"""What readers are told of an example whose requirement was missing when outputs were recorded last."""

import json
import subprocess
import sys
from pathlib import Path

from edgedocs.publishing.staging import Project, stage
from tests.examples.conftest import CONFTEST
from tests.publishing.site import build, copy_fixture

HALVE = "snippets/01-numbers/halve.facts.json"
NEVER = '# Never { #never }\n\n```python {#new requires="made_up other_made_up"}\nimport made_up\n```\n'


def project(folder: Path) -> Path:
    """The fixture with an example that needs what nobody has."""
    copied = copy_fixture(folder)
    (copied / "docs" / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    for name in ("docs/01-numbers.md", "translations/cs/01-numbers.md"):
        require(copied, 'requires="numpy"', 'requires="numpy made_up"', name)
    (copied / "docs" / "03-never.md").write_text(NEVER, encoding="utf-8")
    return copied


def require(folder: Path, old: str, new: str, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def record(folder: Path) -> str:
    """Record the one example that cannot run, and the one that never did, as a contributor does."""
    command = [sys.executable, "-m", "pytest", "-q", "--update-outputs", "docs/03-never.md"]
    result = subprocess.run(
        [*command, "docs/01-numbers.md::01-numbers#halve"], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert result.returncode == 0, result.stdout
    assert "2 skipped" in result.stdout
    return result.stdout


def staged(folder: Path, page: str) -> str:
    stage(Project(folder / "docs", folder / "snippets", folder / "translations", folder / "staged"))
    return (folder / "staged" / f"{page}.md").read_text(encoding="utf-8")


def test_the_record_says_what_was_missing_and_keeps_the_rest(tmp_path: Path) -> None:
    folder = project(tmp_path)
    before = json.loads((folder / HALVE).read_text(encoding="utf-8"))
    record(folder)
    after = json.loads((folder / HALVE).read_text(encoding="utf-8"))
    mark = after["provenance"].pop("not_run")
    assert mark["missing"] == ["made_up"]
    assert after == before
    text = (folder / HALVE).read_bytes()
    record(folder)
    assert (folder / HALVE).read_bytes() == text


def test_readers_see_it_in_their_language(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert "Verified on 21 November 2026" in staged(folder, "en/01-numbers")
    record(folder)
    english, czech = staged(folder, "en/01-numbers"), staged(folder, "cs/01-numbers")
    note = "Not run here: needs `made_up`; last verified on 21 November 2026\n{ .edgedocs-note .edgedocs-not-run }"
    assert note in english
    assert "Zde se nespustilo: potřebuje `made_up`; naposledy ověřeno 21. listopadu 2026" in czech
    assert "Verified on" not in english
    result = build(folder)
    assert result.returncode == 0, result.stderr
    html = (folder / "site" / "01-numbers" / "index.html").read_text(encoding="utf-8")
    assert 'class="edgedocs-note edgedocs-not-run">Not run here: needs <code>made_up</code>; last verified on' in html


def test_an_example_that_never_ran_says_so(tmp_path: Path) -> None:
    folder = project(tmp_path)
    both = "Not run here: needs `made_up`, `other_made_up`; not verified yet\n"
    assert both in staged(folder, "en/03-never")
    record(folder)
    assert both in staged(folder, "en/03-never")


def test_a_run_that_succeeds_takes_the_note_away(tmp_path: Path) -> None:
    folder = project(tmp_path)
    record(folder)
    for name in ("docs/01-numbers.md", "translations/cs/01-numbers.md"):
        require(folder, 'requires="numpy made_up"', 'requires="numpy"', name)
    command = [sys.executable, "-m", "pytest", "-q", "--update-outputs", "docs/01-numbers.md::01-numbers#halve"]
    result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    assert "1 passed" in result.stdout
    assert "Not run here" not in staged(folder, "en/01-numbers")
    assert "Verified on " in staged(folder, "en/01-numbers")
