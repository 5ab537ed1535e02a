"""Tokenizers: from the files of a checkpoint to what llama.cpp must know, in order to cut text in the same way.

A kind of tokenizer is one module with a ``KIND``; see :mod:`edgedocs.tokenizers.base` for what it provides.
"""

from __future__ import annotations

from pathlib import Path

from edgedocs.core.errors import BadInput
from edgedocs.core.registry import Registry
from edgedocs.tokenizers import older_files
from edgedocs.tokenizers.base import Kind, Vocabulary
from edgedocs.tokenizers.document import TokenizerDocument
from edgedocs.tokenizers.sentencepiece_model import Algorithm, SentencePieceModel
from edgedocs.tokenizers.special_tokens import Configuration

registry: Registry[Kind] = Registry(
    "tokenizer",
    __name__,
    "KIND",
    helpers=frozenset(
        {
            "base",
            "bounded_json",
            "document",
            "older_files",
            "pre_tokenizers",
            "sentencepiece_model",
            "special_tokens",
            "wire",
        }
    ),
)

JSON, MODEL, WORDS, VOCABULARY, MERGES = "tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "merges.txt"


def files_of(folder: Path) -> tuple[Path, ...]:
    """The files that a folder's tokenizer is read from: the first that are there of ``tokenizer.json``,
    ``tokenizer.model``, ``vocab.txt``, and ``vocab.json`` with ``merges.txt``.

    Raises:
        BadInput: if there are none.
    """
    for names in ((JSON,), (MODEL,), (WORDS,), (VOCABULARY, MERGES)):
        paths = tuple(folder / name for name in names)
        if all(path.is_file() for path in paths):
            return paths
    raise BadInput(
        "no tokenizer",
        where=folder,
        expected=f"{JSON}, {MODEL}, {WORDS}, or {VOCABULARY} with {MERGES}",
        remedy="check that the download is complete",
    )


def read(size: int, configuration: Configuration) -> Vocabulary:
    """What llama.cpp must know of a folder's tokenizer.

    Args:
        size: rows of the model's token embedding.
        configuration: the folder, and what stands beside the tokenizer in it.

    Raises:
        BadInput: if the tokenizer is missing or malformed, or llama.cpp has none that cuts text in the same way.
        CannotRun: if a file cannot be read.
    """
    paths = files_of(configuration.folder)
    if paths[0].name == MODEL:
        vocabulary = _of_model(SentencePieceModel.open(paths[0]), size, configuration)
    else:
        vocabulary = of_document(_document(paths, configuration), size)
    configuration.check(vocabulary)
    return vocabulary


def of_document(document: TokenizerDocument, size: int) -> Vocabulary:
    """What llama.cpp must know of a ``tokenizer.json``; arguments and errors as for :func:`read`."""
    for kind in registry:
        if kind.reads(document):
            return kind.vocabulary(document, size)
    found = document.model.get("type")
    if found == "BPE":
        raise document.bad("BPE with neither ByteLevel nor byte_fallback", "one of them")
    raise document.bad(f"model.type is {str(found)[:40]!r}", "'BPE', 'Unigram' or 'WordPiece'")


def _document(paths: tuple[Path, ...], configuration: Configuration) -> TokenizerDocument:
    if paths[0].name == JSON:
        return TokenizerDocument.open(paths[0])
    if paths[0].name == WORDS:
        return older_files.wordpiece(paths[0], configuration)
    return older_files.byte_level_bpe(paths[0], paths[1], configuration)


def _of_model(model: SentencePieceModel, size: int, configuration: Configuration) -> Vocabulary:
    from edgedocs.tokenizers import sentencepiece_bpe, unigram

    added = configuration.added_tokens()
    if model.trainer.algorithm == Algorithm.BPE:
        return sentencepiece_bpe.KIND.from_model(model, size, added)
    if model.trainer.algorithm == Algorithm.UNIGRAM:
        return unigram.KIND.from_model(model, size, added)
    raise model.bad(f"a model of the type {model.trainer.algorithm.name}", "BPE or UNIGRAM")
