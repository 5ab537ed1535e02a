import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgedocs import converters, runners
from edgedocs.artifact import Artifact
from edgedocs.core.errors import BadInput
from edgedocs.runners import Runner
from tests.contract.runners import RunnerContract
from tests.requirements import require


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny-genai", to="ort-genai").path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    require("onnxruntime_genai")
    with runners.load(folder, backend="ort_genai", threads=1) as runner:
        assert runner.precision == {"compute": "float32", "key_value_cache": "float32"}
        yield runner


class TestOrtGenai(RunnerContract):
    """The kit, on an artifact that was converted before."""


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    require("onnxruntime_genai")
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def change(path: Path, **values: object) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["model"] |= values
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx", "model.onnx.data"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy, backend="ort_genai")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx", "genai_config.json"])
@pytest.mark.parametrize("content", [b"[1, 2, 3]", b"", b"\xff\xfe"])
def test_a_malformed_file_is_named(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy, backend="ort_genai")


def test_cut_off_weights_are_refused(copy: Path) -> None:
    os.truncate(copy / "model.onnx.data", 1_000_000)
    with pytest.raises(BadInput, match=r"(?s)refuses the model: .*out of bounds.*\nremedy: convert"):
        runners.load(copy, backend="ort_genai")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"vocab_size": 5000}, r"genai_config\.json: vocab_size is 5000; expected 4096, as in config\.json"),
        ({"context_length": "long"}, r"genai_config\.json: context_length is 'long'"),
        ({"type": "novelty"}, "onnxruntime-genai refuses the model: .*novelty"),
        ({"bogus": 1}, "onnxruntime-genai refuses the model: .*bogus"),
    ],
)
def test_a_lying_configuration_is_refused(copy: Path, values: dict[str, object], message: str) -> None:
    change(copy / "genai_config.json", **values)
    with pytest.raises(BadInput, match=message):
        runners.load(copy, backend="ort_genai")


def test_what_the_engine_itself_makes_of_text_and_messages(folder: Path) -> None:
    """Its own tokenizer, chat template and loop, as Foundry Local and others use them, agree with ours."""
    require("onnxruntime_genai")
    with runners.load(folder, backend="ort_genai", threads=1) as runner:
        import onnxruntime_genai

        model = onnxruntime_genai.Model(str(folder))
        tokenizer = onnxruntime_genai.Tokenizer(model)
        messages = [{"role": "user", "content": "How do I insert a table?"}]
        prompt = tokenizer.apply_chat_template(json.dumps(messages), add_generation_prompt=True)
        tokens = [int(token) for token in tokenizer.encode(prompt)]
        assert tokens == runner.tokenize(prompt)
        parameters = onnxruntime_genai.GeneratorParams(model)
        parameters.set_search_options(max_length=len(tokens) + 24)
        generator = onnxruntime_genai.Generator(model, parameters)
        generator.append_tokens(tokens)
        found: list[int] = []
        while not generator.is_done():
            generator.generate_next_token()
            found.append(int(generator.get_next_tokens()[0]))
        while found and found[-1] in runner.end_tokens:
            found.pop()
        assert runner.detokenize(found) == runner.chat(messages, max_tokens=24)
        assert len(found) > 5


def test_onnx_runtime_runs_the_folder_too(folder: Path) -> None:
    assert Artifact.describe(folder).format == "ort_genai"
    with runners.load(folder) as runner:
        assert runner.name == "onnxruntime"


def test_it_prints_nothing_and_its_telemetry_is_off() -> None:
    require("onnxruntime_genai")
    script = (
        "import os\nfrom edgedocs import runners\n"
        "with runners.load('tiny', backend='ort_genai') as runner:\n    runner.generate('The', max_tokens=2)\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
