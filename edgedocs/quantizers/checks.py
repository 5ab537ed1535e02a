"""What the formats that keep scales beside codes ask of their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.base import EXACT_IN_FLOAT32

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgedocs.quantizers.base import Weights


def whole_groups(weights: NDArray[Any], group_size: int, target: str, where: str | None = None) -> None:
    """Refuse weights whose rows are no whole number of groups.

    Args:
        weights: of any shape and type.
        group_size: how many weights of a row share a scale.
        target: the format's name, for the message.
        where: the tensor's name, for the message.

    Raises:
        BadInput: if it does not fit.
    """
    if not weights.ndim or weights.shape[-1] % group_size:
        raise BadInput(
            f"{target} cannot hold a tensor of shape {weights.shape}",
            where=where,
            expected=f"rows of a multiple of {group_size} weights",
        )


def as_float32(weights: NDArray[Any], target: str, where: str | None = None) -> Weights:
    """The weights as float32, the same array if they are that already.

    Args:
        weights: of float32, float16 or bfloat16, of any shape.
        target: the format's name, for the message.
        where: the tensor's name, for the message.

    Raises:
        BadInput: if the data type is another, or a weight is infinite or not a number; the message says which.
    """
    if weights.dtype.name not in EXACT_IN_FLOAT32:
        raise BadInput(
            f"cannot quantize {weights.dtype.name} to {target}",
            where=where,
            expected="float32, float16 or bfloat16",
            remedy="convert it with .astype(numpy.float32)",
        )
    values = weights.astype(np.float32, copy=False)
    finite = np.isfinite(values)
    if not finite.all():
        place = tuple(int(index) for index in np.unravel_index(np.argmin(finite), values.shape))
        raise BadInput(
            f"the weight at {list(place)} is {values[place]}, which {target} cannot store",
            where=where,
            expected="finite weights",
            remedy="look for the fault in the model",
        )
    return values


def finite_range(values: Weights, target: str, where: str | None = None) -> None:
    """Refuse ``values``, one for each group, that overflowed when the group's range was computed in float32.

    Raises:
        BadInput: naming the first such group.
    """
    finite = np.isfinite(values)
    if not finite.all():
        place = [int(index) for index in np.unravel_index(np.argmin(finite), values.shape)]
        raise BadInput(
            f"the range of the weights in group {place} is no float32, so {target} has no scale for it",
            where=where,
            expected="weights of ordinary magnitude",
            remedy="look for the fault in the model",
        )


def one_of(value: object, allowed: tuple[object, ...], noun: str) -> None:
    """Refuse a setting that is not among those allowed.

    Raises:
        BadInput: with the list of those.
    """
    if value not in allowed:
        raise BadInput(f"{noun} {value!r}", expected=f"one of {', '.join(str(one) for one in allowed)}")
