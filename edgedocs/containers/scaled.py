"""FP8 weights with scales beside them, as DeepSeek's and compressed-tensors' checkpoints have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgedocs.containers.mapping import map_bytes
from edgedocs.containers.safetensors import DTYPES, Tensor
from edgedocs.core.errors import BadInput

FLOAT8 = ("F8_E4M3", "F8_E5M2")
SUFFIXES = ("_scale_inv", "_scale")
"""What a scale's name has at its end; a weight is its code times the scale in both cases, ``inv`` or not."""
OF_ACTIVATIONS = (".input_scale", ".activation_scale")
"""Ends of the names of scales that concern activations only."""
_SCALE_TYPES = ("F32", "F16", "BF16")


@dataclass(frozen=True)
class ScaledTensor(Tensor):
    """FP8 weights that are read with their scales.

    Attributes:
        scale: one for all, one for each row, or one for each block.
        block: rows and columns of a block; None if there are no blocks.
        code_type: the type of the codes; ``dtype`` is that of the weights.
    """

    scale: Tensor
    block: tuple[int, int] | None
    code_type: str

    @property
    def stored_type(self) -> str:
        """The type of the codes."""
        return self.code_type

    @property
    def stored_bytes(self) -> int:
        """The bytes of codes and scales."""
        return self.nbytes + self.scale.nbytes

    @property
    def is_mapped(self) -> bool:
        """False: all weights are computed."""
        return False

    def array(self) -> NDArray[Any]:
        """The weights as float32, codes times scales."""
        codes = map_bytes(self.path, self.offset, self.nbytes).view(DTYPES[self.code_type]).reshape(self.shape)
        weights = codes.astype(np.float32)
        weights *= self._spread(self.scale.float32())
        return weights

    def float32(self) -> NDArray[np.float32]:
        """The same as :meth:`array`."""
        return np.asarray(self.array(), np.float32)

    def _spread(self, scales: NDArray[np.float32]) -> NDArray[np.float32]:
        if scales.size == 1:
            return scales.reshape(())
        rows, columns = self.shape
        if scales.shape in ((rows,), (rows, 1)):
            return scales.reshape(rows, 1)
        if self.block is not None and scales.shape == tuple(
            -(-size // block) for size, block in zip(self.shape, self.block, strict=True)
        ):
            wide = np.repeat(scales, self.block[1], axis=1)[:, :columns]
            return np.repeat(wide, self.block[0], axis=0)[:rows]
        raise BadInput(
            f"tensor {self.scale.name!r} has the shape {list(scales.shape)}",
            where=self.scale.path,
            expected=f"one scale, {rows}, or one for each block of {self.block}",
            remedy="use the checkpoint that was not quantized",
        )


def with_scales(tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors with their scales applied when they are read; the scales themselves left out.

    Args:
        tensors: those of a checkpoint, by name.
        config: its ``config.json``, which says how large the blocks are.
    """
    block = _block(config)
    found = dict(tensors)
    for name, tensor in tensors.items():
        scale = next((tensors[name + end] for end in SUFFIXES if name + end in tensors), None)
        if scale is None or tensor.dtype not in FLOAT8 or len(tensor.shape) != 2 or scale.dtype not in _SCALE_TYPES:
            continue
        found[name] = ScaledTensor(
            tensor.path, name, "F32", tensor.shape, tensor.offset, tensor.nbytes, scale, block, tensor.dtype
        )
        del found[scale.name]
    if len(found) < len(tensors):
        found = {name: one for name, one in found.items() if not name.endswith(OF_ACTIVATIONS)}
    return found


def are_scaled(tensors: Iterable[Tensor]) -> bool:
    """Whether there are FP8 weights, and each has its scale."""
    given = list(tensors)
    return any(isinstance(one, ScaledTensor) for one in given) and not any(one.dtype in FLOAT8 for one in given)


def _block(config: Mapping[str, Any]) -> tuple[int, int] | None:
    quantization = config.get("quantization_config")
    sizes = quantization.get("weight_block_size") if isinstance(quantization, dict) else None
    if isinstance(sizes, list) and len(sizes) == 2 and all(type(size) is int and 0 < size < 2**31 for size in sizes):
        return sizes[0], sizes[1]
    return None
