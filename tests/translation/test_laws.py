"""Laws that hold for pages nobody wrote by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation import record
from edgedocs.translation.header import strip
from edgedocs.translation.status import page_state
from tests.translation.trees import make_tree, write


@pytest.fixture(autouse=True, scope="module")
def without_flushing() -> Iterator[None]:
    """Hundreds of flushes to disk take minutes on a busy machine, and no law here is about a loss of power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


PROSE = st.text("abcděů .,!?*_~()[]{}#|&\"'é\u0301", min_size=1, max_size=30).map(lambda text: f"W{text}".rstrip())
FACT = st.sampled_from(["", " [[one.value|.1%]]", " [[one.value]] [[04-gguf#two.x|.2f]]"])
CODE = st.text("ab =+#'\n", max_size=20)


@st.composite
def piece(draw: st.DrawFn) -> tuple[str, str]:
    """One block, with the block that translates it."""
    kind = draw(st.sampled_from(["heading", "text", "items", "note", "code", "table", "tab"]))
    source, target, fact = draw(PROSE), draw(PROSE), draw(FACT)
    code = draw(CODE)
    number = draw(st.integers(0, 99))
    forms = {
        "heading": f"## %s {{ #h{number} }}",
        "text": f"%s{fact}",
        "items": f"- %s\n- Also{fact}\n\n    ```text\n    {number}\n    ```",
        "note": f'!!! note "%s"\n\n    Inner{fact}',
        "code": f"```text {{#c{number}}}\n{code}\n```\n\n%s",
        "table": "| A | B |\n|---|---|\n| %s | 1 |",
        "tab": '=== "%s"\n\n    Inner',
    }
    for mark in ('"', "|", "`") if kind in ("note", "tab", "table") else ():
        source, target = source.replace(mark, ""), target.replace(mark, "")
    form = forms[kind].replace("%s", "\0")
    return form.replace("\0", source.replace("{", "").replace("[[", "[").rstrip("#")), form.replace(
        "\0", target.replace("{", "").replace("[[", "[").rstrip("#")
    )


pages = st.lists(piece(), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(pages, st.booleans(), st.booleans())
def test_recorded_page_is_fresh_in_every_checkout(
    tmp_path_factory: object, pieces: list[tuple[str, str]], source_crlf: bool, target_crlf: bool
) -> None:
    folder = _folder(tmp_path_factory)
    source, target = ("\n\n".join(side) + "\n" for side in zip(*pieces, strict=True))
    tree = make_tree(folder, {"page.md": source}, {"page.md": target})
    record(tree, "cs", "page.md")
    path, translation = tree.source_path("page.md"), tree.translation_path("cs", "page.md")
    recorded = translation.read_bytes().decode()
    assert strip(recorded) == target
    if source_crlf:
        write(path.parent, {"page.md": source.replace("\n", "\r\n")})
    if target_crlf:
        write(translation.parent, {"page.md": recorded.replace("\n", "\r\n")})
    status = page_state(path, translation)
    assert status.state == "fresh"
    assert set(status.counts) == {"fresh"}


@settings(max_examples=60, deadline=None)
@given(pages, st.data())
def test_exactly_the_changed_paragraph_is_stale(
    tmp_path_factory: object, pieces: list[tuple[str, str]], data: st.DataObject
) -> None:
    folder = _folder(tmp_path_factory)
    place = data.draw(st.integers(0, len(pieces)))
    sources = [source for source, _ in pieces]
    sources.insert(place, "A paragraph as it was.")
    targets = [target for _, target in pieces]
    targets.insert(place, "Odstavec.")
    tree = make_tree(folder, {"page.md": "\n\n".join(sources)}, {"page.md": "\n\n".join(targets)})
    record(tree, "cs", "page.md")
    sources[place] = "A paragraph as it is."
    write(tree.source, {"page.md": "\n\n".join(sources)})
    status = page_state(tree.source_path("page.md"), tree.translation_path("cs", "page.md"))
    assert status.counts.get("stale") == 1
    assert set(status.counts) <= {"fresh", "stale"}
    (change,) = status.as_dict()["changes"]
    assert change["words"] == "A paragraph as it is."


@settings(max_examples=60, deadline=None)
@given(st.text('ab #-=`>|:![]{}<>"\n\t1.$', max_size=80))
def test_a_copy_of_any_page_can_be_recorded(tmp_path_factory: object, text: str) -> None:
    folder = _folder(tmp_path_factory)
    tree = make_tree(folder, {"page.md": text}, {"page.md": text})
    record(tree, "cs", "page.md")
    assert page_state(tree.source_path("page.md"), tree.translation_path("cs", "page.md")).state == "fresh"


def _folder(factory: object) -> Path:
    """A new folder for each example."""
    return Path(factory.mktemp("tree"))  # type: ignore[attr-defined]
