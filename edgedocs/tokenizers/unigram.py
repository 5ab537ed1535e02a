"""SentencePiece's unigram model, which llama.cpp calls ``t5``: T5 and its kin."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from typing import Any

from gguf.constants import Keys, TokenType

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.base import Kind, TokenTable, Vocabulary
from edgedocs.tokenizers.document import AddedToken, TokenizerDocument, is_id
from edgedocs.tokenizers.sentencepiece_bpe import BLANK, special_ids, table_of
from edgedocs.tokenizers.sentencepiece_model import SentencePieceModel

PLAIN_MODEL: dict[str, tuple[Any, ...]] = {"byte_fallback": (None, False)}
WHITESPACE_SPLIT = {"type": "WhitespaceSplit"}
ONE_BLANK = {"type": "Replace", "pattern": {"Regex": " {2,}"}}
"""The step that makes one blank of several, but for what it writes: a blank, or SentencePiece's for it."""


class Unigram(Kind):
    """The way of cutting the text whose tokens' scores have the largest sum."""

    name = "SentencePiece unigram"
    model = "t5"

    def reads(self, document: TokenizerDocument) -> bool:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        return document.model.get("type") == "Unigram"

    def vocabulary(self, document: TokenizerDocument, size: int) -> Vocabulary:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        document.check_model(PLAIN_MODEL)
        unknown = document.model.get("unk_id")
        if not is_id(unknown) or not 0 <= unknown < len(document.pieces):
            raise document.bad(f"model.unk_id is {str(unknown)[:40]!r}", f"0 to {len(document.pieces) - 1}")
        charsmap = _normalizer(document)
        _check_words(document)
        table = TokenTable(size, document.bad)
        added = {token.content: token for token in document.added_tokens}
        for piece, number in document.numbered():
            kind = TokenType.NORMAL
            if number == unknown:
                kind = TokenType.UNKNOWN
            elif piece in added:
                kind = TokenType.CONTROL if added[piece].special else TokenType.USER_DEFINED
            score = document.pieces[number][1] if number < len(document.pieces) else 0.0
            table.put(number, piece, kind, score)
        return Vocabulary(
            model=self.model,
            tokens=table.finish(),
            types=table.types,
            ids=document.ids,
            surroundings=document.surroundings,
            scores=table.scores,
            flags={Keys.Tokenizer.ADD_PREFIX: True, Keys.Tokenizer.REMOVE_EXTRA_WS: True},
            charsmap=charsmap,
            special={"unk": unknown},
        )

    def from_model(self, model: SentencePieceModel, size: int, added: Sequence[AddedToken] = ()) -> Vocabulary:
        """What llama.cpp must know of a ``tokenizer.model``, and of what was added to it elsewhere.

        Raises:
            BadInput: as for :meth:`vocabulary`.
        """
        normalizer = model.normalizer
        for wrong, what in (
            (not normalizer.escape_whitespaces, "the tokenizer keeps blanks as they are (escape_whitespaces)"),
            (not normalizer.remove_extra_whitespaces, "the tokenizer keeps all blanks (remove_extra_whitespaces)"),
            (not normalizer.add_dummy_prefix, "the tokenizer puts no blank before a text (add_dummy_prefix)"),
            (model.trainer.whitespace_as_suffix, "the tokenizer has blanks at the end of words"),
            (model.trainer.byte_fallback, "the tokenizer makes bytes of what is unknown (byte_fallback)"),
        ):
            if wrong:
                raise model.bad(what, "a unigram model as T5 has it")
        check_charsmap(normalizer.charsmap, model.bad)
        table, ids = table_of(model, size, added)
        return Vocabulary(
            model=self.model,
            tokens=table.finish(),
            types=table.types,
            ids=ids,
            surroundings=None,
            adds=(False, True),
            scores=table.scores,
            flags={Keys.Tokenizer.ADD_PREFIX: True, Keys.Tokenizer.REMOVE_EXTRA_WS: True},
            charsmap=normalizer.charsmap,
            special=special_ids(model),
        )


KIND = Unigram()


def check_charsmap(charsmap: bytes, bad: Callable[[str, str], BadInput]) -> None:
    """Raise unless a character map is whole: a length, as many bytes of a trie, and replacements."""
    if not charsmap:
        return
    size = struct.unpack("<I", charsmap[:4])[0] if len(charsmap) >= 4 else len(charsmap)
    if size % 4 or size + 4 >= len(charsmap) or charsmap[-1] != 0:
        raise bad("the precompiled character map is damaged", "a trie and replacements that end with a zero")


def _normalizer(document: TokenizerDocument) -> bytes:
    """The precompiled character map; the other steps must be those that make one blank of several."""
    steps = [step if isinstance(step, dict) else {} for step in document.steps("normalizer")]
    maps = [step.get("precompiled_charsmap") for step in steps if step.get("type") == "Precompiled"]
    blanks = [
        {key: value for key, value in step.items() if key != "content"}
        for step in steps
        if step.get("type") not in ("Precompiled", "Strip")
    ]
    strips = [step for step in steps if step.get("type") == "Strip"]
    if (
        len(maps) != 1
        or steps[0].get("type") != "Precompiled"
        or blanks not in ([], [ONE_BLANK])
        or any(step.get("content") not in (" ", BLANK) for step in steps if step.get("type") == "Replace")
        or any(step.get("strip_left") for step in strips)
    ):
        raise document.bad("normalizer is of a kind that is not known here", "Precompiled, as SentencePiece's unigram")
    try:
        charsmap = base64.b64decode(maps[0] or "", validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise document.bad("precompiled_charsmap is malformed", "base 64") from error
    check_charsmap(charsmap, document.bad)
    return charsmap


def _check_words(document: TokenizerDocument) -> None:
    """Raise unless words are cut at blanks, with one before the text."""
    steps = [step if isinstance(step, dict) else {} for step in document.steps("pre_tokenizer")]
    if steps and steps[0] == WHITESPACE_SPLIT:
        steps = steps[1:]
    scheme = steps[0].get("prepend_scheme", "always") if steps else ""
    prefixes = steps and steps[0].get("add_prefix_space", True) is True
    if (
        len(steps) != 1
        or steps[0].get("type") != "Metaspace"
        or steps[0].get("replacement") != BLANK
        or scheme not in ("always", "first")
        or not prefixes
    ):
        raise document.bad(
            "pre_tokenizer is of a kind that is not known here", "Metaspace with a blank before the text"
        )
