"""Embedding similarity: how much of what embeddings tell is left after a conversion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement.bootstrap import Estimate, estimate

Vector = np.ndarray[Any, Any]


@dataclass(frozen=True)
class EmbeddingSimilarity:
    """How alike the embeddings of two models are.

    Attributes:
        cosine: the mean cosine between both models' embeddings of a text; 1 for the same direction.
        texts: how many texts.
    """

    cosine: Estimate
    texts: int


def embedding_similarity(
    embed: Callable[[str], Vector], reference: Callable[[str], Vector], texts: Sequence[str]
) -> EmbeddingSimilarity:
    """Compare the embeddings that two models give to the same texts.

    Args:
        embed: gives a text's embedding, one vector of any float type.
        reference: gives that of the model that is taken to be right.
        texts: at least one; the interval comes from drawing texts.

    Raises:
        BadInput: if there are no texts, or the embeddings differ in length.
        CannotRun: if an embedding is zero or has values that are no numbers.

    Example:
        >>> vectors = {"a": np.array([3.0, 4.0]), "b": np.array([1.0, 0.0])}
        >>> turned = {"a": np.array([4.0, 3.0]), "b": np.array([2.0, 0.0])}
        >>> embedding_similarity(turned.__getitem__, vectors.__getitem__, ["a", "b"]).cosine.value
        0.98
    """
    if not texts:
        raise BadInput("no texts to embed", expected="at least one")
    cosines = np.array([_cosine(embed(text), reference(text)) for text in texts])
    return EmbeddingSimilarity(estimate(cosines, np.ones(len(cosines))), len(texts))


def _cosine(found: Vector, wanted: Vector) -> float:
    ours, theirs = (np.asarray(one, dtype=np.float64).reshape(-1) for one in (found, wanted))
    if ours.shape != theirs.shape:
        raise BadInput(f"embeddings of {ours.size} and {theirs.size} numbers", expected="embeddings of the same length")
    # Scaled first: the squares of large numbers would be infinite, those of small ones zero.
    peaks = np.abs(ours).max(initial=0), np.abs(theirs).max(initial=0)
    if not (np.isfinite(peaks).all() and min(peaks) > 0):
        raise CannotRun("an embedding is zero, or has values that are no numbers", expected="finite embeddings")
    ours, theirs = ours / peaks[0], theirs / peaks[1]
    return float(ours @ theirs / np.sqrt((ours @ ours) * (theirs @ theirs)))
