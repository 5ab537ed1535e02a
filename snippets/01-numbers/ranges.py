import ml_dtypes
import numpy as np

types = [np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2]

print(f"{'type':15} {'largest':>9} {'smallest':>9} {'step at 1':>10} {'0.1 becomes':>12} {'70000 becomes':>14}")
for kind in types:
    limits = ml_dtypes.finfo(kind)
    with np.errstate(over="ignore"):
        tenth, large = (float(np.float32(value).astype(kind)) for value in (0.1, 70_000))
    name = np.dtype(kind).name
    print(
        f"{name:15} {float(limits.max):9.3g} {float(limits.smallest_subnormal):9.3g} {float(limits.eps):10.3g}"
        f" {tenth:12.6g} {large:14g}"
    )

bf16_step, fp16_step = (float(ml_dtypes.finfo(kind).eps) for kind in (ml_dtypes.bfloat16, np.float16))
coarser = bf16_step / fp16_step
assert float(ml_dtypes.finfo(np.float16).max) < 70_000 < float(ml_dtypes.finfo(ml_dtypes.bfloat16).max)
