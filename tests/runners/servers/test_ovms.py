"""The runner ``ovms`` against a loopback server that speaks what OpenVINO Model Server publishes: not the real one."""

from collections.abc import Iterator

import pytest

from edgedocs import runners
from edgedocs.runners import Runner
from edgedocs.runners.ovms import RUNNER
from tests.contract.remote_runners import RemoteRunnerContract, assert_is_a_vector
from tests.requirements import require
from tests.runners.servers.protocol_servers import OVMSHandler, serving


@pytest.fixture(scope="module")
def runner(behind: Runner) -> Iterator[Runner]:
    require("openai")
    with serving(OVMSHandler, behind) as (root, _), RUNNER.load(f"{root}/v3") as runner:
        yield runner


class TestOVMSContract(RemoteRunnerContract):
    """The kit, against a contract server."""

    detokenizes = False


def test_it_embeds(runner: Runner) -> None:
    assert_is_a_vector(runner.embed("text"))


def test_the_path_may_be_left_out_and_the_server_recognized(runner: Runner) -> None:
    with runners.load(runner.address.root) as other:
        assert (other.name, other.model, other.address) == ("ovms", "tiny", runner.address)
