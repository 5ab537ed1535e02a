"""Record what ``mlx.core.quantize`` makes of some weights, for ``test_mlx_affine.py`` to compare with.

Needs MLX (on Linux and Windows the package ``mlx[cpu]``). Run as ``python -m tests.quantizers.record_mlx``; the result
is committed. The weights are rows of ``tests.quantizers.inputs``, recorded too, so that they do not depend on NumPy's
random numbers.
"""

from __future__ import annotations

import hashlib
import itertools
import platform
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from tests.quantizers import inputs

RECORDED = Path(__file__).parent / "recorded" / "mlx_affine.npz"
COLUMNS = 256
DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
CASES = [("float32", bits, size) for bits, size in itertools.product((2, 3, 4, 5, 6, 8), (32, 64, 128))]
CASES += [(dtype, bits, 64) for dtype, bits in itertools.product(("float16", "bfloat16"), (2, 3, 4, 5, 6, 8))]


def main() -> None:
    import mlx.core as mx

    weights = chosen_weights()
    system = f"{platform.system()} {platform.machine()}"
    provenance = f"mlx {mx.__version__} on the CPU, {system}; python -m tests.quantizers.record_mlx"
    RECORDED.parent.mkdir(exist_ok=True)
    np.savez_compressed(RECORDED, provenance=provenance, weights=weights, **outputs(weights))


def chosen_weights() -> np.ndarray:
    """One row of each input whose range is a finite float16 too, float32 ``[inputs, COLUMNS]``."""
    rows = np.stack([inputs.make(name)[5, :COLUMNS] for name in inputs.INPUTS])
    return rows[np.ptp(rows.astype(np.float64), axis=1) < 60000]


def outputs(weights: np.ndarray) -> dict[str, np.ndarray]:
    """What MLX gives in each case, 16-bit floats as uint16; of the weights that it gives back, a hash of the bytes."""
    import mlx.core as mx

    found = {}
    for dtype, bits, size in CASES:
        typed = mx.array(weights).astype(getattr(mx, dtype))
        packed, scales, biases = mx.quantize(typed, group_size=size, bits=bits)
        decoded = mx.dequantize(packed, scales, biases, group_size=size, bits=bits)
        name = f"{dtype}_{bits}_{size}"
        found[f"{name}_packed"] = np.array(packed)
        found[f"{name}_scales"] = bits_of(mx, scales)
        found[f"{name}_biases"] = bits_of(mx, biases)
        if dtype == "float32":
            found[f"{name}_decoded"] = sha256(np.array(decoded))
    return found


def bits_of(mx: Any, values: Any) -> np.ndarray:
    return np.array(values.view(mx.uint32 if values.dtype == mx.float32 else mx.uint16))


def sha256(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(hashlib.sha256(np.ascontiguousarray(values).tobytes()).digest(), np.uint8)


if __name__ == "__main__":
    main()
