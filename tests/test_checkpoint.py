import json
import pickle
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy

from edgedocs import converters
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.core.errors import BadInput
from edgedocs.inspection import inspect
from tests.reference_folder import REFERENCE, change_json, copy_of_reference

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_of_reference(tmp_path)


def split(folder: Path) -> dict[str, Any]:
    """Turn the single file into two shards with an index, by the safetensors library."""
    tensors = safetensors.numpy.load_file(folder / WEIGHTS)
    shards = {"model-1.safetensors": {}, "model-2.safetensors": {}}
    weight_map = {}
    for number, (name, array) in enumerate(tensors.items()):
        shard = f"model-{number % 2 + 1}.safetensors"
        shards[shard][name] = array
        weight_map[name] = shard
    for shard, content in shards.items():
        safetensors.numpy.save_file(content, folder / shard)
    (folder / WEIGHTS).unlink()
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    return index


def test_tiny_is_the_shipped_model_wherever_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    tiny = Checkpoint.open("tiny")
    assert tiny.name == "tiny"
    assert tiny.architecture.name == "llama"
    assert (tiny.spec.hidden_size, tiny.spec.layers, tiny.spec.tied_embeddings) == (256, 4, True)
    assert tiny.spec.heads > tiny.spec.key_value_heads
    assert len(tiny.tensors) == 38
    assert tiny.tokenizer_json.is_file()
    assert tiny.chat_template is not None


def test_nothing_given_means_the_environment_then_tiny(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.delenv("EDGEDOCS_MODEL", raising=False)
    assert Checkpoint.open().name == "tiny"
    monkeypatch.setenv("EDGEDOCS_MODEL", str(folder))
    assert Checkpoint.open().path == folder
    monkeypatch.setenv("EDGEDOCS_MODEL", "")
    assert Checkpoint.open().name == "tiny"


def test_every_tensor_is_what_the_library_reads() -> None:
    expected = safetensors.numpy.load_file(REFERENCE / WEIGHTS)
    checkpoint = Checkpoint.open(REFERENCE)
    assert checkpoint.tensors.keys() == expected.keys()
    for name, tensor in checkpoint.tensors.items():
        np.testing.assert_array_equal(tensor.float32(), expected[name])


def test_shards_give_the_same_tensors(folder: Path) -> None:
    whole = {name: tensor.array().copy() for name, tensor in Checkpoint.open(folder).tensors.items()}
    split(folder)
    sharded = Checkpoint.open(folder)
    assert sharded.spec == Checkpoint.open(REFERENCE).spec
    assert sharded.tensors.keys() == whole.keys()
    for name, tensor in sharded.tensors.items():
        np.testing.assert_array_equal(tensor.array(), whole[name])


@pytest.mark.parametrize(
    "name",
    [
        "../model-1.safetensors",
        "/model-1.safetensors",
        "..",
        "",
        "sub/model-1.safetensors",
        "sub\\model-1.safetensors",
        "C:model-1.safetensors",
        "C:\\model-1.safetensors",
        "model-1.safetensors\0",
        "model-1.bin",
        7,
    ],
)
def test_an_index_that_points_elsewhere_is_refused(folder: Path, name: object) -> None:
    index = split(folder)
    index["weight_map"]["lm_head.weight"] = name
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(BadInput, match=r"shard name .* is refused"):
        Checkpoint.open(folder)


def test_an_index_that_names_a_missing_shard_is_refused(folder: Path) -> None:
    split(folder)
    (folder / "model-2.safetensors").unlink()
    with pytest.raises(BadInput, match=r"model-2\.safetensors: no such file"):
        Checkpoint.open(folder)


def test_an_index_that_names_a_tensor_not_there_is_refused(folder: Path) -> None:
    split(folder)
    change_json(folder / INDEX, lambda index: index["weight_map"].update(extra="model-1.safetensors"))
    with pytest.raises(BadInput, match=r"tensor 'extra' is in model-1\.safetensors, and it is not"):
        Checkpoint.open(folder)


@pytest.mark.parametrize("index", [[], {}, {"weight_map": []}, {"weight_map": {}}])
def test_an_index_without_a_map_is_refused(folder: Path, index: object) -> None:
    split(folder)
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(BadInput):
        Checkpoint.open(folder)


def test_no_such_path() -> None:
    with pytest.raises(BadInput, match="no such checkpoint; expected a checkpoint folder, or 'tiny'"):
        Checkpoint.open("no-such-model")


def test_a_folder_without_weights(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    with pytest.raises(BadInput, match=r"no safetensors weights; expected model\.safetensors or"):
        Checkpoint.open(folder)


def test_a_folder_without_config(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(BadInput, match=r"not a checkpoint folder: no config\.json"):
        Checkpoint.open(folder)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(BadInput, match="a file, not a checkpoint folder"):
        Checkpoint.open(path)


class Boom:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "consolidated.00.pth", "model.ckpt"])
@pytest.mark.parametrize("by_file", [True, False])
def test_pickled_weights_are_refused_with_a_safe_way(folder: Path, name: str, by_file: bool) -> None:
    (folder / WEIGHTS).unlink()
    (folder / name).write_bytes(pickle.dumps(Boom()))
    with pytest.raises(BadInput) as caught:
        Checkpoint.open(folder / name if by_file else folder)
    assert "runs whatever code it holds" in str(caught.value)
    assert "weights_only=True" in str(caught.value)
    assert str(caught.value).startswith(str(folder / name))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b"[]", "holds a JSON list; expected a JSON object"),
        (b"\xff{}", "is not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_malformed_config_is_refused(folder: Path, content: bytes, message: str) -> None:
    (folder / "config.json").write_bytes(content)
    with pytest.raises(BadInput, match=message) as caught:
        Checkpoint.open(folder)
    assert str(folder / "config.json") in str(caught.value)


def test_an_unknown_architecture_is_refused(folder: Path) -> None:
    change_json(folder / "config.json", lambda config: config.update(model_type="mamba"))
    with pytest.raises(BadInput, match=r"unknown model_type 'mamba'; expected one of bert, .*llama, mistral"):
        _ = Checkpoint.open(folder).spec


def rewrite(folder: Path, change: dict[str, Any]) -> None:
    tensors = safetensors.numpy.load_file(folder / WEIGHTS) | change
    kept = {name: array for name, array in tensors.items() if array is not None}
    safetensors.numpy.save_file(kept, folder / WEIGHTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model.layers.1.mlp.up_proj.weight": None}, "tensor model.layers.1.mlp.up_proj.weight is missing"),
        ({"model.norm.weight": np.ones(65, np.float32)}, r"tensor model.norm.weight has shape \[65\]; expected \[64\]"),
        ({"lora.weight": np.ones(1, np.float32)}, "tensor 'lora.weight' has no place in a llama model"),
        ({"model.norm.weight": np.ones(64, np.int8)}, "tensor model.norm.weight is I8; expected weights in F32"),
    ],
)
def test_weights_that_do_not_fit_the_config_are_refused(folder: Path, change: dict[str, Any], message: str) -> None:
    rewrite(folder, change)
    with pytest.raises(BadInput, match=message) as caught:
        _ = Checkpoint.open(folder).spec
    assert str(folder) in str(caught.value)


def test_stored_rotary_frequencies_are_ignored(folder: Path) -> None:
    rewrite(folder, {"model.layers.0.self_attn.rotary_emb.inv_freq": np.ones(16, np.float32)})
    assert Checkpoint.open(folder).spec == Checkpoint.open(REFERENCE).spec


def test_a_missing_tokenizer_is_bad_input_when_asked_for(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    checkpoint = Checkpoint.open(folder)
    with pytest.raises(BadInput, match=r"no tokenizer\.json"):
        _ = checkpoint.tokenizer_json


def test_optional_files_may_be_missing(folder: Path) -> None:
    for name in ("tokenizer_config.json", "generation_config.json"):
        (folder / name).unlink()
    checkpoint = Checkpoint.open(folder)
    assert checkpoint.tokenizer_config == {}
    assert checkpoint.generation_config == {}
    assert checkpoint.chat_template is None
    assert checkpoint.license is None


@pytest.mark.parametrize("value", ["text {{ x }}", [{"name": "default", "template": "text {{ x }}"}, {"name": "tool"}]])
def test_the_chat_template_from_the_tokenizers_config(folder: Path, value: object) -> None:
    change_json(folder / "tokenizer_config.json", lambda config: config.update(chat_template=value))
    assert Checkpoint.open(folder).chat_template == "text {{ x }}"


def test_the_chat_template_from_its_own_file_wins(folder: Path) -> None:
    change_json(folder / "tokenizer_config.json", lambda config: config.update(chat_template="other"))
    (folder / "chat_template.jinja").write_bytes("čaj {{ x }}\n".encode())
    assert Checkpoint.open(folder).chat_template == "čaj {{ x }}\n"


def test_a_malformed_chat_template_is_refused(folder: Path) -> None:
    change_json(folder / "tokenizer_config.json", lambda config: config.update(chat_template=7))
    with pytest.raises(BadInput, match="chat_template is malformed"):
        _ = Checkpoint.open(folder).chat_template


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlanguage: cs\nlicense: apache-2.0\n---\n# Model\n", "apache-2.0"),
        ('---\r\nlicense: "mit"\r\n---\r\n', "mit"),
        ("---\nlicense:\n- mit\n---\n", None),
        ("---\ntitle: x\n---\nlicense: mit\n", None),
        ("license: mit\n", None),
        ("", None),
    ],
)
def test_the_licence_comes_from_the_model_cards_front_matter(folder: Path, card: str, expected: str | None) -> None:
    (folder / "README.md").write_bytes(card.encode())
    assert Checkpoint.open(folder).license == expected


def test_a_tensor_in_two_shards_is_refused(folder: Path) -> None:
    split(folder)
    tensors = safetensors.numpy.load_file(folder / "model-1.safetensors")
    other = safetensors.numpy.load_file(folder / "model-2.safetensors")
    safetensors.numpy.save_file({**tensors, next(iter(other)): np.ones(1, np.float32)}, folder / "model-1.safetensors")
    with pytest.raises(BadInput, match=r"is in model-\d\.safetensors too"):
        Checkpoint.open(folder)


def test_an_index_with_a_name_twice_is_refused(folder: Path) -> None:
    index = split(folder)
    text = json.dumps(index).replace('"weight_map": {', '"weight_map": {"model.norm.weight": "model-1.safetensors", ')
    (folder / INDEX).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"the name 'model\.norm\.weight' occurs twice"):
        Checkpoint.open(folder)


def test_an_index_that_names_the_wrong_shard_is_refused(folder: Path) -> None:
    index = split(folder)
    shard = index["weight_map"]["lm_head.weight"]
    other = {"model-1.safetensors": "model-2.safetensors", "model-2.safetensors": "model-1.safetensors"}[shard]
    change_json(folder / INDEX, lambda index: index["weight_map"].update({"lm_head.weight": other}))
    with pytest.raises(BadInput, match=r"'lm_head\.weight' is in .*, and it is not"):
        Checkpoint.open(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "chat_template.jinja", "tokenizer.json"])
def test_links_out_of_the_folder_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    (folder / name).touch()
    (folder / name).rename(secret)
    (folder / name).symlink_to(secret)
    with pytest.raises(BadInput, match="a link that leads out of the folder") as caught:
        Checkpoint.open(folder)
    assert caught.value.where == str(folder / name)
    (folder / name).unlink()
    (folder / name).symlink_to("..")
    with pytest.raises(BadInput):
        Checkpoint.open(folder)


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(folder / "other.safetensors")
    (folder / "other.safetensors").symlink_to(folder / WEIGHTS)
    with pytest.raises(BadInput):
        Checkpoint.open(folder)


def test_links_within_the_folder_and_to_the_folder_are_followed(folder: Path, tmp_path: Path) -> None:
    (folder / WEIGHTS).rename(folder / "other")
    (folder / WEIGHTS).symlink_to("other")
    (tmp_path / "link").symlink_to(folder)
    assert len(Checkpoint.open(tmp_path / "link").tensors) == 30


def test_a_snapshot_in_a_cache_of_hugging_face_is_read(folder: Path, tmp_path: Path) -> None:
    """The layout that huggingface_hub makes: snapshots/<commit>/NAME -> ../../blobs/<hash>."""
    snapshot = tmp_path / "models--a--b" / "snapshots" / "0123abc"
    blobs = tmp_path / "models--a--b" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for number, path in enumerate(sorted(folder.iterdir())):
        path.rename(blobs / str(number))
        (snapshot / path.name).symlink_to(Path("..") / ".." / "blobs" / str(number))
    assert Checkpoint.open(snapshot).spec == Checkpoint.open(REFERENCE).spec
    (snapshot / "README.md").symlink_to(Path("..") / ".." / ".." / "elsewhere")
    with pytest.raises(BadInput, match=r"README\.md: a link that leads out"):
        Checkpoint.open(snapshot)


def raw_file(path: Path, tensors: dict[str, tuple[str, np.ndarray[Any, Any]]]) -> None:
    header, data = {}, b""
    for name, (dtype, array) in tensors.items():
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def in_float8(folder: Path, scale: np.ndarray[Any, Any] | None, end: str = "_scale_inv") -> str:
    """The reference with one matrix in F8_E4M3, and a scale beside it."""
    name = "model.layers.0.mlp.up_proj.weight"
    tensors = {key: ("F32", one) for key, one in safetensors.numpy.load_file(REFERENCE / WEIGHTS).items()}
    tensors[name] = ("F8_E4M3", tensors[name][1].astype(ml_dtypes.float8_e4m3fn))
    if scale is not None:
        tensors[name + end] = ("F32", scale)
        tensors["model.layers.0.mlp.up_proj.input_scale"] = ("F32", np.ones((), np.float32))
    raw_file(folder / WEIGHTS, tensors)
    return name


@pytest.mark.parametrize("kind", ["f32", "f16", "bf16"])
def test_float8_is_converted_exactly(folder: Path, tmp_path: Path, kind: str) -> None:
    name = in_float8(folder, None)
    expected = safetensors.numpy.load_file(REFERENCE / WEIGHTS)[name].astype(ml_dtypes.float8_e4m3fn)
    path = converters.convert(folder, tmp_path / "m.gguf", type=kind).path
    stored = GGUFFile.open(path).tensors["blk.0.ffn_up.weight"].data
    dtype = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}[kind]
    np.testing.assert_array_equal(stored.view(dtype).astype(np.float32), expected.astype(np.float32))


def test_float8_with_scales_for_blocks_rows_or_all(folder: Path) -> None:
    generator = np.random.default_rng(0)
    change_json(
        folder / "config.json", lambda config: config.update(quantization_config={"weight_block_size": [50, 30]})
    )
    blocks = generator.random((3, 3), np.float32)  # of a matrix of 112 x 64
    by_hand = np.array([[blocks[row // 50, column // 30] for column in range(64)] for row in range(112)])
    rows = generator.random((112, 1), np.float32)
    one = np.float32(0.25).reshape(1)
    for scale, end, factor in ((blocks, "_scale_inv", by_hand), (rows, "_scale", rows), (one, "_scale", one)):
        name = in_float8(folder, scale, end)
        checkpoint = Checkpoint.open(folder)
        assert checkpoint.spec == Checkpoint.open(REFERENCE).spec
        codes = safetensors.numpy.load_file(REFERENCE / WEIGHTS)[name].astype(ml_dtypes.float8_e4m3fn)
        np.testing.assert_array_equal(checkpoint.tensors[name].array(), codes.astype(np.float32) * factor)
        summary = next(one for one in inspect(folder).tensors if one.name == name)
        assert (summary.type, summary.size_bytes) == ("F8_E4M3", codes.nbytes + scale.nbytes)


def test_a_scale_that_fits_nothing_is_refused(folder: Path) -> None:
    name = in_float8(folder, np.ones((5, 5), np.float32))
    with pytest.raises(BadInput, match=r"up_proj\.weight_scale_inv' has the shape \[5, 5\]"):
        Checkpoint.open(folder).tensors[name].array()
