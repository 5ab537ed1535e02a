"""MXFP4 of MLX: what MLX writes, computed again where it is installed; and a group by hand."""

import ml_dtypes
import numpy as np
import pytest

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.mlx_mxfp4 import MLXMXFP4Quantizer
from tests.quantizers import inputs
from tests.requirements import require

QUANTIZER = MLXMXFP4Quantizer()
TYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def test_a_group_by_hand() -> None:
    """The greatest is 6, so the scale is 1 (127); halves go to the lower value, and what becomes 0 has no sign."""
    row = np.zeros((1, 32), np.float32)
    row[0, :10] = [6, 0.25, 0.75, -0.75, 5, -5, 3.6, -0.2, 0.26, -6]
    quantized = QUANTIZER.quantize(row)
    assert quantized.scales.tolist() == [[127]]
    # 6 0 .5 -.5 4 -4 4 0, then .5 -6: codes 7 0 1 9 6 e 6 0, 1 f, the first in the lowest bits.
    assert [f"{word:08x}" for word in quantized.packed[0].tolist()] == ["06e69107", "000000f1", "00000000", "00000000"]
    decoded = QUANTIZER.dequantize(quantized)[0, :10]
    assert decoded.tolist() == [6, 0, 0.5, -0.5, 4, -4, 4, 0, 0.5, -6]


def test_the_scale_never_cuts_off() -> None:
    """Just above 6 it doubles; ggml's would stay."""
    row = np.zeros((2, 32), np.float32)
    row[:, 0] = [6.0, np.nextafter(np.float32(6.5), np.float32(7))]
    quantized = QUANTIZER.quantize(row)
    assert quantized.scales.ravel().tolist() == [127, 128]
    assert QUANTIZER.dequantize(quantized)[:, 0].tolist() == [6, 6]


@pytest.mark.parametrize("dtype", TYPES)
def test_bytes_are_those_of_mlx(dtype: str) -> None:
    require("mlx")
    import mlx.core as mx

    rows = np.stack([inputs.make(name)[5, :256] for name in inputs.INPUTS])
    rows = rows[(np.abs(rows).max(axis=1) < 60000)].astype(TYPES[dtype])
    smallest = np.abs(rows.astype(np.float32).reshape(-1, 32)).max(axis=1).reshape(len(rows), -1)
    rows = rows[((smallest == 0) | (smallest > 1e-36)).all(axis=1)]
    assert len(rows) >= 15
    packed, scales = mx.quantize(
        mx.array(rows.astype(np.float32)).astype(getattr(mx, dtype)), group_size=32, bits=4, mode="mxfp4"
    )
    quantized = QUANTIZER.quantize(rows)
    np.testing.assert_array_equal(quantized.packed, np.array(packed))
    np.testing.assert_array_equal(quantized.scales, np.array(scales))
    decoded = mx.dequantize(packed, scales, group_size=32, bits=4, mode="mxfp4").astype(mx.float32)
    np.testing.assert_array_equal(QUANTIZER.dequantize(quantized), np.array(decoded))


def test_tiny_groups_get_the_smallest_scale() -> None:
    quantized = QUANTIZER.quantize(np.full((1, 32), 1e-40, np.float32))
    assert quantized.scales.tolist() == [[0]]
    assert np.isfinite(QUANTIZER.dequantize(quantized)).all()


def test_zeros_stay_zeros() -> None:
    quantized = QUANTIZER.quantize(np.zeros((2, 64), np.float32))
    assert not quantized.packed.any()
    assert not QUANTIZER.dequantize(quantized).any()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((1, 31), np.float32), "rows of a multiple of 32"),
        (np.zeros((1, 32), np.int8), "cannot quantize int8"),
        (np.full((1, 32), np.inf, np.float32), "cannot store"),
    ],
)
def test_what_cannot_be_stored_is_refused(weights: np.ndarray, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        QUANTIZER.quantize(weights)
