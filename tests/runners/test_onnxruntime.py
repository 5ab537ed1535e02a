import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edgedocs import converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import Runner
from tests.contract.runners import RunnerContract
from tests.reference.families import ENCODER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny-onnx", to="onnx").path


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Runner]:
    with runners.load(folder, threads=1) as runner:
        assert runner.precision == {"compute": "float32", "key_value_cache": "float32"}
        yield runner


class TestOnnxRuntime(RunnerContract):
    """The kit, on an artifact that was converted before."""


def test_the_base_install_has_all_it_needs() -> None:
    assert runners.registry.get("onnxruntime").requires == ()
    assert runners.registry.get("onnxruntime").available().ok


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx.data"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_malformed_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"[1, 2, 3]")
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        runners.load(copy)


def test_cut_off_weights_are_refused(copy: Path) -> None:
    os.truncate(copy / "model.onnx.data", 1_000_000)
    with pytest.raises(BadInput, match="ONNX Runtime refuses the model"):
        runners.load(copy)


def test_a_model_without_a_cache_is_refused(copy: Path) -> None:
    from onnx import TensorProto, helper, save

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])
    out = helper.make_tensor_value_info("logits", TensorProto.INT64, ["batch", "length"])
    graph = helper.make_graph([helper.make_node("Identity", ["input_ids"], ["logits"])], "none", [ids], [out])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11), copy / "model.onnx")
    with pytest.raises(BadInput, match="expected attention_mask, input_ids, position_ids and a key-value cache"):
        runners.load(copy)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("vocab_size", 5000, r"logits of shape \[1, 1, 4096\]"),
        ("vocab_size", "many", "vocab_size is 'many'"),
        ("max_position_embeddings", 0, "max_position_embeddings is 0"),
    ],
)
def test_a_lying_configuration_is_refused(copy: Path, setting: str, value: object, message: str) -> None:
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {setting: value}), encoding="utf-8")
    with pytest.raises(BadInput, match=message), runners.load(copy) as runner:
        runner.logits([1])


def test_a_context_beyond_the_rotary_tables_cannot_run(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 600}), encoding="utf-8")
    with runners.load(copy) as runner, pytest.raises(CannotRun, match="ONNX Runtime fails"):
        runner.logits([1] * 600)


def test_special_tokens_may_be_objects(copy: Path) -> None:
    settings = {"bos_token": {"content": "<s>"}, "eos_token": {"no": "content"}, "pad_token": None}
    (copy / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (copy / "generation_config.json").write_text(json.dumps({"eos_token_id": [3, None, "x"]}), encoding="utf-8")
    with runners.load(copy) as runner:
        assert runner.special_texts == {"bos_token": "<s>"}
        assert runner.end_tokens == {3}
        with pytest.raises(BadInput, match="no chat template"):
            runner.chat([{"role": "user", "content": "x"}])


def test_one_end_token_may_stand_alone(copy: Path) -> None:
    (copy / "generation_config.json").write_text(json.dumps({"eos_token_id": 7}))
    with runners.load(copy) as runner:
        assert runner.end_tokens == {7}


def test_its_telemetry_is_off_and_it_prints_nothing() -> None:
    script = (
        "import os\nfrom edgedocs import runners\n"
        "with runners.load('tiny') as runner:\n    runner.generate('The', max_tokens=2)\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    return converters.convert(ENCODER.write(folder / "bert"), folder / "onnx", to="onnx").path


def vectors(folder: Path, tokens: list[int]) -> np.ndarray:
    """What the model itself gives for each token."""
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    given = np.array([tokens])
    fed = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
    return np.asarray(session.run(None, fed)[0][0])


def test_an_encoder_embeds_and_predicts_nothing(encoder: Path) -> None:
    with runners.load(encoder, threads=1) as runner:
        mean = vectors(encoder, runner.tokenize("two words")).mean(axis=0)
        np.testing.assert_allclose(runner.embed("two words"), mean / np.linalg.norm(mean), atol=1e-6)
        assert runner.precision == {"compute": "float32"}
        with pytest.raises(BadInput, match="the model gives embeddings: there is no next token"):
            runner.generate("two words")
        with pytest.raises(BadInput, match="expected 1 to 160, the context length"):
            runner.embed("many words " * 200)
        with pytest.raises(BadInput, match="0 tokens"):
            runner.embed("")


def test_a_decoder_gives_no_embeddings(runner: Runner) -> None:
    with pytest.raises(BadInput, match="predicts tokens and gives no embeddings"):
        runner.embed("two words")


@pytest.mark.parametrize(("switch", "place"), [("pooling_mode_cls_token", 0), ("pooling_mode_lasttoken", -1)])
def test_the_checkpoint_says_how_a_vector_is_made(tmp_path: Path, switch: str, place: int) -> None:
    folder = ENCODER.write(tmp_path / "bert")
    modules = [
        {"type": "sentence_transformers.models.Transformer", "path": ""},
        {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({switch: True}), encoding="utf-8")
    artifact = converters.convert(folder, tmp_path / "onnx", to="onnx")
    assert "modules.json" in artifact.manifest()["source"]["files"]
    with runners.load(artifact, threads=1) as runner:
        row = vectors(artifact.path, runner.tokenize("two words"))[place]
        np.testing.assert_allclose(runner.embed("two words"), row / np.linalg.norm(row), atol=1e-6)


def test_a_tokenizer_that_fills_or_cuts_texts_is_made_not_to(copy: Path) -> None:
    settings = json.loads((copy / "tokenizer.json").read_text(encoding="utf-8"))
    length = {"Fixed": 64}
    padding = {
        "strategy": length,
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "<|endoftext|>",
    }
    truncation = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
    (copy / "tokenizer.json").write_text(json.dumps(settings | {"padding": padding, "truncation": truncation}))
    with runners.load(copy) as runner, runners.load("tiny") as plain:
        assert runner.tokenize("To insert a table, choose") == plain.tokenize("To insert a table, choose")
