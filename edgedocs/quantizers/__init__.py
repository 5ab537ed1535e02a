"""Quantizers: the block formats that weights are stored in.

* :mod:`edgedocs.quantizers.base` — the contract of a quantizer, and what all of them share.
* one module a format — its block layout and its arithmetic, byte for byte that of ggml.
* :mod:`edgedocs.quantizers.recipes` — which tensor of a model gets which format.

The formats that keep scales beside their codes are no plug-ins, since their settings multiply (bits, what shares a
scale, group size). Each of their modules has a frozen dataclass of settings with ``quantize`` and ``dequantize``:

* :mod:`edgedocs.quantizers.affine` — INT8, INT4 and INT2 with a scale and a zero point, as ONNX has them.
* :mod:`edgedocs.quantizers.float8` — FP8, E4M3 and E5M2.
* :mod:`edgedocs.quantizers.nf4` — NF4, 16 levels that suit a normal distribution.
* :mod:`edgedocs.quantizers.matmul_nbits` — matrices of 8, 4 or 2 bits as ONNX Runtime's MatMulNBits takes them.
* :mod:`edgedocs.quantizers.mlx_affine` — groups of 2 to 8 bits as MLX packs them.
* :mod:`edgedocs.quantizers.mlx_mxfp4` — 4-bit floats with a power of two as their scale, as MLX packs them.

>>> get("Q4_0").bits_per_weight
4.5
"""

from __future__ import annotations

from edgedocs.core.registry import Registry
from edgedocs.quantizers.base import Quantizer


class _Formats(Registry[Quantizer]):
    """The formats by name; upper and lower case are the same, as in file names and on the command line."""

    def get(self, name: str) -> Quantizer:
        return super().get(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())


registry: Registry[Quantizer] = _Formats(
    "quantizer",
    "edgedocs.quantizers",
    "QUANTIZER",
    helpers=frozenset(
        {
            "affine",
            "base",
            "bit_stream",
            "block32",
            "checks",
            "codebooks",
            "float8",
            "fp4",
            "matmul_nbits",
            "mixtures",
            "mlx_affine",
            "mlx_mxfp4",
            "nf4",
            "nonlinear",
            "packing",
            "quads",
            "recipes",
            "rounding",
            "search",
            "sharing",
            "splits",
            "super_blocks",
            "ternary",
        }
    ),
)


def get(name: str) -> Quantizer:
    """The quantizer of the format called ``name``, for example ``"Q4_0"`` or ``"q4_0"``.

    Raises:
        BadInput: if there is no such format; the message lists those that there are.
    """
    return registry.get(name)


def names() -> list[str]:
    """The names of all formats, in lower case, sorted."""
    return registry.names()
