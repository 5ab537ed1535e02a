import json
from pathlib import Path

import onnx
import pytest

from edgedocs import converters
from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import text
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.gguf_writer import write_gguf
from edgedocs.core.errors import BadInput
from edgedocs.inspection import inspect
from tests.reference_folder import change_json, copy_of_reference
from tests.requirements import require


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return converters.convert("tiny", tmp_path / "onnx", to="onnx").path


@pytest.mark.parametrize("name", ["M.GGUF", "blob"])
def test_gguf_is_known_by_its_first_bytes_or_its_name(tmp_path: Path, name: str) -> None:
    path = converters.convert("tiny", tmp_path / "m.gguf", type="q4_0").path.rename(tmp_path / name)
    found = inspect(path)
    assert found.format == "gguf"
    assert found.by_type()[0][:2] == ("Q4_0", 28)
    assert Artifact.describe(path).format == "gguf"


def test_tiny_is_the_shipped_model_whatever_lies_here(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rename(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    assert inspect("tiny").format == "checkpoint"
    assert inspect("./tiny").format == "onnx"


def test_an_onnx_folder_without_a_usable_configuration(folder: Path) -> None:
    (folder / "config.json").write_text("[]", encoding="utf-8")
    assert inspect(folder).architecture == "unknown"


def test_an_onnx_folder_whose_weights_are_cut_off(folder: Path) -> None:
    data = folder / "model.onnx.data"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(BadInput, match=r"model\.onnx\.data: tensor '.+' is not whole; expected \d+ bytes from byte"):
        inspect(folder)
    data.unlink()
    with pytest.raises(BadInput, match="is not whole"):
        inspect(folder)


def test_an_onnx_weight_of_an_unknown_type(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    model.graph.initializer[0].data_type = 99
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(BadInput, match="has the unknown type 99"):
        inspect(folder)


def test_a_model_without_weights(tmp_path: Path) -> None:
    write_gguf(tmp_path / "vocabulary.gguf", {"general.architecture": text("llama")}, [])
    with pytest.raises(BadInput, match=r"vocabulary\.gguf: holds no weights"):
        inspect(tmp_path / "vocabulary.gguf")
    (tmp_path / "model.onnx").touch()
    with pytest.raises(BadInput, match="holds no weights"):
        inspect(tmp_path)


@pytest.mark.parametrize("name", ["missing.gguf", "missing"])
def test_what_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no such"):
        inspect(tmp_path / name)


def test_a_folder_called_gguf_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").mkdir()
    with pytest.raises(BadInput, match="not a checkpoint folder"):
        inspect(tmp_path / "x.gguf")


def test_files_alone(folder: Path, tmp_path: Path) -> None:
    alone = inspect(Checkpoint.open("tiny").path / "model.safetensors")
    assert (alone.format, len(alone.tensors), alone.runners) == ("safetensors", 38, ())
    assert alone.bits_per_weight == 16
    graph = (folder / "model.onnx").rename(folder / "graph.onnx")
    found = inspect(graph)
    assert (found.format, found.path, found.runners) == ("onnx", graph, ())
    assert len(found.tensors) == 38


def test_tokenizer_template_and_files(folder: Path, tmp_path: Path) -> None:
    template = Checkpoint.open("tiny").chat_template
    assert template is not None
    for found in (inspect("tiny"), inspect(folder)):
        assert (found.tokenizer, found.chat_template, found.files) == ("BPE, 4,096 tokens", template, 1)
    path = converters.convert("tiny", tmp_path / "m.gguf", type="q8_0", split=SplitLimit(tensors=20)).path
    found = inspect(path)
    assert (found.tokenizer, found.chat_template, found.files) == ("gpt2 (gpt-2), 4,096 tokens", template, 2)
    assert found.summary()["chat template"] == f"{len(template):,} characters"
    plain = inspect(copy_of_reference(tmp_path)).summary()
    assert plain["chat template"] == "none"


def test_a_checkpoint_that_cannot_be_converted_is_shown_all_the_same(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    change_json(folder / "config.json", lambda config: config.update(model_type="mamba"))
    found = inspect(folder)
    assert (found.architecture, found.runners, len(found.tensors)) == ("mamba", (), 30)
    assert "unknown model_type 'mamba'" in str(found.summary()["note"])


def test_it_is_json(folder: Path) -> None:
    found = inspect(folder).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["runners"] == ["onnxruntime"]


@pytest.mark.parametrize(("kind", "type_name", "bits"), [("int8", "UINT8", 8), ("nbits4", "NBITS4", 4)])
def test_what_belongs_to_a_quantized_onnx_weight_counts_as_its_bytes(
    tmp_path: Path, kind: str, type_name: str, bits: int
) -> None:
    reference = Path(__file__).parent / "reference" / "llama-random"
    found = inspect(converters.convert(reference, tmp_path / kind, to="onnx", type=kind).path)
    whole = inspect(reference)
    assert found.weights == whole.weights
    tensors = {one.name: one for one in found.tensors}
    assert tensors.keys() == {one.name for one in whole.tensors}
    one = tensors["model.layers.0.self_attn.q_proj.weight"]
    rows, columns = Checkpoint.open(reference).tensors[one.name].shape
    scales = rows if kind == "int8" else rows * columns // 32
    assert one.type == type_name
    assert one.size_bytes == rows * columns * bits // 8 + 4 * scales


def test_a_tied_embedding_is_one_weight_however_it_is_stored(tmp_path: Path) -> None:
    found = inspect(converters.convert("tiny", tmp_path / "tiny", to="onnx", type="nbits4").path)
    assert found.weights == inspect("tiny").weights
    assert 4.5 < found.bits_per_weight < 5.1


@pytest.mark.parametrize(
    ("to", "kind", "package", "least", "most"),
    [
        ("openvino", "int8", "nncf", 8, 8.5),
        ("openvino", "int4", "nncf", 4.5, 5.5),
        ("mlx", "4bit", None, 4.5, 4.51),
        ("mlx", "mxfp4", None, 4.25, 4.26),
        ("mlx", "bf16", None, 16, 16),
        ("qnn", None, "onnxruntime_qnn", 8, 20),
    ],
)
def test_folders_of_other_engines_hold_the_weights_of_the_checkpoint(
    tmp_path: Path, to: str, kind: str | None, package: str | None, least: float, most: float
) -> None:
    if package is not None:
        require(package)
    found = inspect(converters.convert("tiny", tmp_path / "out", to=to, type=kind).path)
    assert (found.format, found.architecture) == (to, "llama")
    assert found.weights == inspect("tiny").weights
    assert least <= found.bits_per_weight <= most
    assert to in found.runners
    assert found.tokenizer == inspect("tiny").tokenizer
    files = [path for path in found.path.rglob("*") if path.suffix in (".bin", ".safetensors", ".onnx")]
    assert 0 < found.tensor_bytes <= sum(path.stat().st_size for path in files)


def test_an_openvino_folder_that_is_damaged(tmp_path: Path) -> None:
    require("openvino")
    path = converters.convert("tiny", tmp_path / "out", to="openvino", type="f16").path
    data, graph = path / "openvino_model.bin", path / "openvino_model.xml"
    whole = data.read_bytes()
    data.write_bytes(whole[:1000])
    with pytest.raises(BadInput, match=r"openvino_model\.bin: tensor '.+' is not whole"):
        inspect(path)
    data.write_bytes(whole)
    for damaged in (graph.read_bytes()[:5000], b"", b'<net><layer type="Const" name="a"/></net>'):
        graph.write_bytes(damaged)
        with pytest.raises(BadInput, match=r"openvino_model\.xml: no OpenVINO model"):
            inspect(path)


def test_an_mlx_folder_that_does_not_say_how_it_is_packed(tmp_path: Path) -> None:
    path = converters.convert("tiny", tmp_path / "out", to="mlx", type="4bit").path
    for settings in ({}, {"bits": 99, "group_size": 64}, {"bits": "4"}, [4]):
        change_json(path / "config.json", lambda one, given=settings: one.update(quantization=given))
        with pytest.raises(BadInput, match="is packed, and nothing says with how many bits"):
            inspect(path)
