"""Sync with the translator ``openai``: whatever a provider does, no page is damaged and what failed is recorded."""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgedocs.cli import main
from edgedocs.core.errors import CannotRun
from edgedocs.translation.status import SourcePage, translation_status
from edgedocs.translation.sync import Engine, Synced, due
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.translators import Settings
from edgedocs.translation.translators.openai import OpenAITranslator
from edgedocs.translation.tree import Tree
from tests.translation.provider import Behaviour, Handler, Received, Server, answers, completion, error, provider
from tests.translation.test_openai import QUICK
from tests.translation.test_openai_faults import FAULTS, limit
from tests.translation.trees import edit, make_tree

PIECES = {
    "Sizes of files": "Velikosti souborů",
    "The runner reads the file once and keeps the weights in memory until the program ends.": (
        "Program přečte soubor jednou a váhy si ponechá v paměti, dokud jeho běh neskončí."
    ),
    "A block of ⟦1⟧ holds 32 weights and one scale, so that each weight takes four and a half bits in the file.": (
        "Blok formátu ⟦1⟧ obsahuje 32 vah a jedno měřítko, takže každá váha zabere v souboru čtyři a půl bitu."
    ),
    "The last paragraph says nothing new, but it has to be there at the end of the page.": (
        "Poslední odstavec neříká nic nového, ale na konci stránky být musí."
    ),
}
"""Pieces as a provider sees them, with translations that no check refuses."""

BLOCK = next(piece for piece in PIECES if "⟦1⟧" in piece)
GOOD = PIECES[BLOCK]
SOURCE = """# Sizes of files

The runner reads the file once and keeps the weights in memory until the program ends.

```python {#sizes shown="an example"}
print("sizes")
```

A block of `Q4_0` holds 32 weights and one scale, so that each weight takes four and a half bits in the file.

The last paragraph says nothing new, but it has to be there at the end of the page.
"""
CODE = SOURCE[SOURCE.index("```python") : SOURCE.index("A block")]


def good(handler: Handler, received: Received) -> None:
    handler.reply(completion(PIECES[received.piece]))


def dear(handler: Handler, received: Received) -> None:
    handler.reply(completion(PIECES[received.piece], usage=(1000, 1000)))


def poisoned(behaviour: Behaviour) -> Behaviour:
    """A provider that is good, except where it is asked about the block."""
    return lambda handler, received: (behaviour if received.piece == BLOCK else good)(handler, received)


def tree_of(root: Path, czech: dict[str, str] | None = None) -> Tree:
    return make_tree(root, {"sizes.md": SOURCE}, czech or {})


def sync(tree: Tree, server: Server, jobs: int = 4, **options: object) -> Synced:
    translator = OpenAITranslator(Settings(tree, endpoint=server.base, **options), QUICK)  # type: ignore[arg-type]
    try:
        return Engine(tree, translator, jobs=jobs, identity="openai").run(due(tree, [], []))
    finally:
        translator.close()


def page(tree: Tree) -> Path:
    return tree.translation_path("cs", "sizes.md")


def state(tree: Tree) -> tuple[str, list[str]]:
    """The page's state and those of its segments, as the one classifier says."""
    found = translation_status(SourcePage.load(tree.source_path("sizes.md")), page(tree))
    return found.state, [segment.state for segment in found.segments]


def test_a_good_provider_brings_all_in_step(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        synced = sync(tree, server)
        assert {received.piece for received in server.received} == set(PIECES)
        assert not any("Q4_0" in received.prompt or "print" in received.prompt for received in server.received)
    assert synced.exit_code == 0
    assert state(tree) == ("fresh", ["fresh"] * 4)
    assert GOOD.replace("⟦1⟧", "`Q4_0`") in page(tree).read_text("utf-8")


SAID: dict[str, Callable[[Received], str]] = {
    "echoes the piece": lambda received: received.piece,
    "echoes the prompt": lambda received: received.prompt,
    "echoes the rules": lambda received: received.document["messages"][0]["content"] + "\n" + GOOD,
    "answers in English": lambda _: (
        "A block of ⟦1⟧ has 32 weights and a scale; every weight needs four and a half bits."
    ),
    "answers in German": lambda _: (
        "Ein Block im Format ⟦1⟧ enthält 32 Gewichte und einen Skalierungsfaktor, weshalb jedes Gewicht in der Datei "
        "viereinhalb Bit belegt."
    ),
    "adds a preamble": lambda _: f"Here is the translation:\n\n{GOOD}",
    "adds a preamble on the line": lambda _: f"Here is the translation: {GOOD}",
    "adds a preamble of its kind": lambda _: f"Sure! Here's the Czech translation: {GOOD}",
    "adds a remark": lambda _: f"{GOOD}\n\nNote: I kept the placeholder.",
    "returns HTML": lambda _: f"<p>{GOOD}</p>",
    "returns a page": lambda _: f"<!doctype html><html><body>{GOOD}</body></html>",
    "returns JSON": lambda _: json.dumps({"translation": GOOD}),
    "stops in a sentence": lambda _: GOOD[: len(GOOD) // 2],
    "says one word": lambda _: "Blok ⟦1⟧.",
    "refuses in words": lambda _: "I'm sorry, but I can't help with that request.",
    "loses a placeholder": lambda _: GOOD.replace("⟦1⟧", "Q4_0"),
    "doubles a placeholder": lambda _: GOOD.replace("⟦1⟧", "⟦1⟧ ⟦1⟧"),
    "makes up a placeholder": lambda _: GOOD + " ⟦2⟧",
    "swaps digits": lambda _: GOOD.replace("32", "23"),
    "adds a link": lambda _: GOOD + " [Více](https://evil.example/).",
    "adds a script": lambda _: GOOD + "<script>alert(1)</script>",
    "turns the text around": lambda _: GOOD.replace("vah", "\u202evah\u202c"),
    "damages the text": lambda _: GOOD.encode().decode("cp1250", "replace"),
    "drops letters": lambda _: GOOD.replace("ě", "\ufffd"),
    "adds a heading": lambda _: f"## Blok\n\n{GOOD}",
    "adds a fence": lambda _: f"{GOOD}\n\n```python\nimport os\n```",
    "closes with records": lambda _: f"{GOOD}\n\n<!-- EDGEDOCS_SEGMENTS v1\n0 0 reviewed\n-->",
    "adds a NUL": lambda _: GOOD.replace("vah", "v\0ah"),
    "repeats itself": lambda _: " ".join([GOOD] * 30),
}


@pytest.mark.parametrize("name", SAID)
def test_an_answer_that_is_no_translation_is_refused(name: str, tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    say = SAID[name]
    with provider(poisoned(lambda handler, received: handler.reply(completion(say(received))))) as server:
        synced = sync(tree, server)
        asked = [received for received in server.received if received.piece == BLOCK]
    require_failed(tree, synced)
    if name != "echoes the prompt":
        assert len(asked) == 1 + OpenAITranslator.retries
        assert "was refused" in asked[1].prompt


@pytest.mark.parametrize("name", ["says nothing", "closes in the body", "500", "HTML", "malformed JSON", "413"])
def test_a_fault_of_one_segment_leaves_the_others(name: str, tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    with provider(poisoned(FAULTS[name][0])) as server:
        synced = sync(tree, server, timeout=limit(name))
    require_failed(tree, synced)


def require_failed(tree: Tree, synced: Synced) -> None:
    """The block failed, the three others are translated, and the page is whole."""
    assert synced.exit_code == 1
    (result,) = synced.pages
    (failure,) = result.failures
    line, _, reasons = failure
    assert line == 9
    assert reasons
    assert result.counts["translated"] == 3
    assert state(tree) == ("failed", ["fresh", "fresh", "failed", "fresh"])
    text = page(tree).read_text("utf-8")
    records = TranslatedPage.parse(text, "sizes.md").records
    assert records is not None
    assert [record.state for record in records] == ["machine", "machine", "failed", "machine"]
    assert "edgedocs_seal" not in text
    assert CODE in text
    assert SOURCE.split("\n\n")[-2] in text  # the block, as the source has it
    for piece, translation in PIECES.items():
        assert (translation in text) == (piece != BLOCK)


def test_a_stale_segment_that_fails_keeps_its_text(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        sync(tree, server)
    before = page(tree).read_text("utf-8")
    edit(tree.source_path("sizes.md"), "32 weights", "64 weights")
    piece = BLOCK.replace("32", "64")
    with provider(answers("I'm sorry, but I can't help with that request.")) as server:
        synced = sync(tree, server)
        assert {received.piece for received in server.received} == {piece}
        assert "Blok formátu ⟦1⟧ obsahuje 32 vah" in server.received[0].prompt
    assert synced.exit_code == 1
    assert state(tree)[1] == ["fresh", "fresh", "failed", "fresh"]
    assert body(page(tree).read_text("utf-8")) == body(before)
    with provider(answers(GOOD.replace("32", "64"))) as server:
        assert sync(tree, server).exit_code == 0
        assert len(server.received) == 1
    assert state(tree) == ("fresh", ["fresh"] * 4)


def body(text: str) -> str:
    return TranslatedPage.parse(text, "sizes.md").body


@pytest.mark.parametrize("behaviour", [error(401, "no"), error(404, "no model"), error(429, "slow down")])
def test_what_ends_the_run_touches_no_page(behaviour: Behaviour, tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        sync(tree, server)
    edit(tree.source_path("sizes.md"), "32 weights", "64 weights")
    before = page(tree).read_bytes()
    with provider(behaviour) as server:
        synced = sync(tree, server)
    assert isinstance(synced.stopped, CannotRun)
    assert synced.exit_code == 3
    assert page(tree).read_bytes() == before


def test_a_budget_that_is_spent_keeps_what_was_paid_for(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        # A request may cost between 3 and 4 dollars, and does cost 2.
        server.behaviour = lambda handler, received: handler.reply(
            completion(PIECES[received.piece], usage=(1000, 1000))
        )
        first = sync(tree, server, jobs=1, price=(1000.0, 1000.0), budget=6.0)
        assert first.exit_code == 3
        assert "budget" in str(first.stopped)
        paid = [received.piece for received in server.received]
        assert 0 < len(paid) < len(PIECES)
        assert not page(tree).exists()
        second = sync(tree, server)
        assert second.exit_code == 0
        assert sorted(received.piece for received in server.received) == sorted(PIECES)
    assert state(tree)[0] == "fresh"


def test_requests_overlap_and_keep_the_rate(tmp_path: Path) -> None:
    pages = {f"page-{number}.md": SOURCE.replace("# Sizes", f"# Page {number}") for number in range(4)}
    tree = make_tree(tmp_path, pages, {})
    lock, now, most = threading.Lock(), [0], [0]

    def slow(handler: Handler, received: Received) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.1)
        with lock:
            now[0] -= 1
        piece = received.piece
        handler.reply(completion(PIECES.get(piece, f"Stránka {piece[5:6]} souborů")))

    with provider(slow) as server:
        sync(tree, server, jobs=8, requests_per_minute=60 / 0.03)
        times = sorted(received.at for received in server.received)
    assert 2 <= most[0] <= 8
    assert times[-1] - times[0] >= (len(times) - 1) * 0.03 * 0.7


# From the command line.


class Command:
    """Runs ``edgedocs translate sync`` with the translator."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, tree: Tree, *arguments: str, **environment: str) -> tuple[int, str]:
        for name in ("EDGEDOCS_API_KEY", "OPENAI_API_KEY"):
            self._monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)
        places = ["--source", str(tree.source), "--translations", str(tree.translations)]
        command = ["edgedocs", "translate", "sync", *places, "--language", "cs", "--translator", "openai", *arguments]
        self._monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as caught:
            main()
        printed = self._capsys.readouterr()
        return int(caught.value.code or 0), printed.out + printed.err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_the_command(tmp_path: Path, run: Command) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        code, output = run(tree, "--endpoint", server.base, "--model", "m", EDGEDOCS_API_KEY="a-key-of-this-test")
        assert {received.headers["authorization"] for received in server.received} == {"Bearer a-key-of-this-test"}
        assert {received.document["model"] for received in server.received} == {"m"}
    assert code == 0, output
    assert "a-key-of-this-test" not in output
    assert state(tree)[0] == "fresh"


def test_a_key_for_another_host_is_not_sent(tmp_path: Path, run: Command) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        code, _ = run(tree, "--endpoint", server.base, OPENAI_API_KEY="a-key-of-this-test")
        assert not any("authorization" in received.headers for received in server.received)
    assert code == 0


def test_a_dry_run_asks_nobody(tmp_path: Path, run: Command) -> None:
    tree = tree_of(tmp_path)
    with provider(good) as server:
        code, output = run(tree, "--endpoint", server.base, "--price", "1", "2", "--dry-run", "--json")
        assert server.received == []
    assert code == 0, output
    (plan,) = json.loads(output)["languages"]
    assert plan["translate"] == len(PIECES)
    assert plan["tokens"]["sent"] > 0
    assert plan["cost"] > 0
    assert not page(tree).exists()


def test_without_an_endpoint_nothing_runs(tmp_path: Path, run: Command) -> None:
    code, output = run(tree_of(tmp_path))
    assert code == 2
    assert "--endpoint" in output


def test_an_endpoint_of_the_repository_is_not_asked(tmp_path: Path, run: Command) -> None:
    """A file that came with a clone does not say where text and key go."""
    tree = tree_of(tmp_path)
    with provider(good) as server:
        settings = f'[translator]\nendpoint = "{server.base}"\n'
        (tree.translations / "translate.toml").write_text(settings, encoding="utf-8")
        code, _ = run(tree, EDGEDOCS_API_KEY="a-key-of-this-test")
        assert server.received == []
    assert code == 2
