"""The runner ``llama_server`` against llama-cpp-python's server, which it starts itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.llama_server import LlamaServer
from edgedocs.tiny import held_out
from tests.contract.remote_runners import RemoteRunnerContract
from tests.requirements import require


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("openai", "llama_cpp", "fastapi"):
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny.gguf", type="f32").path


@pytest.fixture(scope="module")
def runner(file: Path) -> Iterator[Runner]:
    with runners.load(file, backend="llama_server") as runner:
        yield runner


class TestLlamaServer(RemoteRunnerContract):
    """The kit, against the real server."""

    def test_it_is_registered_under_its_name(self, runner: Runner) -> None:
        assert runners.registry.get("llama_server") is type(runner)
        assert LlamaServer.available().ok


def test_greedy_text_is_that_of_llama_cpp_in_this_process(runner: Runner, file: Path) -> None:
    with runners.load(file, backend="llama_cpp", threads=1) as other:
        for prompt in ("The", "To insert a table, choose", "Pokud chcete"):
            assert runner.generate(prompt, max_tokens=40) == other.generate(prompt, max_tokens=40)


def test_what_the_server_does_not_tell_the_file_does(runner: LlamaServer) -> None:
    assert (runner.vocabulary, runner.context_length) == (4096, 512)
    assert runner.special_texts["bos_token"] == "<|endoftext|>"


def test_an_empty_prompt_starts_from_the_start_token(runner: LlamaServer, computed: Runner) -> None:
    text = computed.generate("", max_tokens=5)
    assert text.startswith("<|user|>")  # the server leaves special tokens out
    assert runner.generate("", max_tokens=5) == text.removeprefix("<|user|>")
    with LlamaServer.load(str(runner.address)) as other, pytest.raises(BadInput, match="an empty prompt"):
        other.generate("")


def test_prompt_and_answer_must_fit_the_context(runner: LlamaServer) -> None:
    prompt = held_out("en")[:6000]
    with pytest.raises(BadInput, match=r"exceed the context; expected at most 512 tokens together"):
        runner.generate(prompt, max_tokens=1)
    with pytest.raises(BadInput, match=r"ask for at most \d+ tokens"):
        runner.generate("The", max_tokens=600, stream=True)
    with pytest.raises(BadInput, match="exceed the context"):
        runner.chat([{"role": "user", "content": prompt}], max_tokens=1)
    with LlamaServer.load(str(runner.address)) as other:
        with pytest.raises(CannotRun, match=r"broke off.*\nremedy: see the server's log; .* exceed their context"):
            other.generate(prompt, max_tokens=1)
        assert other.generate("The", max_tokens=1)


def test_tokens_that_cannot_be_are_refused(runner: LlamaServer) -> None:
    with pytest.raises(BadInput, match="token 4096 at place 1 is not in the vocabulary"):
        runner.detokenize([5, 4096])  # llama.cpp would end the server's process


def test_an_embedding_that_the_server_refuses_is_told(runner: Runner) -> None:
    with pytest.raises(CannotRun, match=r"status 500: .*embedding"):
        runner.embed("text")


def test_its_process_ends_with_it(file: Path) -> None:
    with runners.load(file, backend="llama_server") as other:
        address = str(other.address)
        assert other.path == file
    with pytest.raises(CannotRun, match="no server answers"):
        LlamaServer.load(address)


def test_the_server_is_recognized(runner: LlamaServer) -> None:
    with runners.load(runner.address.root) as other:
        assert (other.name, other.model) == ("llama_server", "tiny.gguf")


def test_a_checkpoint_is_converted_and_other_files_are_refused(tmp_path: Path, file: Path) -> None:
    with runners.load("tiny", backend="llama_server") as other:
        converted = other.path
        assert other.generate("The", max_tokens=2)
    assert not converted.exists()
    with pytest.raises(BadInput, match="does not load this"):
        runners.load(__file__, backend="llama_server")
    with pytest.raises(BadInput, match="no such model"):
        runners.load("nowhere", backend="llama_server")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(file.read_bytes().replace(b"blk.3.ffn_up.weight", b"blk.3.ffn_xx.weight"))
    with pytest.raises(CannotRun, match="the server does not start"):
        runners.load(bad, backend="llama_server")
