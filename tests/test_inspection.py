import json
from pathlib import Path

import onnx
import pytest

from edgedocs import converters
from edgedocs.artifact import Artifact
from edgedocs.containers.gguf_fields import text
from edgedocs.containers.gguf_writer import write_gguf
from edgedocs.core.errors import BadInput
from edgedocs.inspection import inspect


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


def test_it_is_json(folder: Path) -> None:
    found = inspect(folder).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["runners"] == ["onnxruntime"]
