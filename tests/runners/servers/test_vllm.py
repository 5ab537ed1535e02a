"""The runner ``vllm`` against a loopback server that speaks the protocol that vLLM publishes, which is not vLLM; and
against a real one, which ``make test-vllm`` starts."""

import os
from collections.abc import Iterator

import pytest

from edgedocs import runners
from edgedocs.runners import Runner
from edgedocs.runners.vllm import RUNNER
from tests.contract.remote_runners import RemoteRunnerContract, assert_is_a_vector
from tests.requirements import require
from tests.runners.servers.protocol_servers import VLLMHandler, serving


@pytest.fixture(scope="module")
def runner(behind: Runner) -> Iterator[Runner]:
    require("openai")
    with serving(VLLMHandler, behind) as (root, _), RUNNER.load(f"{root}/v1") as runner:
        yield runner


REAL = "EDGEDOCS_VLLM_ADDRESS"


class TestVLLMContract(RemoteRunnerContract):
    """The kit, against a contract server."""


def test_the_server_tells_its_context(runner: Runner) -> None:
    assert runner.context_length == 512


def test_it_embeds(runner: Runner) -> None:
    vector = runner.embed("text")
    assert_is_a_vector(vector)
    assert vector.tolist() == [0.5, -0.25]


def test_the_path_may_be_left_out_and_the_server_recognized(runner: Runner) -> None:
    for address in (runner.address.root, str(runner.address)):
        with runners.load(address) as other:
            assert (other.name, other.model, other.address) == ("vllm", "tiny", runner.address)


@pytest.mark.skipif(not os.environ.get(REAL), reason=f"no vLLM server in {REAL}; `make test-vllm` starts one")
class TestRealVLLM(RemoteRunnerContract):
    """The kit, against the server at the address in the variable, which has ``tiny`` in float32 under that name."""

    @pytest.fixture(scope="class")
    @classmethod
    def runner(cls) -> Iterator[Runner]:
        require("openai")
        with RUNNER.load(os.environ[REAL]) as runner:
            yield runner

    def test_the_server_is_recognized_and_tells_its_context(self, runner: Runner) -> None:
        with runners.load(os.environ[REAL]) as other:
            assert (other.name, other.model, other.context_length) == ("vllm", "tiny", 512)
