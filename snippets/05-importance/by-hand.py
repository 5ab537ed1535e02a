import numpy as np

weights = np.array([0.9, -0.6, 0.35, 0.3, -0.3, 0.25, 0.1, -0.05])
importance = np.array([0.1, 0.1, 0.1, 9.0, 9.0, 0.1, 0.1, 0.1])


def round_to(scale: float) -> np.ndarray:
    return scale * np.clip(np.round(weights / scale), -2, 1)  # two bits: -2, -1, 0, 1


def best_scale(factors: np.ndarray) -> float:
    tried = np.linspace(-1, 1, 401)
    costs = [np.sum(factors * (round_to(scale) - weights) ** 2) if scale else np.inf for scale in tried]
    return float(tried[np.argmin(costs)])


found = []
for name, factors in (("plain", np.ones(8)), ("weighted", importance)):
    scale = best_scale(factors)
    restored = round_to(scale)
    error = np.sum((restored - weights) ** 2)
    mattering = np.sum(importance * (restored - weights) ** 2)
    print(f"{name:9} scale {scale:6.3f}  error {error:.3f}  where it matters {mattering:.3f}")
    print("          ", *(f"{weight:5.2f}" for weight in restored))
    found.append(float(mattering))

plain, weighted = found
assert weighted < plain
