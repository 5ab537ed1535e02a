import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors
import safetensors.numpy
import tokenizers

from edgedocs import converters
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, float32, text, uint32
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import BadInput
from edgedocs.model_diff import diff
from edgedocs.tiny import held_out
from tests.oracles import ggml
from tests.reference_folder import REFERENCE, copy_of_reference
from tests.requirements import require

DTYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
TINY = Checkpoint.open("tiny").path


def there_and_back(source: Path, folder: Path, kind: str, back: str) -> Path:
    gguf = converters.convert(source, folder / "m.gguf", type=kind).path
    return converters.convert(gguf, folder / source.name, to="safetensors", type=back).path


def raw(folder: Path) -> dict[str, tuple[list[int], bytes]]:
    """What the safetensors library reads."""
    content = dict(safetensors.deserialize((folder / "model.safetensors").read_bytes()))
    return {name: (one["shape"], bytes(one["data"])) for name, one in content.items()}


@pytest.mark.parametrize("kind", DTYPES)
def test_the_way_there_and_back_changes_no_bit(tmp_path: Path, kind: str) -> None:
    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(REFERENCE / "model.safetensors")
    # Norms are float32 in GGUF whatever the type, so they must be representable to come back.
    stored = {name: one.astype(DTYPES[kind]) for name, one in tensors.items()}
    safetensors.numpy.save_file(stored, folder / "model.safetensors")
    back = there_and_back(folder, tmp_path_of(tmp_path), kind, kind)
    assert raw(back) == {name: (list(one.shape), one.tobytes()) for name, one in stored.items()}
    with safetensors.safe_open(back / "model.safetensors", "numpy") as file:
        assert file.metadata() == {"format": "pt"}


def tmp_path_of(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("kind", ["q8_0", "q4_k_m", "f16"])
def test_converting_what_came_back_gives_the_same_model(tmp_path: Path, kind: str) -> None:
    back = there_and_back(TINY, tmp_path_of(tmp_path), kind, "f32")
    first = tmp_path / "out" / "m.gguf"
    again = converters.convert(back, tmp_path / "again.gguf", type="f32").path
    found = diff(first, again)
    assert len(found.tensors) == 38
    assert found.findings(min_sqnr=float("inf")) == []
    assert found.changed.keys() == {"general.file_type"}
    assert (found.lost, found.added) == ((), ())


def test_quantized_weights_come_back_as_ggml_decodes_them_in_the_checkpoints_order(tmp_path: Path) -> None:
    ggml.require()
    back = there_and_back(REFERENCE, tmp_path, "q8_0", "f32")
    found = safetensors.numpy.load_file(back / "model.safetensors")
    original = safetensors.numpy.load_file(REFERENCE / "model.safetensors")
    assert found.keys() == original.keys()
    stored = GGUFFile.open(tmp_path / "m.gguf").tensors
    name = "model.layers.0.mlp.up_proj.weight"
    np.testing.assert_array_equal(found[name], ggml.dequantize("Q8_0", stored["blk.0.ffn_up.weight"].data))
    for name, weights in original.items():
        # Q8_0 keeps a block's largest weight, and the others to 1/127 of it.
        assert np.abs(found[name] - weights).max() <= np.abs(weights).max() / 250, name


@pytest.mark.parametrize("source", [TINY, REFERENCE], ids=lambda path: path.name)
def test_the_tokenizer_comes_back(tmp_path: Path, source: Path) -> None:
    back = there_and_back(source, tmp_path, "q8_0", "bf16")
    ours = tokenizers.Tokenizer.from_file(str(back / "tokenizer.json"))
    theirs = tokenizers.Tokenizer.from_file(str(source / "tokenizer.json"))
    for language in ("en", "cs", "sl", "et", "pl"):
        sample = held_out(language)[:3000] + "<|user|>x<|end|>  \n\n\t 🐎 12345"
        assert ours.encode(sample).ids == theirs.encode(sample).ids
        assert ours.decode(ours.encode(sample).ids) == theirs.decode(theirs.encode(sample).ids)
    restored, original = Checkpoint.open(back), Checkpoint.open(source)
    assert restored.chat_template == original.chat_template
    assert restored.license == original.license
    assert restored.spec == original.spec


def test_transformers_loads_it_and_computes_the_same(tmp_path: Path) -> None:
    require("torch")
    require("transformers")
    from tests.reference.make_reference import logits_of
    from tests.reference.recorded import FLOAT32_BOUND, error, recorded

    tokens, wanted = recorded()
    assert error(logits_of(there_and_back(REFERENCE, tmp_path, "f32", "f32"), tokens), wanted) <= FLOAT32_BOUND


def test_transformers_reads_configuration_and_tokenizer(tmp_path: Path) -> None:
    require("transformers")
    from transformers import AutoConfig, AutoTokenizer

    back = there_and_back(TINY, tmp_path, "f16", "f16")
    config = AutoConfig.from_pretrained(back)
    assert (config.model_type, config.num_hidden_layers, config.tie_word_embeddings) == ("llama", 4, True)
    sample = held_out("cs")[:2000]
    theirs = AutoTokenizer.from_pretrained(TINY)
    ours = AutoTokenizer.from_pretrained(back)
    assert ours.encode(sample) == theirs.encode(sample)
    messages = [{"role": "user", "content": "x"}]
    assert ours.apply_chat_template(messages, tokenize=False) == theirs.apply_chat_template(messages, tokenize=False)


def test_a_model_in_parts_comes_back(tmp_path: Path) -> None:
    whole = there_and_back(REFERENCE, tmp_path, "f16", "f16")
    parts = converters.convert(REFERENCE, tmp_path / "p.gguf", type="f16", split=SplitLimit(tensors=7))
    back = converters.convert(parts.path, tmp_path / "b", to="safetensors", type="f16")
    assert raw(back.path) == raw(whole)
    assert len(back.manifest()["source"]["files"]) == 5


def test_a_checkpoint_in_another_type(tmp_path: Path) -> None:
    back = converters.convert("tiny", tmp_path / "tiny", to="safetensors", type="f16").path
    expected = {name: tensor.float32() for name, tensor in Checkpoint.open("tiny").tensors.items()}
    found = safetensors.numpy.load_file(back / "model.safetensors")
    assert found.keys() == expected.keys()
    for name, weights in found.items():
        assert weights.dtype == np.float16
        np.testing.assert_array_equal(weights, expected[name].astype(np.float16))
    assert json.loads((back / "config.json").read_text())["dtype"] == "float16"
    assert (back / "tokenizer.json").read_bytes() == (TINY / "tokenizer.json").read_bytes()


def test_a_checkpoint_is_not_written_over_itself(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(BadInput, match="source and target are the same folder"):
        converters.convert(folder, folder, to="safetensors")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_weight_too_large_for_the_type(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"][5, 7] = 1e6
    safetensors.numpy.save_file(tensors, folder / "model.safetensors")
    with pytest.raises(BadInput, match=r"model\.layers\.1\.mlp\.up_proj\.weight: row 5"):
        converters.convert(folder, tmp_path / "out", to="safetensors", type="f16")
    assert not (tmp_path / "out").exists()


def rewritten(folder: Path, fields: dict[str, Field | None], extra: str | None = None) -> Path:
    source = converters.convert(REFERENCE, folder / "source.gguf", type="f16").path
    file = GGUFFile.open(source)
    planned = [PlannedTensor(one.name, one.type, one.shape, lambda one=one: one.data) for one in file.tensors.values()]
    if extra:
        planned.append(PlannedTensor(extra, "F32", (1,), lambda: np.zeros(4, np.uint8)))
    merged: dict[str, Any] = {**file.fields, **fields}
    write_gguf(folder / "m.gguf", {key: one for key, one in merged.items() if one is not None}, planned)
    return folder / "m.gguf"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"general.architecture": text("mamba")}, "the architecture 'mamba' is not turned back"),
        ({"llama.rope.scaling.type": text("linear")}, "rope_scaling: factor is missing"),
        ({"llama.rope.dimension_count": uint32(16)}, "partial_rotary_factor is 0.5; expected 1"),
        ({"llama.block_count": uint32(4)}, r"tensor model\.layers\.3\.input_layernorm\.weight is missing"),
        ({"llama.block_count": uint32(10**9)}, "num_hidden_layers is 1000000000"),
        ({"llama.block_count": None}, "num_hidden_layers is missing"),
        ({"llama.embedding_length": text("x")}, "hidden_size is 'x'"),
        ({"llama.attention.layer_norm_rms_epsilon": float32(float("nan"))}, "rms_norm_eps is nan"),
        ({"llama.rope.scaling.type": text("none")}, "rope_type is 'none': this way of scaling"),
        ({"llama.attention.sliding_window": uint32(9)}, "llama.attention.sliding_window is 9, which has no place"),
        (
            {"llama.attention.value_length": uint32(9)},
            "llama.attention.value_length is 9, and config.json would mean 32",
        ),
        ({"llama.expert_count": uint32(8)}, r"tensor 'blk\.0\.ffn_gate\.weight' has no place in a mixtral checkpoint"),
        ({"tokenizer.ggml.model": text("rwkv")}, "the tokenizer 'rwkv' .* is not turned back"),
        ({"tokenizer.ggml.model": text("llama")}, "scores is missing"),
        ({"tokenizer.ggml.pre": text("new")}, r"the tokenizer 'gpt2' \('new'\) is not turned back"),
        ({"tokenizer.ggml.merges": None}, "tokenizer.ggml.merges is missing"),
        ({"tokenizer.ggml.merges": text(["a"])}, "merges is malformed"),
        ({"tokenizer.ggml.tokens": text(["a"])}, "384 types of tokens for 1 tokens"),
        ({"tokenizer.ggml.tokens": text(["a"] * 384)}, "a token occurs twice"),
    ],
)
def test_what_would_be_lost_is_refused(tmp_path: Path, fields: dict[str, Field | None], message: str) -> None:
    path = rewritten(tmp_path, fields)
    with pytest.raises(BadInput, match=message):
        converters.convert(path, tmp_path / "back", to="safetensors")
    assert not (tmp_path / "back").exists()


def test_a_tensor_without_a_place_is_refused(tmp_path: Path) -> None:
    path = rewritten(tmp_path, {}, "rope_factors_long.weight")
    with pytest.raises(BadInput, match=r"tensor 'rope_factors_long\.weight' has no place in a llama checkpoint"):
        converters.convert(path, tmp_path / "back", to="safetensors")


def test_frequencies_that_no_config_gives_are_refused(tmp_path: Path) -> None:
    path = rewritten(tmp_path, {}, "rope_freqs.weight")
    with pytest.raises(BadInput, match=r"tensor 'rope_freqs\.weight' scales rotary frequencies in no way"):
        converters.convert(path, tmp_path / "back", to="safetensors")


@pytest.mark.parametrize("to", ["gguf", "onnx"])
def test_other_formats_are_not_made_of_gguf(tmp_path: Path, to: str) -> None:
    path = rewritten(tmp_path, {})
    with pytest.raises(BadInput, match="a GGUF file, not a checkpoint folder"):
        converters.convert(path, tmp_path / "x.gguf", to=to)


def shards(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.safetensors"))


def test_shards_hold_what_one_file_does_and_other_libraries_find_it(tmp_path: Path) -> None:
    whole = converters.convert(REFERENCE, tmp_path / "whole", to="safetensors", type="f32").path
    split = converters.convert(REFERENCE, tmp_path / "split", to="safetensors", type="f32", split=SplitLimit(100_000))
    names = shards(split.path)
    count = len(names)
    assert count > 2
    assert names == [f"model-{number:05d}-of-{count:05d}.safetensors" for number in range(1, count + 1)]
    assert not (split.path / "model.safetensors").exists()
    index = json.loads((split.path / "model.safetensors.index.json").read_text(encoding="utf-8"))
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name in names:
        content = safetensors.numpy.load_file(split.path / name)
        assert {tensor for tensor, shard in index["weight_map"].items() if shard == name} == content.keys()
        assert len(content) == 1 or sum(one.nbytes for one in content.values()) <= 100_000
        found |= content
    expected = safetensors.numpy.load_file(whole / "model.safetensors")
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name], expected[name]) for name in expected)
    assert index["metadata"]["total_size"] == sum(one.nbytes for one in expected.values())
    assert Checkpoint.open(split.path).spec == Checkpoint.open(whole).spec
    assert split.manifest()["format"] == "safetensors"


def test_transformers_loads_shards_and_computes_the_same(tmp_path: Path) -> None:
    require("torch")
    require("transformers")
    from tests.reference.make_reference import logits_of
    from tests.reference.recorded import FLOAT32_BOUND, error, recorded

    gguf = converters.convert(REFERENCE, tmp_path / "m.gguf", type="f32").path
    folder = converters.convert(gguf, tmp_path / "b", to="safetensors", split=SplitLimit(tensors=5)).path
    assert len(shards(folder)) == 6
    tokens, wanted = recorded()
    assert error(logits_of(folder, tokens), wanted) <= FLOAT32_BOUND


def test_progress_over_all_shards(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    converters.convert(
        REFERENCE,
        tmp_path / "b",
        to="safetensors",
        progress=lambda done, total: told.append((done, total)),
        split=SplitLimit(tensors=5),
    )
    total = sum(tensor.nbytes for tensor in Checkpoint.open(REFERENCE).tensors.values())
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert {one for _, one in told} == {total} == {told[-1][0]}


def test_shards_are_replaced_by_another_number_of_shards(tmp_path: Path) -> None:
    target = tmp_path / "b"
    for limit, count in ((5, 6), (7, 5), (None, 1)):
        converters.convert(REFERENCE, target, to="safetensors", split=SplitLimit(tensors=limit))
        assert len(shards(target)) == count
        assert (target / "model.safetensors.index.json").exists() == (count > 1)
    (target / "mine.safetensors").write_bytes(b"")
    with pytest.raises(BadInput, match="there is something else here already"):
        converters.convert(REFERENCE, target, to="safetensors")


def test_onnx_is_not_split(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="onnx is not split"):
        converters.convert("tiny", tmp_path / "o", to="onnx", split=SplitLimit(tensors=1))
