"""The static variant computes what the model does; its quantized form has whole numbers throughout."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edgedocs import converters, runners
from edgedocs.converters.qnn_static import static_model
from edgedocs.core.errors import BadInput
from edgedocs.tiny import held_out
from tests.reference.families import ENCODER, FAMILIES, Family

RANDOM = Path(__file__).parents[1] / "reference" / "llama-random"


def test_the_static_variant_gives_the_same_logits(tmp_path: Path) -> None:
    source = converters.convert(RANDOM, tmp_path / "onnx", to="onnx").path
    model = static_model(source / "model.onnx", 48, tmp_path)
    assert [one.name for one in model.graph.input] == ["input_ids"]
    assert not {"Attention", "RotaryEmbedding", "RMSNormalization", "CastLike", "Shape"} & {
        node.op_type for node in model.graph.node
    }
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    with np.load(RANDOM / "reference.npz") as recorded:
        tokens, wanted = recorded["tokens"][:48], recorded["logits"][:48]
    found = session.run(None, {"input_ids": tokens[np.newaxis]})[0][0]
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_a_family_s_static_variant_gives_its_logits(tmp_path: Path, family: Family) -> None:
    source = family.write(tmp_path / "source")
    tokens, places, wanted = family.recorded()
    try:
        artifact = converters.convert(source, tmp_path / "onnx", to="onnx")
    except BadInput as error:
        if "cannot be converted to ONNX yet" not in str(error):
            raise
        pytest.skip(error.what)
    model = static_model(artifact.path / "model.onnx", len(tokens), tmp_path)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"input_ids": np.array([tokens], np.int64)})[0][0][places]
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_matrices_are_multiplied_as_whole_numbers(tmp_path: Path) -> None:
    artifact = converters.convert("tiny", tmp_path / "m", to="qnn", length=32)
    assert (artifact.format, artifact.recipe) == ("qnn", "a16w8")
    model = onnx.load(artifact.path / "model.qdq.onnx")
    producers = {name: node.op_type for node in model.graph.node for name in node.output}
    products = [node for node in model.graph.node if node.op_type == "MatMul"]
    assert len(products) == 7 * 4 + 2 * 4 + 1
    for node in products:
        assert {producers[name] for name in node.input} == {"DequantizeLinear"}
    sizes = Counter[int]()
    for one in model.graph.initializer:
        sizes[one.data_type] += int(np.prod(one.dims))
    assert sizes[onnx.TensorProto.UINT8] > 4_000_000
    assert sizes[onnx.TensorProto.FLOAT] < 100_000
    assert artifact.manifest()["source"]["options"] == {"length": 32, "calibration": None}


def test_another_text_gives_other_ranges(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(held_out("cs")[:3000], encoding="utf-8")
    first = converters.convert(RANDOM, tmp_path / "a", to="qnn", length=16)
    second = converters.convert(RANDOM, tmp_path / "b", to="qnn", length=16, calibration=text)
    assert first.sha256 != second.sha256
    assert list(second.manifest()["source"]["options"]["calibration"]) == ["text.txt"]


@pytest.mark.parametrize("length", [0, 1, 513])
def test_a_length_that_cannot_be_is_refused(tmp_path: Path, length: int) -> None:
    with pytest.raises(BadInput, match=f"length is {length}; expected 2 to 512 tokens"):
        converters.convert("tiny", tmp_path / "m", to="qnn", length=length)
    assert list(tmp_path.iterdir()) == []


def test_encoders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="bert models are no decoders; expected a decoder"):
        converters.convert(ENCODER.write(tmp_path / "bert"), tmp_path / "m", to="qnn")
    assert not (tmp_path / "m").exists()


def test_a_text_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("")
    with pytest.raises(BadInput, match=r"text\.txt: the calibration text has 0 tokens; expected at least 64"):
        converters.convert("tiny", tmp_path / "m", to="qnn", calibration=tmp_path / "text.txt")


def test_no_other_runner_takes_it(tmp_path: Path) -> None:
    artifact = converters.convert(RANDOM, tmp_path / "m", to="qnn", length=8)
    assert [runner.name for runner in runners.registry if runner.accepts(artifact.path)] == ["qnn"]
