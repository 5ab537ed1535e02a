"""MLX: a folder that mlx-lm loads, quantized by groups as MLX itself does it, byte for byte, without MLX.

The tensors keep their Hugging Face names. A quantized ``X.weight`` holds packed codes, and beside it are ``X.scales``
and, unless it is MXFP4, ``X.biases``; ``config.json`` names bits and group size under ``quantization``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from edgedocs.architectures.base import DecoderSpec, TensorRole
from edgedocs.artifact import Artifact
from edgedocs.checkpoint import SINGLE, Checkpoint
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.mapping import Bytes
from edgedocs.containers.safetensors import Tensor
from edgedocs.containers.safetensors_writer import MLX, NewTensor, write_safetensors
from edgedocs.converters.base import Converter
from edgedocs.converters.mlx_config import mlx_config
from edgedocs.converters.recoding import recoded
from edgedocs.converters.safetensors import CONFIG, COPIED
from edgedocs.core import files
from edgedocs.core.digests import FileDigests
from edgedocs.core.errors import BadInput
from edgedocs.core.folders import atomic_folder
from edgedocs.core.progress import Progress
from edgedocs.core.threads import slices
from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer
from edgedocs.quantizers.mlx_mxfp4 import MLXMXFP4Quantizer

FLOATS = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
NUMPY = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16), "BF16": np.dtype(ml_dtypes.bfloat16)}
AFFINE = {f"{bits}bit": bits for bits in (2, 3, 4, 5, 6, 8)}
MXFP4 = "mxfp4"
GROUP = 64
WEIGHTS_AT_A_TIME = 2**22
"""16 MiB as float32."""
STACKS_SCALES = ("mixtral",)
"""Kinds of models whose experts mlx-lm stacks with their scales when it loads them."""

MLXQuantizer = MLXAffineQuantizer | MLXMXFP4Quantizer


@dataclass(frozen=True)
class MLXConverter(Converter):
    """A folder with ``model.safetensors`` as MLX packs it, the configuration and the tokenizer.

    Matrices whose rows are no whole number of groups stay floats, as mlx-lm has it.

    Args:
        group_size: neighbours in a row that share a scale: 32, 64 (the default) or 128; 32 for MXFP4.
        dtype: of scales and of what is not quantized: ``f32``, ``f16`` or ``bf16``; by default as it is in the
            checkpoint.
    """

    group_size: int | None = None
    dtype: str | None = None

    name = "mlx"
    default_type = "bf16"

    @property
    def types(self) -> tuple[str, ...]:
        """The floats, the affine formats and MXFP4."""
        return (*FLOATS, *AFFINE, MXFP4)

    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the contract's name
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write ``checkpoint`` to the folder ``target``, which is replaced only if it is an earlier conversion.

        Raises:
            BadInput: if the checkpoint cannot be converted, an option cannot be right, or something else is at
                ``target``.
            CannotRun: if the target cannot be written.
        """
        quantizer = _quantizer(type, self.group_size)
        stored = _stored_type(type, self.dtype)
        spec = _decoder(checkpoint)
        config = _config(checkpoint, spec, quantizer, stored)
        roles = checkpoint.architecture.tensors(spec)
        _check_experts(checkpoint, roles, quantizer)
        tensors = [new for role in roles for new in _planned(checkpoint.tensors[role.name], role, quantizer, stored)]
        if quantizer is not None and not any(tensor.dtype == "U32" for tensor in tensors):
            raise BadInput(
                f"no matrix has rows of a multiple of {quantizer.group_size} weights",
                where=checkpoint.path,
                expected="at least one that can be quantized",
                remedy="choose a smaller group size",
            )
        beside = [checkpoint.path / name for name in (CONFIG, *COPIED)]
        sources = sorted({tensor.path for tensor in checkpoint.tensors.values()} | {p for p in beside if p.is_file()})
        with FileDigests(tuple(sources)) as digests:
            with atomic_folder(target, LAYOUT) as folder:
                hashes = {target / SINGLE: write_safetensors(folder / SINGLE, tensors, progress, form=MLX)}
                files.write_bytes(folder / CONFIG, config)
                for path in beside[1:]:
                    if path.is_file():
                        files.write_bytes(folder / path.name, files.read_bytes(path))
            origin: dict[str, Any] = {"name": checkpoint.name}
            origin["files"] = {path.name: one for path, one in digests.result().items()}
        options = {"group_size": None if quantizer is None else quantizer.group_size, "dtype": self.dtype}
        return Artifact.record(target, type, origin | {"options": options}, ("numpy",), hashes)


LAYOUT = frozenset({SINGLE, CONFIG, *COPIED})


def _quantizer(type_name: str, group_size: int | None) -> MLXQuantizer | None:
    """What the matrices are quantized with; None for floats.

    Raises:
        BadInput: if the type has no such groups.
    """
    if type_name in AFFINE:
        return MLXAffineQuantizer(AFFINE[type_name], GROUP if group_size is None else group_size)
    allowed = {None, MLXMXFP4Quantizer.group_size} if type_name == MXFP4 else {None}
    if group_size not in allowed:
        raise BadInput(
            f"group_size is {group_size} for {type_name}",
            expected=f"{MLXMXFP4Quantizer.group_size}" if type_name == MXFP4 else "none: floats have no groups",
        )
    return MLXMXFP4Quantizer() if type_name == MXFP4 else None


def _stored_type(type_name: str, dtype: str | None) -> str | None:
    """The type, as safetensors names it, of what is not quantized; None for what each tensor has."""
    if dtype is not None and (dtype not in FLOATS or type_name in FLOATS):
        expected = f"one of {', '.join(FLOATS)}" if type_name not in FLOATS else "none: the type says it"
        raise BadInput(f"dtype is {dtype!r}", expected=expected)
    name = type_name if type_name in FLOATS else dtype
    return None if name is None else name.upper()


def _decoder(checkpoint: Checkpoint) -> DecoderSpec:
    spec = checkpoint.spec
    if not isinstance(spec, DecoderSpec):
        raise BadInput(
            f"{spec.architecture} models are no decoders, and mlx-lm has decoders alone",
            where=checkpoint.path / CONFIG,
            expected="a decoder",
            remedy="convert it to GGUF, which llama.cpp runs",
        )
    return spec


def _check_experts(checkpoint: Checkpoint, roles: tuple[TensorRole, ...], quantizer: MLXQuantizer | None) -> None:
    """Refuse quantized experts where mlx-lm stacks floats alone when it loads a checkpoint."""
    kind = checkpoint.config.get("model_type")
    if quantizer is not None and kind not in STACKS_SCALES and any(role.stack for role in roles):
        raise BadInput(
            f"the experts of {kind} models cannot be quantized yet: mlx-lm loads them as floats alone",
            where=checkpoint.path / CONFIG,
            expected=f"a model without experts, one of kind {', '.join(STACKS_SCALES)}, or a float type",
            remedy="choose bf16, or convert it to GGUF, which llama.cpp runs",
        )


def _planned(tensor: Tensor, role: TensorRole, quantizer: MLXQuantizer | None, stored: str | None) -> list[NewTensor]:
    dtype = stored or (tensor.dtype if tensor.dtype in NUMPY else "BF16")
    fits = quantizer is not None and len(role.shape) == 2 and role.shape[-1] % quantizer.group_size == 0
    if quantizer is None or not fits or not role.name.endswith(".weight"):
        return [NewTensor(tensor.name, dtype, tensor.shape, partial(_encoded, tensor, dtype))]
    return Quantized(tensor, quantizer, NUMPY[dtype]).tensors(dtype)


def _encoded(tensor: Tensor, dtype: str) -> Iterator[Bytes]:
    return recoded(np.atleast_1d(tensor.array()), dtype, where=tensor.name)


@dataclass(eq=False)
class Quantized:
    """One matrix on its way into three tensors: the codes are given out as they come, the rest when its turn comes."""

    tensor: Tensor
    quantizer: MLXQuantizer
    dtype: np.dtype[Any]
    _beside: dict[str, list[Bytes]] = field(default_factory=dict)

    def tensors(self, dtype: str) -> list[NewTensor]:
        """The tensors to write, in this order."""
        rows, columns = self.tensor.shape
        base = self.tensor.name.removesuffix("weight")
        groups = (rows, columns // self.quantizer.group_size)
        codes = NewTensor(base + "weight", "U32", (rows, columns * self.quantizer.bits // 32), self._codes)
        if isinstance(self.quantizer, MLXMXFP4Quantizer):
            return [codes, NewTensor(base + "scales", "U8", groups, partial(self._taken, "scales"))]
        beside = [NewTensor(base + name, dtype, groups, partial(self._taken, name)) for name in ("scales", "biases")]
        return [codes, *beside]

    def _codes(self) -> Iterator[Bytes]:
        matrix = self.tensor.array()
        for part in slices(len(matrix), WEIGHTS_AT_A_TIME // matrix.shape[1]):
            rows = self._typed(matrix[part])
            quantized: Any = self.quantizer.quantize(rows, where=self.tensor.name)
            for name in ("scales", "biases"):
                if hasattr(quantized, name):
                    self._beside.setdefault(name, []).append(np.ascontiguousarray(getattr(quantized, name)))
            yield _bytes(quantized.packed)

    def _typed(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        with np.errstate(over="ignore"):  # what overflows becomes infinite, which the quantizer refuses
            return rows.astype(self.dtype)

    def _taken(self, name: str) -> Iterator[Bytes]:
        return map(_bytes, self._beside.pop(name))


def _bytes(array: np.ndarray[Any, Any]) -> Bytes:
    little = np.ascontiguousarray(array)
    if little.dtype.itemsize > 1 and little.dtype.byteorder == ">":
        little = little.astype(little.dtype.newbyteorder("<"))
    return little.view(np.uint8)


def _config(checkpoint: Checkpoint, spec: DecoderSpec, quantizer: MLXQuantizer | None, stored: str | None) -> bytes:
    config = mlx_config(checkpoint, spec)
    if stored is not None:
        config |= {"dtype": FLOATS[stored.lower()], "torch_dtype": FLOATS[stored.lower()]}
    if quantizer is not None:
        settings: dict[str, Any] = {"group_size": quantizer.group_size, "bits": quantizer.bits}
        settings["mode"] = MXFP4 if isinstance(quantizer, MLXMXFP4Quantizer) else "affine"
        # The second is where Hugging Face looks for it.
        config |= {"quantization": settings, "quantization_config": settings}
    return files.json_bytes(config)


CONVERTER = MLXConverter()
