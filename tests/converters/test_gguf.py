import hashlib
import itertools
import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from edgedocs import converters, runners
from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, text, uint32
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.containers.mapping import Bytes
from edgedocs.converters.gguf import quantize
from edgedocs.converters.gguf_checkpoint import GGUFCheckpoint
from edgedocs.converters.gguf_plan import Plan
from edgedocs.converters.gguf_source import SourceModel
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.quantizers.recipes import recipe
from tests.oracles import ggml, llama_cpp_files
from tests.reference_folder import REFERENCE, copy_of_reference
from tests.requirements import require
from tests.test_checkpoint import in_float8

RECORDED = files.read_json(Path(__file__).parent / "recorded" / "convert_hf_to_gguf.json")
SOURCES = {"tiny": Checkpoint.open("tiny").path, "reference": REFERENCE}
FLOATS = ("f32", "f16", "bf16")
BLOCKS = ("q8_0", "q4_0", "q6_k")


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Both checkpoints in every type."""
    folder = tmp_path_factory.mktemp("gguf")
    paths = {(name, kind): folder / f"{name}-{kind}.gguf" for name in SOURCES for kind in FLOATS + BLOCKS}
    for (name, kind), path in paths.items():
        converters.convert(SOURCES[name], path, type=kind)
    return paths


def tensors_of(path: Path) -> dict[str, tuple[str, tuple[int, ...], str]]:
    return {
        name: (tensor.type, tensor.shape, hashlib.sha256(tensor.data.tobytes()).hexdigest())
        for name, tensor in GGUFFile.open(path).tensors.items()
    }


@pytest.mark.parametrize("kind", ["f32", "f16", "bf16", "q8_0"])
def test_tensors_and_metadata_are_those_of_llama_cpps_own_converter(
    converted: dict[tuple[str, str], Path], kind: str
) -> None:
    recorded = RECORDED[kind]
    path = converted["reference", kind]
    expected = {name: (kind, tuple(shape), digest) for name, (kind, shape, digest) in recorded["tensors"].items()}
    assert tensors_of(path) == expected
    # It makes a title of the folder's name, and leaves out what the tokenizer does not add to a text.
    differences = {
        "general.name": "llama-random",
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_eos_token": False,
    }
    assert GGUFFile.open(path).metadata == recorded["metadata"] | differences


def test_metadata_of_tiny(converted: dict[tuple[str, str], Path]) -> None:
    metadata = GGUFFile.open(converted["tiny", "q4_0"]).metadata
    config = Checkpoint.open("tiny").config
    expected = {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "tiny",
        "general.size_label": "4.2M",
        "general.quantization_version": 2,
        "general.file_type": 2,
        "llama.block_count": config["num_hidden_layers"],
        "llama.context_length": config["max_position_embeddings"],
        "llama.embedding_length": config["hidden_size"],
        "llama.feed_forward_length": config["intermediate_size"],
        "llama.vocab_size": config["vocab_size"],
        "llama.attention.head_count": config["num_attention_heads"],
        "llama.attention.head_count_kv": config["num_key_value_heads"],
        "llama.attention.key_length": config["head_dim"],
        "llama.attention.value_length": config["head_dim"],
        "llama.attention.layer_norm_rms_epsilon": float(np.float32(config["rms_norm_eps"])),
        "llama.rope.dimension_count": config["head_dim"],
        "llama.rope.freq_base": config["rope_theta"],
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 0,
        "tokenizer.ggml.eot_token_id": 3,
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.chat_template": Checkpoint.open("tiny").chat_template,
    }
    assert {key: metadata.get(key) for key in expected} == expected


def test_the_licence_goes_along(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    converters.convert(folder, tmp_path / "out.gguf")
    assert GGUFFile.open(tmp_path / "out.gguf").metadata["general.license"] == "mit"


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        *itertools.product(["tiny"], FLOATS, BLOCKS),
        *itertools.product(["reference"], ["f32"], FLOATS + BLOCKS),
    ],
)
def test_quantizing_gives_the_bytes_of_llama_cpp(
    converted: dict[tuple[str, str], Path], tmp_path: Path, name: str, start: str, kind: str
) -> None:
    ggml.require()
    source = converted[name, start]
    assert llama_cpp_files.quantize(source, tmp_path / "theirs.gguf", kind)
    quantize(source, tmp_path / "ours.gguf", kind)
    assert tensors_of(tmp_path / "ours.gguf") == tensors_of(tmp_path / "theirs.gguf")
    ours, theirs = GGUFFile.open(tmp_path / "ours.gguf").fields, GGUFFile.open(tmp_path / "theirs.gguf").fields
    assert ours == theirs


@pytest.mark.parametrize("kind", FLOATS + BLOCKS)
@pytest.mark.parametrize("start", BLOCKS)
def test_what_llama_cpp_refuses_to_requantize_is_refused(
    converted: dict[tuple[str, str], Path], tmp_path: Path, start: str, kind: str
) -> None:
    require("llama_cpp")
    source = converted["tiny", start]
    ours = tmp_path / "ours.gguf"
    if llama_cpp_files.quantize(source, tmp_path / "theirs.gguf", kind):
        quantize(source, ours, kind)
        assert tensors_of(ours) == tensors_of(tmp_path / "theirs.gguf")
        assert start == kind
    else:
        with pytest.raises(BadInput, match="already; expected weights in F32, F16 or BF16"):
            quantize(source, ours, kind)
        assert not ours.exists()
        assert start != kind


@pytest.mark.parametrize("kind", BLOCKS)
def test_converting_equals_converting_to_f32_and_quantizing(
    converted: dict[tuple[str, str], Path], tmp_path: Path, kind: str
) -> None:
    artifact = quantize(converted["tiny", "f32"], tmp_path / "out.gguf", kind)
    assert artifact.sha256 == files.sha256(converted["tiny", kind])


def changed(source: Path, target: Path, fields: dict[str, Field], tensors: dict[str, Bytes]) -> Path:
    """A copy of a GGUF file with other metadata before its own, and other bytes for some tensors."""
    file = GGUFFile.open(source)
    planned = [
        PlannedTensor(one.name, one.type, one.shape, lambda one=one: tensors.get(one.name, one.data))
        for one in file.tensors.values()
    ]
    write_gguf(target, fields | file.fields, planned)
    return target


def test_metadata_that_is_not_ours_is_passed_through(converted: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    note = {"custom.note": text("č"), "general.alignment": uint32(64)}
    source = changed(converted["reference", "f32"], tmp_path / "in.gguf", note, {})
    quantize(source, tmp_path / "out.gguf", "q8_0")
    metadata = GGUFFile.open(tmp_path / "out.gguf").metadata
    assert {key: metadata[key] for key in note} == {"custom.note": "č", "general.alignment": 64}


@pytest.mark.parametrize("name", ["output_norm.weight", "blk.0.attn_v.weight"])
def test_weights_that_llama_cpp_refuses_are_refused(
    converted: dict[tuple[str, str], Path], tmp_path: Path, name: str
) -> None:
    require("llama_cpp")
    start = converted["reference", "f32"]
    weights = GGUFFile.open(start).tensors[name].data.view(np.float32).copy()
    weights.flat[7] = np.nan
    source = changed(start, tmp_path / "in.gguf", {}, {name: weights.view(np.uint8)})
    assert not llama_cpp_files.quantize(source, tmp_path / "theirs.gguf", "q8_0")
    with pytest.raises(BadInput, match=name):
        quantize(source, tmp_path / "ours.gguf", "q8_0")
    assert not (tmp_path / "ours.gguf").exists()


@pytest.mark.parametrize("kind", FLOATS + BLOCKS)
@pytest.mark.parametrize("name", SOURCES)
def test_llama_cpp_loads_and_runs_what_is_written(converted: dict[tuple[str, str], Path], name: str, kind: str) -> None:
    require("llama_cpp")
    with runners.load(converted[name, kind], backend="llama_cpp") as runner:
        logits = runner.logits(runner.tokenize("The model"))
    assert logits.shape[1] == Checkpoint.open(SOURCES[name]).spec.vocabulary
    assert np.isfinite(logits).all()


def test_the_manifest_says_what_it_was_made_from(converted: dict[tuple[str, str], Path]) -> None:
    path = converted["tiny", "q8_0"]
    artifact = Artifact.describe(path)
    assert (artifact.recipe, artifact.size_bytes) == ("q8_0", path.stat().st_size)
    manifest = artifact.manifest()
    assert manifest["source"]["name"] == "tiny"
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert manifest["source"]["files"][name] == files.sha256(SOURCES["tiny"] / name)
    assert "numpy" in manifest["provenance"]["versions"]


def test_progress_counts_the_bytes_of_all_tensors(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = tmp_path / "out.gguf"
    converters.convert(REFERENCE, path, progress=lambda done, total: seen.append((done, total)))
    total = sum(tensor.nbytes for tensor in GGUFFile.open(path).tensors.values())
    assert (len(seen), seen[-1]) == (30, (total, total))


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown converter 'gguff'") as caught:
        converters.convert("tiny", tmp_path / "out.gguf", to="gguff")
    assert caught.value.remedy == "did you mean 'gguf'?"


def test_targets_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "folder.gguf").mkdir()
    with pytest.raises(BadInput, match=r"the target has no \.gguf suffix"):
        converters.convert("tiny", tmp_path / "out.bin")
    with pytest.raises(BadInput, match="the target is a folder"):
        converters.convert("tiny", tmp_path / "folder.gguf")


def test_a_file_is_not_quantized_onto_itself(converted: dict[tuple[str, str], Path]) -> None:
    path = converted["reference", "f16"]
    with pytest.raises(BadInput, match="source and target are the same file"):
        quantize(path, path, "q8_0")


@pytest.mark.parametrize(("value", "kind"), [(np.inf, "f32"), (np.nan, "q8_0"), (1e6, "f16"), (1e30, "q4_0")])
def test_weights_that_the_type_cannot_store_are_refused(tmp_path: Path, value: float, kind: str) -> None:
    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    tensors["model.layers.1.self_attn.v_proj.weight"][3, 5] = value
    safetensors.numpy.save_file(tensors, folder / "model.safetensors")
    with pytest.raises(BadInput, match=r"model\.layers\.1\.self_attn\.v_proj\.weight.*row 3"):
        converters.convert(folder, tmp_path / "out.gguf", type=kind)
    assert not (tmp_path / "out.gguf").exists()


def test_memory_is_bounded_by_the_largest_tensor(tmp_path: Path) -> None:
    """Nine tensors are as large as the largest; only one of them is held at a time."""
    import tracemalloc

    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    wide = {name: np.zeros((4096, 64), np.float32) for name in tensors if "mlp.gate" in name or "mlp.up" in name}
    wide |= {name: np.zeros((64, 4096), np.float32) for name in tensors if "mlp.down" in name}
    safetensors.numpy.save_file(tensors | wide, folder / "model.safetensors")
    config: dict[str, Any] = files.read_json(folder / "config.json")
    files.write_json(folder / "config.json", config | {"intermediate_size": 4096})
    largest, total = 4096 * 64 * 4, 9 * 4096 * 64 * 4
    tracemalloc.start()
    try:
        converters.convert(folder, tmp_path / "out.gguf", type="f32")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "out.gguf").stat().st_size > total
    assert peak < 4 * largest < total / 2


def is_in_a_file(array: np.ndarray[Any, Any]) -> bool:
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, mmap.mmap)


def test_tensors_that_are_encoded_ahead_hold_no_memory(converted: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    float8 = copy_of_reference(tmp_path)
    in_float8(float8, np.ones((112, 1), np.float32))
    sources = [SourceModel.from_checkpoint(Checkpoint.open(path)) for path in (*SOURCES.values(), float8)]
    sources += [SourceModel.from_gguf(converted["reference", kind]) for kind in ("f16", "q8_0")]
    seen = set()
    for source in sources:
        for one in Plan.make(source, recipe("bf16"), allow_requantize=True).tensors:
            assert not one.tensor.is_mapped or is_in_a_file(one.tensor.weights()), one.tensor.label
            seen.add((one.tensor.held, one.is_ahead))
    assert {("F32", True), ("F32", False), ("F16", True), ("Q8_0", False)} <= seen


def test_restored_tensors_say_whether_they_hold_memory(converted: dict[tuple[str, str], Path]) -> None:
    seen = set()
    for kind in ("f16", "q8_0"):
        for one in GGUFCheckpoint.of(GGUFFile.open(converted["reference", kind])).tensors.values():
            assert one.is_mapped == is_in_a_file(one.array()), one.name
            seen.add(one.is_mapped)
    assert seen == {True, False}


def test_recorded_file_covers_what_it_is_compared_with() -> None:
    assert list(RECORDED) == ["f32", "f16", "bf16", "q8_0"]
    assert all(len(recorded["tensors"]) == 30 for recorded in RECORDED.values())
    assert json.dumps(RECORDED).count("tokenizer.ggml.tokens") == 4
