"""The runner ``ollama``: the official client against a loopback server that speaks the protocol that Ollama publishes,
which is not Ollama, and against a real one where ``OLLAMA_HOST`` answers."""

import os
from collections.abc import Iterator

import pytest

from edgedocs import runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.ollama import Ollama
from tests.contract.remote_runners import RemoteRunnerContract, assert_is_a_vector
from tests.requirements import require
from tests.runners.servers.protocol_servers import OllamaHandler, serving


@pytest.fixture(scope="module")
def runner(behind: Runner) -> Iterator[Runner]:
    require("ollama")
    with serving(OllamaHandler, behind) as (root, _), Ollama.load(root) as runner:
        yield runner


class TestOllamaContract(RemoteRunnerContract):
    """The kit, against a contract server."""

    tokenizes = detokenizes = False


def test_it_embeds(runner: Runner) -> None:
    assert_is_a_vector(runner.embed("text"))


def test_a_model_may_be_named_alone(runner: Ollama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", f"0.0.0.0:{runner.address.port}")
    assert Ollama.available().ok
    for name in ("tiny", "tiny:latest"):
        with runners.load(name, backend="ollama") as other:
            assert (other.model, other.address) == ("tiny:latest", runner.address)


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        (":8000", "http://127.0.0.1:8000"),
        ("https://host/path", "https://host/path"),
    ],
)
def test_the_variable_is_read_as_ollama_reads_it(variable: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", variable)
    assert Ollama._usual_address() == address


def test_a_variable_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    require("ollama")
    monkeypatch.setenv("OLLAMA_HOST", "a b c")
    state = Ollama.available()
    assert not state.ok
    assert state.reason == "the usual address is wrong: no address of a server"
    with pytest.raises(BadInput, match="no address of a server"):
        runners.load("tiny", backend="ollama")


def test_a_real_server_continues_a_text() -> None:
    require("ollama")
    if not os.environ.get("OLLAMA_HOST") or not Ollama.available().ok:
        pytest.skip("no Ollama server answers at OLLAMA_HOST")
    try:
        runner = Ollama.load(Ollama._usual_address(), model=os.environ.get("EDGEDOCS_OLLAMA_MODEL"))
    except BadInput as several:
        pytest.skip(f"name a model of the server in EDGEDOCS_OLLAMA_MODEL: {several}")
    with runner:
        texts = [runner.generate("The capital of France is", max_tokens=8, seed=1) for _ in range(2)]
        assert texts[0] == texts[1] != ""
        with pytest.raises(CannotRun):
            runner.logits([1])
