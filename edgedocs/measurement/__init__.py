"""Measurement: what a model is worth, as numbers with their uncertainty and their origin."""

from __future__ import annotations

from edgedocs.measurement.divergence import Divergence, divergence
from edgedocs.measurement.embeddings import EmbeddingSimilarity, embedding_similarity
from edgedocs.measurement.perplexity import Perplexity, perplexity
from edgedocs.measurement.report import measure

__all__ = [
    "Divergence",
    "EmbeddingSimilarity",
    "Perplexity",
    "divergence",
    "embedding_similarity",
    "measure",
    "perplexity",
]
