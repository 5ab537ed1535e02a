import hashlib
import json
from pathlib import Path

import pytest

from edgedocs.artifact import Artifact, source_of
from edgedocs.core.errors import BadInput


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF...")
    return path


def test_a_file_is_described_by_what_it_holds(gguf: Path) -> None:
    artifact = Artifact.describe(gguf)
    assert artifact == Artifact(gguf, "gguf", hashlib.sha256(b"GGUF...").hexdigest(), None, 7)


def test_a_recorded_artifact_is_recognized(gguf: Path) -> None:
    written = Artifact.record(gguf, "q4_0", source_of(gguf), ("numpy",))
    assert written.manifest_path == gguf.with_name("model.gguf.manifest.json")
    assert Artifact.describe(gguf) == written
    manifest = written.manifest()
    assert manifest["recipe"] == "q4_0"
    assert manifest["source"] == {"files": {"model.gguf": written.sha256}}
    assert {"edgedocs", "numpy"} <= manifest["provenance"]["versions"].keys()
    assert "path" not in manifest, "a manifest must not hold where its maker's folders are"


def test_a_manifest_of_other_bytes_is_not_believed(gguf: Path) -> None:
    Artifact.record(gguf, "q4_0", {})
    gguf.write_bytes(b"GGUF, changed")
    found = Artifact.describe(gguf)
    assert found.recipe is None
    assert found.manifest() == {}


@pytest.mark.parametrize("manifest", [b"[]", b'{"sha256": 1}'])
def test_a_manifest_that_is_none_is_not_believed(gguf: Path, manifest: bytes) -> None:
    gguf.with_name("model.gguf.manifest.json").write_bytes(manifest)
    assert Artifact.describe(gguf).recipe is None


def test_a_folder_is_hashed_over_names_and_contents(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"graph")
    (folder / "sub" / "data").write_bytes(b"weights")
    lines = [
        f"model.onnx\0{hashlib.sha256(b'graph').hexdigest()}\n",
        f"sub/data\0{hashlib.sha256(b'weights').hexdigest()}\n",
    ]
    artifact = Artifact.describe(folder)
    assert artifact.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (artifact.format, artifact.size_bytes) == ("onnx", 12)
    assert Artifact.record(folder, "f32", {}).manifest_path == tmp_path / "model.manifest.json"
    assert json.loads((tmp_path / "model.manifest.json").read_text(encoding="utf-8"))["size_bytes"] == 12


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(BadInput, match="no converted model here"):
            Artifact.describe(path)
