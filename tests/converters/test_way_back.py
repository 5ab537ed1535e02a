"""GGUF back to safetensors, every family: transformers computes the same; F32, F16 and BF16 come back bit by bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors
import safetensors.numpy

from edgedocs import converters, quantizers
from edgedocs.architectures import registry
from edgedocs.architectures.config import Config
from edgedocs.architectures.rotary import llama3_parameters, read_rotary
from edgedocs.containers.gguf import GGUFFile
from tests.reference.families import ENCODER, FAMILIES, Family
from tests.reference.recorded import FLOAT32_BOUND, error
from tests.requirements import require

ALL = FAMILIES | {ENCODER.name: ENCODER}
DTYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
CLASSES = {"mistral": "LlamaForCausalLM", "gemma3-images": "Gemma3ForCausalLM"}
"""Where GGUF does not tell families apart: a Mistral is a Llama to llama.cpp, of Gemma 3 it has the decoder."""
ORIGINAL = "original_max_position_embeddings"
OFFSET = ("gemma2", "gemma3")


def there_and_back(source: Path, folder: Path, kind: str, back: str) -> Path:
    gguf = converters.convert(source, folder / "m.gguf", type=kind).path
    return converters.convert(gguf, folder / "back", to="safetensors", type=back).path


def raw(folder: Path) -> dict[str, tuple[tuple[int, ...], bytes]]:
    content = safetensors.deserialize((folder / "model.safetensors").read_bytes())
    return {name: (tuple(one["shape"]), bytes(one["data"])) for name, one in content}


def stored_as(weights: np.ndarray[Any, Any], kind: str) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(weights).astype(DTYPES[kind])


def expected_name(family: Family, name: str) -> str | None:
    """What a tensor is called after the way back; None if it has no place there."""
    if family.name == "gemma3-images":
        if not name.startswith("language_model."):
            return None
        return name.removeprefix("language_model.")
    return None if name.startswith(("pooler.", "cls.")) or name.endswith("position_ids") else name


def test_every_family_of_the_registry_is_here() -> None:
    covered = {json.loads((one.folder / "config.json").read_text())["model_type"] for one in ALL.values()}
    assert covered == {kind for architecture in registry for kind in architecture.model_types}
    assert len({architecture.name for architecture in registry}) == 10


@pytest.mark.parametrize("kind", DTYPES)
@pytest.mark.parametrize("name", ALL)
def test_no_bit_of_the_weights_changes(tmp_path: Path, name: str, kind: str) -> None:
    family = ALL[name]
    folder = family.write(tmp_path / "model")
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    # Norms and biases are float32 in GGUF whatever the type, so the weights must be such that it has them.
    stored = {tensor: stored_as(one, kind) for tensor, one in tensors.items()}
    safetensors.numpy.save_file(stored, folder / "model.safetensors")
    back = raw(there_and_back(folder, tmp_path, kind, kind))
    expected = {new: stored[old] for old in stored if (new := expected_name(family, old)) is not None}
    assert back.keys() == expected.keys()
    for tensor, weights in expected.items():
        if name.startswith(OFFSET) and kind == "f32" and "norm" in tensor:
            # GGUF holds one more than the weights, rounded to float32.
            weights = (weights + np.float32(1)) - np.float32(1)
        assert back[tensor] == (weights.shape, weights.tobytes()), tensor


@pytest.mark.parametrize("name", ALL)
def test_transformers_computes_what_it_did_with_the_checkpoint(tmp_path: Path, name: str) -> None:
    require("torch")
    require("transformers")
    from tests.reference.make_families import logits_of

    family = ALL[name]
    tokens, places, wanted = family.recorded()
    back = there_and_back(family.write(tmp_path / "model"), tmp_path, "f32", "f32")
    config = json.loads((back / "config.json").read_text())
    length = min(len(tokens), config["max_position_embeddings"])
    loaded = Family(family.name, CLASSES.get(name, family.model), "", {}) if name in CLASSES else family
    found = logits_of(loaded, back, tokens[:length])
    held = places < length
    assert held.sum() > 12
    assert error(found[places[held]], wanted[held]) <= FLOAT32_BOUND


@pytest.mark.parametrize("name", ALL)
def test_the_network_is_understood_as_it_was(tmp_path: Path, name: str) -> None:
    folder = ALL[name].write(tmp_path / "model")
    back = there_and_back(folder, tmp_path, "f16", "f32")
    again = converters.convert(back, tmp_path / "again.gguf", type="f16").path
    first, second = GGUFFile.open(tmp_path / "m.gguf"), GGUFFile.open(again)
    left_out = ("general.name", "general.size_label", "general.basename", "general.file_type")
    assert {key: one for key, one in first.metadata.items() if key not in left_out} == {
        key: one for key, one in second.metadata.items() if key not in left_out
    }
    assert first.tensors.keys() == second.tensors.keys()
    for tensor, one in first.tensors.items():
        assert one.data.tobytes() == second.tensors[tensor].data.tobytes(), tensor


def test_where_a_model_comes_from_and_how_to_sample_comes_back(tmp_path: Path) -> None:
    folder = FAMILIES["qwen3"].write(tmp_path / "model")
    card = (
        "license: mit\nbase_model: org/Base-Model-7B\ndatasets: [org/data-v2, other/text]\ntags: [a, b]\nlanguage: cs"
    )
    (folder / "README.md").write_text(f"---\n{card}\n---\n", encoding="utf-8")
    sampling = {"do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95}
    (folder / "generation_config.json").write_text(json.dumps(sampling), encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["chat_template"] = [{"name": "default", "template": "{{ x }}"}, {"name": "tools", "template": "{{ y }}"}]
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    back = there_and_back(folder, tmp_path, "f16", "f16")
    written = json.loads((back / "generation_config.json").read_text(encoding="utf-8"))
    assert sampling.items() <= written.items()
    converters.convert(back, tmp_path / "again.gguf", type="f16")
    first, second = GGUFFile.open(tmp_path / "m.gguf").metadata, GGUFFile.open(tmp_path / "again.gguf").metadata
    left_out = ("general.name", "general.basename", "general.size_label", "general.finetune", "general.version")
    kept = {key: one for key, one in first.items() if key not in left_out}
    assert sum(key.startswith(("general.base_model", "general.dataset", "general.sampling")) for key in kept) > 8
    assert "tokenizer.chat_template.tools" in kept
    assert kept == {key: one for key, one in second.items() if key not in left_out}


@pytest.mark.parametrize(("switch", "number"), [("mean_tokens", 1), ("cls_token", 2), ("lasttoken", 3)])
def test_the_way_of_pooling_comes_back(tmp_path: Path, switch: str, number: int) -> None:
    folder = ENCODER.write(tmp_path / "model")
    kind = "sentence_transformers.models."
    modules = [{"type": f"{kind}Transformer", "path": ""}, {"type": f"{kind}Pooling", "path": "1_Pooling"}]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{switch}": True}), encoding="utf-8")
    back = there_and_back(folder, tmp_path, "f16", "f16")
    again = converters.convert(back, tmp_path / "again.gguf", type="f16").path
    assert GGUFFile.open(again).metadata["bert.pooling_type"] == number
    third = converters.convert(back, tmp_path / "third", to="safetensors", type="f16").path
    assert (third / "1_Pooling" / "config.json").read_bytes() == (back / "1_Pooling" / "config.json").read_bytes()
    assert converters.convert(back, tmp_path / "third", to="safetensors", type="f16").path == third


@pytest.mark.parametrize("name", ["mixtral", "qwen3moe", "phi-long", "gemma3"])
def test_quantized_stacks_come_back_as_they_are_decoded(tmp_path: Path, name: str) -> None:
    back = there_and_back(ALL[name].write(tmp_path / "model"), tmp_path, "q8_0", "f32")
    again = converters.convert(back, tmp_path / "again.gguf", type="q8_0").path
    first, second = GGUFFile.open(tmp_path / "m.gguf"), GGUFFile.open(again)
    quantized = [tensor for tensor, one in first.tensors.items() if one.type == "Q8_0"]
    assert len(quantized) > 10
    for tensor in quantized:  # what Q8_0 has decoded, it encodes to the same codes
        ours, theirs = (quantizers.get("Q8_0").dequantize(one.tensors[tensor].data) for one in (first, second))
        np.testing.assert_allclose(ours, theirs, atol=np.abs(ours).max() / 1000)


LLAMA3 = [
    (8.0, 1.0, 4.0, 8192),
    (32.0, 1.0, 4.0, 8192),
    (3.5, 1.0, 2.0, 3000),
    (4.0, 2.0, 8.0, 1024),
    (7.0, 1.0, 4.0, 999),
]


@pytest.mark.parametrize("theta", [10000.0, 500000.0])
@pytest.mark.parametrize(("factor", "low", "high", "original"), LLAMA3)
def test_llama3s_parameters_follow_from_its_divisors(
    factor: float, low: float, high: float, original: int, theta: float
) -> None:
    """The frequencies of transformers' formula, by hand in float64; what is found must give them again."""

    def frequencies(parameters: dict[str, Any]) -> np.ndarray[Any, Any]:
        plain = theta ** (-np.arange(64) / 64)
        waves = 2 * np.pi / plain
        low, high, context = (parameters[key] for key in ("low_freq_factor", "high_freq_factor", ORIGINAL))
        smooth = np.clip((context / waves - low) / (high - low), 0, 1)
        return plain * ((1 - smooth) / parameters["factor"] + smooth)

    given = {"factor": factor, "low_freq_factor": low, "high_freq_factor": high, ORIGINAL: original}
    values = Config({"rope_scaling": {"rope_type": "llama3", **given}, "rope_theta": theta})
    scaling = read_rotary(values, 128, 2**17, ("llama3",)).scaling
    assert scaling is not None
    found = llama3_parameters(scaling.divisors, theta)
    assert found is not None
    np.testing.assert_allclose(frequencies(found), frequencies(given), rtol=1e-6)


@pytest.mark.parametrize("divisors", [(), (1.0,) * 8, (1.0, 3.0, 2.0, 4.0), (0.5, 2.0), (1.0, float("inf"))])
def test_divisors_that_llama3_has_not(divisors: tuple[float, ...]) -> None:
    assert llama3_parameters(divisors, 10000.0) is None
