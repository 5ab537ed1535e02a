"""Measurement: what a model is worth, as numbers with their uncertainty and their origin."""

from __future__ import annotations

from edgedocs.measurement.divergence import Divergence, divergence
from edgedocs.measurement.embeddings import EmbeddingSimilarity, embedding_similarity
from edgedocs.measurement.grid import Comparison, compare
from edgedocs.measurement.importance import Importance, importance
from edgedocs.measurement.perplexity import Perplexity, perplexity
from edgedocs.measurement.report import measure
from edgedocs.measurement.speed import speed

__all__ = [
    "Comparison",
    "Divergence",
    "EmbeddingSimilarity",
    "Importance",
    "Perplexity",
    "compare",
    "divergence",
    "embedding_similarity",
    "importance",
    "measure",
    "perplexity",
    "speed",
]
