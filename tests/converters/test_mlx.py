"""MLX: every family by the logits of transformers, the bytes by MLX itself, the files as mlx-lm writes them."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from edgedocs import Checkpoint, converters, runners
from edgedocs.containers.safetensors import SafetensorsFile
from edgedocs.converters.mlx import AFFINE
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from tests.reference.families import ENCODER, FAMILIES
from tests.requirements import require

REFUSED = {
    "llama-yarn": "an attention factor of 1.3",
    "phi-long": "longrope with other factors for short texts",
    "phi-short": "longrope with other factors for short texts",
    "gemma3-images": "not each 6th",
}
"""Families, as their small models are, that mlx-lm would compute otherwise."""
SHORTER = {"mistral": 96, "qwen2-window": 96, "gemma2": 48}
"""Families whose windows mlx-lm does not know."""


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return FAMILIES[request.param].write(tmp_path / request.param)


@pytest.mark.parametrize("source", sorted(FAMILIES.keys() - REFUSED.keys()), indirect=True)
def test_a_family_s_logits_are_those_of_transformers(source: Path, tmp_path: Path) -> None:
    require("mlx_lm")
    tokens, places, wanted = FAMILIES[source.name].recorded()
    length = SHORTER.get(source.name, len(tokens))
    kept = places < length
    assert kept.sum() >= 7
    artifact = converters.convert(source, tmp_path / "out", to="mlx", type="f32")
    with runners.load(artifact) as runner:
        assert runner.context_length >= length
        found = runner.logits(tokens[:length])[places[kept]]
        if source.name in SHORTER:
            assert runner.context_length == length
    assert np.abs(found - wanted[kept]).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("source", ["llama-llama3", "gemma3", "qwen3moe"], indirect=True)
def test_texts_of_a_batch_do_not_touch_each_other(source: Path, tmp_path: Path) -> None:
    """mlx-lm's own call with two texts of one length, then one more token each from its cache."""
    require("mlx_lm")
    import mlx.core as mx
    from mlx_lm import load
    from mlx_lm.models.cache import make_prompt_cache

    tokens, places, wanted = FAMILIES[source.name].recorded()
    model, _ = load(str(converters.convert(source, tmp_path / "out", to="mlx", type="f32").path))
    batch = np.array([tokens, tokens[::-1]])
    cache = make_prompt_cache(model)
    parts = [model(mx.array(batch[:, part]), cache=cache) for part in (slice(0, -1), slice(-1, None))]
    found = np.concatenate([np.array(part) for part in parts], axis=1)
    assert np.abs(found[0][places] - wanted).max() <= 1e-5 * np.abs(wanted).max()
    alone = np.array(model(mx.array(batch[1:])))[0]
    assert np.abs(found[1] - alone).max() <= 1e-5 * np.abs(alone).max()


@pytest.mark.parametrize("source", ["mixtral", "gemma3", "qwen3"], indirect=True)
def test_quantized_families_are_near(source: Path, tmp_path: Path) -> None:
    """Experts are stacked by mlx-lm when it loads them, with scales and biases."""
    require("mlx_lm")
    tokens, places, wanted = FAMILIES[source.name].recorded()
    artifact = converters.convert(source, tmp_path / "out", to="mlx", type="8bit", dtype="f32", group_size=32)
    with runners.load(artifact) as runner:
        found = runner.logits(tokens)[places]
    assert np.sqrt(np.mean((found - wanted) ** 2)) <= 0.05 * np.sqrt(np.mean(wanted**2))


@pytest.mark.parametrize("source", REFUSED, indirect=True)
def test_what_mlx_lm_would_compute_otherwise_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"{REFUSED[source.name]}.*; expected a model that mlx-lm computes"):
        converters.convert(source, tmp_path / "out", to="mlx")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("source", ["qwen3moe"], indirect=True)
def test_experts_that_mlx_lm_would_not_load_quantized_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the experts of qwen3_moe models cannot be quantized yet"):
        converters.convert(source, tmp_path / "out", to="mlx", type="4bit")


def test_encoders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="bert models are no decoders"):
        converters.convert(ENCODER.write(tmp_path / "bert"), tmp_path / "out", to="mlx")


@pytest.mark.parametrize(("kind", "size"), [*((kind, 32) for kind in AFFINE), ("4bit", 128), ("mxfp4", 32)])
def test_the_bytes_are_those_that_mlx_writes(tmp_path: Path, kind: str, size: int) -> None:
    require("mlx")
    import mlx.core as mx

    artifact = converters.convert("tiny", tmp_path / "m", to="mlx", type=kind, group_size=size)
    written = SafetensorsFile.open(artifact.path / "model.safetensors")
    for name in ("model.embed_tokens", "model.layers.2.mlp.down_proj"):
        weights = mx.array(Checkpoint.open("tiny").tensors[f"{name}.weight"].float32()).astype(mx.bfloat16)
        settings = {"bits": AFFINE[kind]} if kind in AFFINE else {"bits": 4, "mode": "mxfp4"}
        parts = mx.quantize(weights, group_size=size, **settings)
        for part, wanted in zip(("weight", "scales", "biases"), parts, strict=False):
            found = written.tensors[f"{name}.{part}"].array()
            assert np.array_equal(found.astype(np.float64), np.array(wanted.astype(mx.float32), np.float64)) or (
                part == "weight" and np.array_equal(found, np.array(wanted))
            ), (name, part)


def test_mlx_lm_itself_gives_the_same_folder(tmp_path: Path) -> None:
    """All tensors and the settings are those of ``mlx_lm.utils.quantize_model`` and ``save``."""
    require("mlx_lm")
    import mlx.core as mx
    from mlx.utils import tree_flatten
    from mlx_lm.utils import load_model, quantize_model

    model, config = load_model(Checkpoint.open("tiny").path)
    model, wanted = quantize_model(model, config, 64, 4)
    artifact = converters.convert("tiny", tmp_path / "m", to="mlx", type="4bit")
    found = mx.load(str(artifact.path / "model.safetensors"))
    tensors = dict(tree_flatten(model.parameters()))
    assert found.keys() == tensors.keys()
    assert len(found) == 96
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype, name
        assert mx.array_equal(found[name], tensor), name
    settings = files.read_json(artifact.path / "config.json")
    for key in ("quantization", "quantization_config"):
        assert settings[key] == {"group_size": 64, "bits": 4, "mode": "affine"} == wanted[key]


def test_scales_have_the_type_asked_for(tmp_path: Path) -> None:
    artifact = converters.convert("tiny", tmp_path / "m", to="mlx", type="4bit", dtype="f16")
    tensors = SafetensorsFile.open(artifact.path / "model.safetensors").tensors
    assert {tensor.dtype for tensor in tensors.values()} == {"U32", "F16"}
    assert files.read_json(artifact.path / "config.json")["dtype"] == "float16"
    assert artifact.manifest()["source"]["options"] == {"group_size": 64, "dtype": "f16"}


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("4bit", {"group_size": 48}, "group size 48; expected one of 32, 64, 128"),
        ("mxfp4", {"group_size": 64}, "group_size is 64 for mxfp4; expected 32"),
        ("f16", {"group_size": 64}, "group_size is 64 for f16; expected none"),
        ("f16", {"dtype": "f32"}, "dtype is 'f32'; expected none"),
        ("4bit", {"dtype": "int8"}, "dtype is 'int8'; expected one of f32, f16, bf16"),
        ("4bit", {"bits": 4}, "converter mlx has no option 'bits'; expected one of group_size, dtype"),
        ("7bit", {}, "unknown type '7bit' for mlx"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, kind: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        converters.convert("tiny", tmp_path / "m", to="mlx", type=kind, **options)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_the_type_cannot_store_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    source = FAMILIES["qwen3"].write(tmp_path / "source")
    weights = load_file(source / "model.safetensors")
    weights["model.layers.1.mlp.up_proj.weight"][5, 7] = 1e5
    save_file(weights, source / "model.safetensors")
    for kind, options in (("f16", {}), ("4bit", {"dtype": "f16"})):
        with pytest.raises(BadInput, match=r"model\.layers\.1\.mlp\.up_proj\.weight"):
            converters.convert(source, tmp_path / "m", to="mlx", type=kind, **options)


def test_the_scale_is_a_float_of_the_checkpoint(tmp_path: Path) -> None:
    artifact = converters.convert("tiny", tmp_path / "m", to="mlx", type="8bit")
    tensors = SafetensorsFile.open(artifact.path / "model.safetensors").tensors
    assert tensors["model.embed_tokens.scales"].array().dtype == ml_dtypes.bfloat16
