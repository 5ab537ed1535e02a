"""``tokenizer.model``: SentencePiece's own format, and what llama.cpp would be told of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import sentencepiece_bpe, unigram
from edgedocs.tokenizers.sentencepiece_model import Algorithm, SentencePieceModel

KINDS = {Algorithm.BPE: sentencepiece_bpe.KIND, Algorithm.UNIGRAM: unigram.KIND}


def fuzz_one(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        model = SentencePieceModel.parse(data, Path("tokenizer.model"))
        kind = KINDS.get(model.trainer.algorithm)
        if kind is not None:
            vocabulary = kind.from_model(model, len(model.pieces) + 3)
            assert len(set(vocabulary.tokens)) == len(vocabulary.types) == len(model.pieces) + 3
