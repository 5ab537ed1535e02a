"""The server of llama-cpp-python with ``tiny`` behind it: a real server whose answers are nonsense.

The shipped model is trained on short texts in one language. Nothing that it says about a segment is a translation, so
the checks must refuse all of it, and no page may be sealed.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters
from edgedocs.translation.checking import check_segment
from edgedocs.translation.endpoint import Address, ChatClient
from edgedocs.translation.pairs import PageContext
from edgedocs.translation.status import SourcePage, translation_status
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translators import NotTranslated, Settings
from edgedocs.translation.translators.openai import OpenAITranslator
from edgedocs.translation.tree import Tree
from tests.requirements import require
from tests.translation.test_openai import ask
from tests.translation.trees import SEGMENTS, make_tree

NEEDED = ("httpcore", "llama_cpp", "uvicorn", "fastapi", "sse_starlette", "starlette_context", "pydantic_settings")
CONTEXT = 768
"""Tokens of prompt and answer: enough that some answers come to an end, few enough that the others are cut off soon."""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for module in (
        "httpcore",
        "llama_cpp",
        "uvicorn",
        "fastapi",
        "sse_starlette",
        "starlette_context",
        "pydantic_settings",
    ):
        require(module)
    folder = tmp_path_factory.mktemp("server")
    model = converters.convert("tiny", folder / "tiny.gguf", type="f16").path
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"--model": model, "--host": "127.0.0.1", "--port": port, "--n_ctx": CONTEXT, "--n_threads": 1}
    words = [str(word) for option in options.items() for word in option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", *words], stdout=log, stderr=log, cwd=folder
        )
        try:
            wait_for(port, server, folder / "log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.send_signal(signal.SIGTERM if os.name == "posix" else signal.SIGBREAK)  # type: ignore[attr-defined]
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(10)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text(errors="replace")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"the server did not start in a minute: {log.read_text(errors='replace')}")


def test_nothing_that_tiny_says_is_written(endpoint: str, tmp_path: Path) -> None:
    tree = make_tree(tmp_path, czech={})
    translator = OpenAITranslator(Settings(tree, endpoint=endpoint, timeout=60))
    translator.retries = 0  # type: ignore[misc] - each answer takes half a second
    synced = Engine(tree, translator, jobs=2, identity="tiny").run(due(tree, [], []))
    translator.close()
    assert synced.stopped is None
    assert synced.exit_code == 1
    (result,) = synced.pages
    assert len(result.failures) == SEGMENTS
    assert result.counts["translated"] == 0
    assert translator.spent.received > 100
    page = tree.translation_path("cs", "sizes.md")
    assert "edgedocs_seal" not in page.read_text("utf-8")
    found = translation_status(SourcePage.load(tree.source_path("sizes.md")), page)
    assert found.state == "failed"
    assert {segment.state for segment in found.segments} == {"failed"}


def test_the_checks_refuse_what_it_says_to_short_questions(endpoint: str, tmp_path: Path) -> None:
    """In texts of the length that it was trained on, tiny answers in words."""
    tree = make_tree(tmp_path)
    source = SourcePage.load(tree.source_path("sizes.md"))
    context = PageContext(tree.language("cs"), "sizes.md", ())
    client = ChatClient(Address.parse(endpoint), timeout=60)
    said = []
    for segment in source.outline.segments:
        completion, usage = client.complete([{"role": "user", "content": segment.text}], 60)
        assert usage.sent == completion.sent
        said.append(completion.text)
        text = completion.text.strip()
        assert not text or check_segment(context, segment, text), text
    client.close()
    assert sum(bool(text.strip()) for text in said) > SEGMENTS // 2


def test_an_answer_that_reaches_the_context_is_cut_off(endpoint: str) -> None:
    translator = OpenAITranslator(Settings(Tree(Path("docs"), Path("translations")), endpoint=endpoint, timeout=60))
    long = "A block holds thirty-two weights. " * 200
    with pytest.raises(NotTranslated, match="maximum context length"):
        translator.translate(ask(long))
    translator.close()
