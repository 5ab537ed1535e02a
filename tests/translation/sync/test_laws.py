"""Laws of sync, for pages and edits that nobody thought of."""

from __future__ import annotations

from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from edgedocs.core import files
from edgedocs.translation import Tree, page_state
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.translators import Settings, translators

WORDS = st.sampled_from(["alpha", "beta", "gamma", "delta", "`code`", "[link](a.md)", "[[one.value|.1%]]", "**bold**"])
PROSE = st.lists(WORDS, min_size=1, max_size=4).map(lambda words: " ".join(["Words", *words]) + ".")


@st.composite
def block(draw: st.DrawFn) -> str:
    """A block of any kind, as it stands in a source."""
    text = draw(PROSE)
    plain = text.replace("`", "").replace("[[one.value|.1%]]", "one")
    number = draw(st.integers(0, 99))
    return draw(
        st.sampled_from(
            [
                text,
                f"{text}\n{text}",
                f"## {text} {{ #h{number} }}",
                f"- {text}\n- Second\n\n    Inside {number}.",
                f"1. {text}\n2. Other\n   continued",
                f'!!! note "{plain}"\n\n    {text}\n\n    - item {number}',
                f'=== "{plain}"\n\n    {text}',
                f"| A | {plain} |\n|---|---|\n| b | {number} |",
                f"> {text}\n> more",
                f"```text\n{number}\n```",
                f"<!-- remark {number} -->",
                f"Term\n:   {text}",
                f"[^n{number}]: {text}",
                f"<div>\n{plain}\n</div>",
                "---",
            ]
        )
    )


BLOCKS = st.lists(block(), min_size=1, max_size=6)
FRONT = st.sampled_from(["", "---\ntitle: A title\ntags: [x]\n---\n\n", '---\ndescription: "Some: words"\n---\n\n'])


@settings(max_examples=120, deadline=None)
@given(front=FRONT, blocks=BLOCKS, data=st.data())
def test_nothing_of_a_person_is_lost_and_the_rest_is_in_step(
    tmp_path_factory: object, front: str, blocks: list[str], data: st.DataObject
) -> None:
    tree = _tree(Path(tmp_path_factory.mktemp("tree")))  # type: ignore[attr-defined]
    _write(tree, front, blocks)
    assert _sync(tree) == 0
    assert _state(tree) == "fresh"
    for _ in range(data.draw(st.integers(1, 3))):
        written = _edit_target(tree, data)
        blocks = _edited(blocks, data)
        _write(tree, data.draw(FRONT), blocks)
        before = _state(tree)
        code = _sync(tree)
        text = _target(tree)
        for words in written:
            assert words in text
        if not written and before != "needs-review":
            assert (code, _state(tree)) == (0, "fresh")
        event(f"{_state(tree)}, exit code {code}")
        _sync(tree)
        assert _target(tree) == text


def _edited(blocks: list[str], data: st.DataObject) -> list[str]:
    """The blocks after a few insertions, removals, moves and changes."""
    blocks = list(blocks)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(blocks) - 1))
        action = data.draw(st.sampled_from(["insert", "remove", "move", "change"]))
        if action == "insert":
            blocks.insert(place, data.draw(block()))
        elif action == "remove" and len(blocks) > 1:
            del blocks[place]
        elif action == "move":
            blocks.append(blocks.pop(place))
        else:
            blocks[place] = data.draw(block())
    return blocks


def _edit_target(tree: Tree, data: st.DataObject) -> list[str]:
    """Let a person write into the translation: words into a paragraph, a paragraph, or a comment."""
    path = tree.translation_path("x-pseudo", "page.md")
    text = files.read_text(path)
    page = TranslatedPage.parse(text, "page.md")
    written = []
    for number in range(data.draw(st.integers(0, 2))):
        words = f"Člověk{number}{data.draw(st.integers(0, 10**9))}"
        paragraphs = [s for s in page.outline("").segments if s.kind in ("paragraph", "list-item")]
        action = data.draw(st.sampled_from(["into", "paragraph", "comment"]))
        if action == "into" and paragraphs:
            chosen = data.draw(st.sampled_from(paragraphs)).text.rstrip("\n")
            if text.count(chosen) != 1:
                continue
            text = text.replace(chosen, f"{chosen} {words}")
        else:
            added = words if action != "comment" else f"<!-- {words} -->"
            start = text.index("\n-->\n") + 5
            if text[start:].startswith("---\n") and "\n---\n" in text[start:]:
                start = text.index("\n---\n", start) + 5
            text = f"{text[:start]}\n{added}\n\n{text[start:].lstrip()}"
        written.append(words)
    files.write_text(path, text)
    return written


def _tree(folder: Path) -> Tree:
    (folder / "docs").mkdir()
    (folder / "translations" / "x-pseudo").mkdir(parents=True)
    return Tree.open(folder / "docs", folder / "translations")


def _write(tree: Tree, front: str, blocks: list[str]) -> None:
    files.write_text(tree.source / "page.md", front + "\n\n".join(blocks) + "\n")


def _sync(tree: Tree) -> int:
    engine = Engine(tree, translators.get("pseudo")(Settings(tree)), jobs=1)
    return engine.run(due(tree, ["x-pseudo"], [])).exit_code


def _state(tree: Tree) -> str:
    return page_state(tree.source_path("page.md"), tree.translation_path("x-pseudo", "page.md")).state


def _target(tree: Tree) -> str:
    return files.read_text(tree.translation_path("x-pseudo", "page.md"))
