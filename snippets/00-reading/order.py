import numpy as np

generator = np.random.default_rng(seed=0)
numbers = generator.random(1_000_000, np.float32)

exact = float(numbers.astype(np.float64).sum())
one_by_one = float(np.cumsum(numbers)[-1])
in_pairs = float(numbers.sum())
print(f"exact       {exact:.3f}")
print(f"one by one  {one_by_one:.3f}")
print(f"in pairs    {in_pairs:.3f}")

error_one_by_one, error_in_pairs = abs(one_by_one - exact), abs(in_pairs - exact)
assert 100 * error_in_pairs < error_one_by_one < 1e-3 * exact
