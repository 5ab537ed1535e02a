"""SentencePiece models, trained here by SentencePiece itself, and what transformers makes of them.

transformers turns a ``tokenizer.model`` into a ``tokenizer.json`` by listing, for every piece, the pairs of pieces that
make it, ordered by the piece's score (``generate_merges``); so does :func:`merges`.
"""

from __future__ import annotations

import base64
import io
from functools import cache
from pathlib import Path
from typing import Any

from tests.tokenizers import harness

BLANK = "\u2581"
PREPEND = {"type": "Prepend", "prepend": BLANK}
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": BLANK}
STYLES: dict[str, dict[str, Any]] = {
    "llama-2": {"normalizer": {"type": "Sequence", "normalizers": [PREPEND, REPLACE]}, "pre_tokenizer": None},
    "mistral": {
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "first", "split": False},
    },
    "gemma": {
        "normalizer": REPLACE,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
    },
}
RUNS = [BLANK * length for length in range(2, 17)]
GEMMA_SYMBOLS = ["<start_of_turn>", "<end_of_turn>", *("\n" * length for length in range(1, 9)), *RUNS, "<table>"]


@cache
def trained(kind: str, **options: Any) -> bytes:
    """A ``tokenizer.model``."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(harness.corpus()),
        model_writer=model,
        model_type=kind,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


def bpe(style: str) -> bytes:
    """A BPE model with the options of the family."""
    options: dict[str, Any] = {
        "vocab_size": 1500,
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
        "allow_whitespace_only_pieces": True,
        "split_digits": True,
        "add_dummy_prefix": style != "gemma",
    }
    if style == "gemma":
        options |= {"user_defined_symbols": ",".join(GEMMA_SYMBOLS), "pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3}
    return trained("bpe", **options)


def unigram() -> bytes:
    """A unigram model with T5's options."""
    return trained("unigram", vocab_size=1200, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)


def proto(model: bytes) -> Any:
    """The model as SentencePiece's own code reads it."""
    from sentencepiece import sentencepiece_model_pb2

    return sentencepiece_model_pb2.ModelProto.FromString(model)


def merges(pieces: list[tuple[str, float]]) -> list[list[str]]:
    """The pairs of pieces that make a piece, the highest score first."""
    known = {text for text, _ in pieces}
    pairs = [
        (score, place, piece[:place], piece[place:])
        for piece, score in pieces
        for place in range(1, len(piece))
        if piece[:place] in known and piece[place:] in known
    ]
    pairs.sort(key=lambda pair: (pair[0], len(pair[2]), len(pair[3])), reverse=True)
    return [[left, right] for _, _, left, right in pairs]


def document(style: str, model: bytes) -> dict[str, Any]:
    """The ``tokenizer.json`` that transformers makes of a BPE model."""
    pieces = proto(model).pieces
    bos = "<bos>" if style == "gemma" else "<s>"
    names = {number: piece.piece for number, piece in enumerate(pieces)}
    if style == "gemma":
        names |= {0: "<pad>", 1: "<eos>", 2: "<bos>", 3: "<unk>"}
    vocabulary = {name: number for number, name in names.items()}
    turns = ("<start_of_turn>", "<end_of_turn>")
    added = [
        {
            "id": number,
            "content": names[number],
            "special": piece.type != 4 or piece.piece in turns,
            "normalized": False,
        }
        for number, piece in enumerate(pieces)
        if piece.type in (2, 3, 4)
    ]
    return {
        **STYLES[style],
        "added_tokens": added,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {bos: {"id": bos, "ids": [vocabulary[bos]], "tokens": [bos]}},
        },
        "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": merges([(names[number], piece.score) for number, piece in enumerate(pieces)]),
        },
    }


def folder(path: Path, style: str, model: bytes | None = None) -> Path:
    """A folder with the ``tokenizer.json`` of a family."""
    made = document(style, bpe(style) if model is None else model)
    names = ("<bos>", "<eos>") if style == "gemma" else ("<s>", "</s>")
    filled = {
        **{"version": "1.0", "truncation": None, "padding": None},
        **made,
        "added_tokens": [
            {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, **token}
            for token in made["added_tokens"]
        ],
    }
    return harness.save(path, filled, bos_token=names[0], eos_token=names[1])


def unigram_folder(path: Path) -> Path:
    """A folder with the ``tokenizer.json`` that transformers makes of T5's ``tokenizer.model``."""
    model = proto(unigram())
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode("ascii")
    metaspace = {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "always", "split": True}
    document = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": piece.piece,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for number, piece in enumerate(model.pieces)
            if piece.type in (2, 3)
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": charsmap},
                {"type": "Strip", "strip_left": False, "strip_right": True},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": BLANK},
            ],
        },
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": 2,
            "byte_fallback": False,
            "vocab": [[piece.piece, piece.score] for piece in model.pieces],
        },
    }
    return harness.save(path, document, eos_token="</s>", unk_token="<unk>", pad_token="<pad>")
