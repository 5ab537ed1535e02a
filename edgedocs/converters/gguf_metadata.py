"""What a GGUF file says about a model as a whole.

The keys are those that llama.cpp's own ``convert_hf_to_gguf.py`` writes for the same checkpoint.
"""

from __future__ import annotations

import math

from gguf.constants import GGML_QUANT_VERSION, GGUFType, Keys

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, text, uint32
from edgedocs.converters import sampling
from edgedocs.converters.gguf_model import size_of
from edgedocs.converters.model_card import ModelCard


def general_fields(checkpoint: Checkpoint, file_type: int) -> dict[str, Field]:
    """What the file is: architecture, kind, name, size, origin, licence, sampling, recipe.

    Args:
        checkpoint: the model.
        file_type: the recipe's number (``enum llama_ftype``).

    Raises:
        BadInput: if the model card or the settings of sampling are malformed.
    """
    weights = sum(math.prod(role.shape) for role in checkpoint.architecture.tensors(checkpoint.spec))
    fields = {
        Keys.General.ARCHITECTURE: text(checkpoint.spec.architecture),
        Keys.General.TYPE: text(GGUFType.MODEL),
        Keys.General.NAME: text(checkpoint.name),
        Keys.General.SIZE_LABEL: text(size_of(checkpoint, weights)),
    }
    fields |= ModelCard.open(checkpoint.path, checkpoint.config).fields(weights)
    fields |= sampling.fields(checkpoint.generation_config, checkpoint.path / "generation_config.json")
    return fields | {
        Keys.General.QUANTIZATION_VERSION: uint32(GGML_QUANT_VERSION),
        Keys.General.FILE_TYPE: uint32(file_type),
    }
