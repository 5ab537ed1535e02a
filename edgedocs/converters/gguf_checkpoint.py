"""GGUFCheckpoint: a GGUF file as the checkpoint that it was made from, with its names, its rows' order and its config.

What is read back is checked by the way there: the metadata that the checkpoint would get must be those of the file, so
that nothing which is not understood is lost silently.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np
from gguf.constants import Keys
from numpy.typing import NDArray

from edgedocs import architectures, quantizers
from edgedocs.architectures.base import ModelSpec, TensorRole
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile, GGUFTensor
from edgedocs.containers.safetensors import Tensor
from edgedocs.converters import model_card
from edgedocs.converters.gguf_model import model_fields
from edgedocs.converters.tokenizer_from_gguf import special_ids, tokenizer_documents
from edgedocs.core import files
from edgedocs.core.errors import BadInput

FAMILIES: Mapping[str, tuple[str, str]] = MappingProxyType({"llama": ("llama", "LlamaForCausalLM")})
"""By GGUF's architecture: transformers' ``model_type`` and its class. A family whose ``config.json`` has Llama's names
for everything that :func:`~edgedocs.converters.gguf_model.model_fields` writes needs one entry here."""
NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "hidden_size": Keys.LLM.EMBEDDING_LENGTH,
        "intermediate_size": Keys.LLM.FEED_FORWARD_LENGTH,
        "num_hidden_layers": Keys.LLM.BLOCK_COUNT,
        "num_attention_heads": Keys.Attention.HEAD_COUNT,
        "num_key_value_heads": Keys.Attention.HEAD_COUNT_KV,
        "head_dim": Keys.Attention.KEY_LENGTH,
        "max_position_embeddings": Keys.LLM.CONTEXT_LENGTH,
        "rms_norm_eps": Keys.Attention.LAYERNORM_RMS_EPS,
        "rope_theta": Keys.Rope.FREQ_BASE,
        "vocab_size": Keys.LLM.VOCAB_SIZE,
    }
)
"""Keys of ``config.json`` and of GGUF."""
OUTPUT = "output.weight"
_FROM_ELSEWHERE = frozenset({Keys.General.NAME, Keys.General.SIZE_LABEL})
"""What a conversion takes from the folder's name and the weights."""
_PLAIN: Mapping[str, Any] = {"F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class RestoredTensor(Tensor):
    """A tensor of a GGUF file under its Hugging Face name; quantized ones are dequantized when they are read.

    Attributes:
        source: the tensor in the GGUF file.
        heads: how many heads its rows belong to, if GGUF has them in another order; else 0.
    """

    source: GGUFTensor
    heads: int

    def array(self) -> NDArray[Any]:
        """The weights with their rows in the checkpoint's order, in their own type, or float32 if quantized."""
        source = self.source
        if source.type in _PLAIN:
            weights = source.data.view(_PLAIN[source.type]).reshape(self.shape)
        else:
            weights = quantizers.get(source.type).dequantize(source.data, where=source.name)
        return _in_halves(weights, self.heads) if self.heads else weights


class GGUFCheckpoint(Checkpoint):
    """A GGUF file, seen as a checkpoint.

    Attributes:
        documents: the files that stand beside the weights of a checkpoint, by name.
        files: the files that it is read from.
    """

    documents: dict[str, bytes]
    files: tuple[Path, ...]

    @classmethod
    def of(cls, file: GGUFFile) -> GGUFCheckpoint:
        """The checkpoint that a file was made from.

        Raises:
            BadInput: if its architecture or its tokenizer is none that can be turned back, or something in the file
                would be lost.
        """
        config = _config(file)
        architecture = architectures.for_config(config, file.path)
        spec = architecture.spec(config, file.path)
        roles = {role.gguf: role for role in architecture.tensors(spec)}
        if unknown := next((name for name in file.tensors if name not in roles), None):
            raise _lost(file, f"tensor {unknown!r} has no place in a {architecture.name} checkpoint")
        tensors = {
            role.name: _restored(file.tensors[name], role, spec) for name, role in roles.items() if name in file.tensors
        }
        found = cls(file.path, config, MappingProxyType(tensors))
        architecture.check(spec, found.tensors, file.path)
        _check_metadata(file, found)
        found.name = file.path.stem
        found.files = file.parts
        found.documents = {name: files.json_bytes(one) for name, one in tokenizer_documents(file).items()}
        if card := _card(file):
            found.documents["README.md"] = card
        return found


def _restored(tensor: GGUFTensor, role: TensorRole, spec: ModelSpec) -> RestoredTensor:
    if tensor.type not in _PLAIN and tensor.type not in quantizers.registry:
        raise BadInput(
            f"tensor {tensor.name!r} is {tensor.type}", where=tensor.path, expected="a format that holds weights"
        )
    heads = tensor.shape[0] // spec.head_size if role.permuted and tensor.shape else 0
    dtype = tensor.type if tensor.type in _PLAIN else "F32"
    return RestoredTensor(tensor.path, role.name, dtype, tensor.shape, tensor.offset, tensor.nbytes, tensor, heads)


def _in_halves(weights: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows from neighbouring pairs back to two halves a head: what undoes ``LlamaModel.permute``."""
    pairs = weights.reshape(heads, weights.shape[0] // heads // 2, 2, *weights.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weights.shape)


def _config(file: GGUFFile) -> dict[str, Any]:
    """``config.json``, from what the file says and, where it says nothing, what llama.cpp takes for it."""
    metadata = file.metadata
    name = metadata.get(Keys.General.ARCHITECTURE)
    if name not in FAMILIES:
        raise BadInput(
            f"the architecture {str(name)[:40]!r} is not turned back into a checkpoint",
            where=file.path,
            expected=f"one of {', '.join(FAMILIES)}",
            remedy="use the checkpoint that the file was made from",
        )
    model_type, class_name = FAMILIES[str(name)]
    config: dict[str, Any] = {"architectures": [class_name], "model_type": model_type}
    for key, pattern in NUMBERS.items():
        value = metadata.get(pattern.format(arch=name))
        if value is not None:
            config[key] = float(str(np.float32(value))) if isinstance(value, float) else value
    embedding = file.tensors.get("token_embd.weight")
    if "vocab_size" not in config and embedding is not None and embedding.shape:
        config["vocab_size"] = embedding.shape[0]
    config["tie_word_embeddings"] = OUTPUT not in file.tensors
    return config | special_ids(file)


def _check_metadata(file: GGUFFile, checkpoint: Checkpoint) -> None:
    """Raise if the way there would not write what the file says of the model's shape."""
    name = checkpoint.spec.architecture
    expected = json.loads(json.dumps({key: field.value for key, field in model_fields(checkpoint).items()}))
    for key, value in file.metadata.items():
        if not key.startswith(f"{name}."):
            continue
        if key not in expected:
            raise _lost(file, f"{key} is {str(value)[:40]}, which has no place in config.json here")
        if np.float32(expected[key]) != np.float32(value):
            raise _lost(file, f"{key} is {str(value)[:40]}, and config.json would mean {expected[key]}")


def _card(file: GGUFFile) -> bytes | None:
    """A model card with what the file says of licence, languages, tags and the like; None if it says nothing."""
    lines = []
    for key, names in model_card.TEXTS.items():
        value = file.metadata.get(key)
        if isinstance(value, str) and value and key not in _FROM_ELSEWHERE:
            lines.append(f"{names[0]}: {json.dumps(value)}")
    for key, names in model_card.LISTS.items():
        values = file.metadata.get(key)
        if isinstance(values, list) and values and all(isinstance(one, str) for one in values):
            lines.append(f"{names[0]}: {json.dumps(values)}")
    return "\n".join(["---", *lines, "---", ""]).encode() if lines else None


def _lost(file: GGUFFile, what: str) -> BadInput:
    return BadInput(
        what,
        where=file.path,
        expected="a model of which nothing is lost on the way back",
        remedy="use the checkpoint that the file was made from",
    )
