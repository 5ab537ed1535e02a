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

from edgedocs import converters
from edgedocs.architectures import registry
from edgedocs.containers.gguf import GGUFFile
from tests.reference.families import ENCODER, FAMILIES, Family
from tests.reference.recorded import FLOAT32_BOUND, error
from tests.requirements import require

ALL = FAMILIES | {ENCODER.name: ENCODER}
DTYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
CLASSES = {"mistral": "LlamaForCausalLM", "gemma3-images": "Gemma3ForCausalLM"}
"""Where GGUF does not tell families apart: a Mistral is a Llama to llama.cpp, of Gemma 3 it has the decoder."""
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
