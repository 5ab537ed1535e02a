"""What transformers recorded for the random Llama, and how far others may be from it."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "llama-random"
FLOAT32_BOUND = 1e-4
"""Between two engines that compute in float32."""
FLOAT16_CACHE_BOUND = 2e-3
"""Where one of them keeps its keys and values in float16."""


def recorded() -> tuple[list[int], np.ndarray]:
    """The tokens and their logits, float32 [tokens, vocabulary]."""
    with np.load(FOLDER / "reference.npz") as file:
        return file["tokens"].tolist(), file["logits"]


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, as a share of the largest logit of the reference."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())
