import hashlib
import json
from pathlib import Path

import pytest

from edgedocs import converters
from edgedocs.core.errors import BadInput
from edgedocs.measurement import measure
from edgedocs.tiny import FOLDER
from tests.requirements import require

TEXT = FOLDER / "heldout" / "en.txt"


def test_a_checkpoint_is_measured() -> None:
    found = measure("tiny", TEXT, windows=2, threads=1)
    assert json.loads(json.dumps(found)) == found
    assert found["backend"] == "onnxruntime"
    assert found["precision"] == {"compute": "float32", "key_value_cache": "float32"}
    assert found["perplexity_low"] <= found["perplexity"] <= found["perplexity_high"]
    assert (found["tokens"], found["windows"], found["context"]) == (2 * 511, 2, 512)
    assert found["bits_per_weight"] == 16
    assert found["size_bytes"] == (FOLDER / "model.safetensors").stat().st_size
    assert found["types"] == {"BF16": 4196608}
    assert found["text_sha256"] == hashlib.sha256(TEXT.read_bytes()).hexdigest()
    assert set(found["provenance"]["versions"]) == {"edgedocs", "numpy", "onnxruntime"}


def test_an_onnx_folder_is_measured(tmp_path: Path) -> None:
    artifact = converters.convert("tiny", tmp_path / "tiny", to="onnx")
    found = measure(artifact, "Click the button to open the dialog.", threads=1)
    assert (found["format"], found["bits_per_weight"]) == ("onnx", 32)
    assert found["size_bytes"] == sum(path.stat().st_size for path in artifact.path.iterdir())
    assert found["perplexity_low"] is found["perplexity_high"] is None


def test_a_gguf_file_is_measured(tmp_path: Path) -> None:
    require("llama_cpp")
    artifact = converters.convert("tiny", tmp_path / "tiny.gguf", type="q8_0")
    found = measure(str(artifact.path), TEXT, windows=2, kv_cache="f32", threads=1)
    assert (found["model"], found["format"], found["backend"]) == ("tiny.gguf", "gguf", "llama_cpp")
    assert found["precision"] == {"compute": "int8", "key_value_cache": "float32"}
    assert found["size_bytes"] == artifact.path.stat().st_size
    # 2,304 weights of norms in float32, the other 4,194,304 in blocks of 34 bytes for 32.
    assert found["types"] == {"Q8_0": 4194304, "F32": 2304}
    assert found["bits_per_weight"] == pytest.approx((4194304 * 8.5 + 2304 * 32) / 4196608, rel=1e-12)
    assert found["perplexity"] == pytest.approx(measure("tiny", TEXT, windows=2, threads=1)["perplexity"], rel=0.02)
    assert set(found["provenance"]["versions"]) == {"edgedocs", "numpy", "llama-cpp-python"}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such model"):
        measure("nowhere", "text")
    with pytest.raises(BadInput, match=r"no\.txt: no such file"):
        measure("tiny", tmp_path / "no.txt")
