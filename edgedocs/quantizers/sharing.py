"""Which weights of a tensor share a scale: all of them, those of a channel, or a group of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.checks import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Weights

Granularity = Literal["tensor", "channel", "group"]


@dataclass(frozen=True)
class Sharing:
    """How a tensor is cut into the parts that share a scale, as ONNX's QuantizeLinear cuts it.

    Args:
        granularity: ``"tensor"``: one scale, of shape ``()``; ``"channel"``: one for each index along ``axis``, of
            shape ``(n,)``; ``"group"``: one for every ``group_size`` neighbours along ``axis``, in the shape of the
            tensor but for that axis. The last group is smaller if the size does not divide the axis.
        axis: by default the first for channels, which are then the rows of a weight matrix ``[out, in]``, and the last
            for groups.
        group_size: for groups only.

    Raises:
        BadInput: if the settings do not fit each other.
    """

    granularity: Granularity = "tensor"
    axis: int | None = None
    group_size: int | None = None

    def __post_init__(self) -> None:
        one_of(self.granularity, ("tensor", "channel", "group"), "granularity")
        if self.granularity == "tensor" and self.axis is not None:
            raise BadInput(f"axis {self.axis} for one scale a tensor", expected="no axis")
        if (self.granularity == "group") != (self.group_size is not None):
            raise BadInput(f"group size {self.group_size} for one scale a {self.granularity}", expected=_GROUP_RULE)
        if self.group_size is not None and self.group_size < 1:
            raise BadInput(f"group size {self.group_size}", expected="one or more")

    def reduce(self, function: np.ufunc, values: Weights, where: str | None = None) -> Weights:
        """``function``, ``numpy.maximum`` say, over zero and the values that share a scale; one for each scale."""
        axis = self._axis(values.ndim, where)
        if self.granularity == "group":
            assert self.group_size is not None
            result = function.reduceat(values, np.arange(0, values.shape[axis], self.group_size), axis=axis)
        else:
            others = tuple(other for other in range(values.ndim) if self.granularity == "tensor" or other != axis)
            result = function.reduce(values, axis=others, initial=np.float32(0))
        return np.asarray(function(result, np.float32(0)))

    def spread(self, scales: NDArray[Any], shape: tuple[int, ...], where: str | None = None) -> NDArray[Any]:
        """What each weight of a tensor of ``shape`` has of ``scales``, in a shape that broadcasts to ``shape``.

        Raises:
            BadInput: if ``scales`` are not of the shape that belongs to ``shape``.
        """
        axis = self._axis(len(shape), where)
        wanted = self.scales_shape(shape, where)
        if scales.shape != wanted:
            raise BadInput(
                f"scales or zero points of shape {scales.shape}",
                where=where,
                expected=f"{wanted}, one for each {self.granularity} of weights of shape {shape}",
            )
        if self.granularity == "tensor":
            return scales
        if self.granularity == "channel":
            return scales.reshape([-1 if dimension == axis else 1 for dimension in range(len(shape))])
        assert self.group_size is not None
        group = np.arange(shape[axis]) // self.group_size
        return np.take(scales, group, axis=axis)

    def scales_shape(self, shape: tuple[int, ...], where: str | None = None) -> tuple[int, ...]:
        """The shape of the scales of a tensor of ``shape``."""
        axis = self._axis(len(shape), where)
        if self.granularity == "tensor":
            return ()
        if self.granularity == "channel":
            return (shape[axis],)
        assert self.group_size is not None
        return *shape[:axis], -(-shape[axis] // self.group_size), *shape[axis + 1 :]

    def _axis(self, dimensions: int, where: str | None) -> int:
        if self.granularity == "tensor":
            return 0
        axis = self.axis if self.axis is not None else 0 if self.granularity == "channel" else -1
        if not -dimensions <= axis < dimensions:
            raise BadInput(
                f"a tensor of {dimensions} dimensions has no axis {axis}",
                where=where,
                expected=f"an axis to have one scale a {self.granularity} along",
            )
        return axis % dimensions


_GROUP_RULE = 'a group size with granularity "group", and with no other'
