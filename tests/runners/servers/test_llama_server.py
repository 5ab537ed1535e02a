"""The runner ``llama_server`` against llama-cpp-python's server, which it starts itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from edgedocs.runners.llama_server import LlamaServer
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
