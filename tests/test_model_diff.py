import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from edgedocs import converters, model_diff
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, text
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import BadInput
from edgedocs.model_diff import diff
from tests.oracles import ggml
from tests.reference_folder import REFERENCE, change_json, copy_of_reference


@pytest.fixture(scope="module")
def f32(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert(REFERENCE, tmp_path_factory.mktemp("diff") / "f32.gguf", type="f32").path


@pytest.fixture(scope="module")
def q4_0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert(REFERENCE, tmp_path_factory.mktemp("diff") / "q4_0.gguf", type="q4_0").path


def test_a_checkpoint_and_its_conversion_are_identical(f32: Path) -> None:
    """Names are mapped and rows reordered, or the attention would differ."""
    for found in (diff(REFERENCE, f32), diff(f32, REFERENCE)):
        assert len(found.tensors) == 30
        assert all(one.sqnr == math.inf and one.max_error == 0 for one in found.tensors)
        assert found.findings() == []
        assert (found.missing, found.extra, found.reshaped, found.changed) == ((), (), {}, {})
    assert diff(REFERENCE, f32).added == ("general.file_type",)


def test_errors_are_those_that_ggml_makes(f32: Path, q4_0: Path) -> None:
    ggml.require()
    found = {one.name: one for one in diff(f32, q4_0).tensors}
    name = "blk.1.ffn_up.weight"
    exact = GGUFFile.open(f32).tensors[name]
    stored = GGUFFile.open(q4_0).tensors[name]
    weights = exact.data.view(np.float32).astype(np.float64)
    noise = weights - ggml.dequantize("Q4_0", stored.data)
    assert found[name].types == ("F32", "Q4_0")
    assert found[name].max_error == pytest.approx(np.abs(noise).max(), rel=1e-6)
    assert found[name].relative_error == pytest.approx(np.abs(noise).max() / np.abs(weights).max(), rel=1e-6)
    assert found[name].sqnr == pytest.approx(10 * np.log10((weights**2).sum() / (noise**2).sum()), rel=1e-6)


def test_the_worst_comes_first_and_bounds_are_kept(f32: Path, q4_0: Path) -> None:
    found = diff(f32, q4_0)
    ratios = [one.sqnr for one in found.tensors]
    assert ratios == sorted(ratios)
    assert found.findings() == []
    worst = found.tensors[0]
    assert found.findings(min_sqnr=worst.sqnr) == []
    assert found.findings(min_sqnr=worst.sqnr + 0.001)[0].startswith(f"tensor {worst.name} has")
    largest = max(one.relative_error for one in found.tensors)
    assert found.findings(max_error=largest) == []
    assert len(found.findings(max_error=largest * 0.9999)) == 1


def test_rows_are_read_piece_by_piece(f32: Path, q4_0: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = diff(f32, q4_0).tensors
    monkeypatch.setattr(model_diff, "WEIGHTS_AT_A_TIME", 1000)
    for one, other in zip(whole, diff(f32, q4_0).tensors, strict=True):
        assert (one.name, one.max_error, one.relative_error) == (other.name, other.max_error, other.relative_error)
        assert one.sqnr == pytest.approx(other.sqnr, rel=1e-12)


def test_checkpoints_are_compared_under_their_own_names(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    tensors["extra"] = np.ones(3, np.float32)
    tensors["model.norm.weight"] = np.ones(65, np.float32)
    tensors["lm_head.weight"] = -tensors["lm_head.weight"]
    del tensors["model.layers.0.input_layernorm.weight"]
    tensors["model.layers.1.input_layernorm.weight"][0] = np.nan
    safetensors.numpy.save_file(tensors, folder / "model.safetensors")
    change_json(folder / "config.json", lambda config: config.update(vocab_size=7, added=1))
    found = diff(REFERENCE, folder)
    assert (found.missing, found.extra) == (("model.layers.0.input_layernorm.weight",), ("extra",))
    assert found.reshaped == {"model.norm.weight": ((64,), (65,))}
    assert found.added == ("added",)
    assert found.changed["vocab_size"][1] == 7
    first, second = found.tensors[:2]
    assert math.isnan(first.sqnr)
    assert (second.name, second.sqnr) == ("lm_head.weight", pytest.approx(-20 * np.log10(2)))
    assert len(found.findings()) == 5
    alone = diff(REFERENCE / "model.safetensors", folder / "model.safetensors")
    assert [one.name for one in alone.tensors] == [one.name for one in found.tensors]
    assert json.loads(json.dumps(found.as_dict()))["tensors"][0]["sqnr_db"] is None


def rewritten(source: Path, target: Path, fields: dict[str, Field]) -> Path:
    file = GGUFFile.open(source)
    planned = [PlannedTensor(one.name, one.type, one.shape, lambda one=one: one.data) for one in file.tensors.values()]
    write_gguf(target, file.fields | fields, planned)
    return target


def test_what_differs_in_tokenizer_and_metadata_is_told(f32: Path, tmp_path: Path) -> None:
    tokens = list(GGUFFile.open(f32).metadata["tokenizer.ggml.tokens"])
    tokens[5], tokens[9] = "five", "nine"
    other = rewritten(f32, tmp_path / "m.gguf", {"tokenizer.ggml.tokens": text(tokens), "note": text("x" * 100)})
    found = diff(f32, other)
    before, after = found.changed["tokenizer.ggml.tokens"]
    assert after == f"{len(tokens)} values, 2 differ: [5] 'five', [9] 'nine'"
    assert before.startswith(f"{len(tokens)} values, 2 differ: [5] ")
    assert found.added == ("note",)
    assert diff(other, f32).lost == ("note",)
    assert found.findings() == []


def test_a_model_in_parts_is_one(f32: Path, tmp_path: Path) -> None:
    split = converters.convert(REFERENCE, tmp_path / "m.gguf", type="f32", split=SplitLimit(tensors=10))
    found = diff(f32, split.path)
    assert (len(found.tensors), found.findings(min_sqnr=math.inf), found.changed) == (30, [], {})


def test_zeros_against_zeros_and_against_something(tmp_path: Path) -> None:
    for name, value in (("a", 0), ("b", 1)):
        tensors = {
            "x": np.full(4, value, np.float32),
            "y": np.zeros((0, 3), np.float32),
            "z": np.array(2, np.float32),
        }
        safetensors.numpy.save_file(tensors, tmp_path / f"{name}.safetensors")
    same, other = diff(*[tmp_path / "a.safetensors"] * 2), diff(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    assert [one.sqnr for one in same.tensors] == [math.inf] * 3
    assert other.tensors[0].sqnr == -math.inf
    assert other.findings() == ["tensor x has -inf dB, less than 0"]


def test_models_without_anything_in_common(tmp_path: Path, f32: Path) -> None:
    safetensors.numpy.save_file({"x": np.zeros(1, np.float32)}, tmp_path / "m.safetensors")
    with pytest.raises(BadInput, match="no tensor in common"):
        diff(tmp_path / "m.safetensors", f32)
    with pytest.raises(BadInput, match="no such checkpoint"):
        diff("tiny", tmp_path / "nothing")
    shutil.copyfile(f32, tmp_path / "cut.gguf")
    with (tmp_path / "cut.gguf").open("rb+") as stream:
        stream.truncate(10**5)
    with pytest.raises(BadInput, match=r"cut\.gguf"):
        diff(f32, tmp_path / "cut.gguf")


def test_progress_counts_all_weights(f32: Path) -> None:
    seen: list[tuple[int, int]] = []
    diff(f32, f32, lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 100_000
    assert len(seen) == 30
