"""WordPiece, which llama.cpp calls ``bert``: BERT and the sentence embeddings made of it, as all-MiniLM-L6-v2."""

from __future__ import annotations

from typing import Any

from gguf.constants import TokenType

from edgedocs.tokenizers.base import Kind, TokenTable, Vocabulary
from edgedocs.tokenizers.document import TokenizerDocument

WORD_START = "\u2581"
"""What llama.cpp has before the tokens that start a word, where BERT has ``##`` before those that do not."""
LOWERCASE, STRIP_ACCENTS = "tokenizer.ggml.normalizer.lowercase", "tokenizer.ggml.normalizer.strip_accents"
"""Keys of GGUF that the package gguf lacks (0.19)."""

PLAIN_MODEL: dict[str, tuple[Any, ...]] = {"continuing_subword_prefix": ("##",), "max_input_chars_per_word": (100,)}


class WordPiece(Kind):
    """Words are cut at blanks and punctuation, then into the longest tokens from the left."""

    name = "WordPiece"
    model = "bert"

    def reads(self, document: TokenizerDocument) -> bool:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        return document.model.get("type") == "WordPiece"

    def vocabulary(self, document: TokenizerDocument, size: int) -> Vocabulary:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        document.check_model(PLAIN_MODEL)
        lowercase, strip_accents = _normalizer(document)
        if document.steps("pre_tokenizer") != [{"type": "BertPreTokenizer"}]:
            raise document.bad("pre_tokenizer is of a kind that is not known here", "BertPreTokenizer")
        unknown = document.model.get("unk_token")
        if not isinstance(unknown, str) or unknown not in document.ids:
            raise document.bad(f"model.unk_token is {str(unknown)[:40]!r}", "a token")
        table = TokenTable(size, document.bad)
        added = {token.content: token for token in document.added_tokens}
        for content, number in document.numbered():
            if content in added:
                kind = TokenType.CONTROL if added[content].special else TokenType.USER_DEFINED
                table.put(number, content, kind)
            else:
                starts = not content.startswith("##") or content == "##"
                table.put(number, WORD_START + content if starts else content[2:], TokenType.NORMAL)
        special = self._special(document)
        return Vocabulary(
            model=self.model,
            tokens=table.finish(),
            types=table.types,
            ids=document.ids,
            surroundings=document.surroundings,
            flags={LOWERCASE: lowercase, STRIP_ACCENTS: strip_accents},
            special=special | {"unk": document.ids[unknown]},
        )

    def _special(self, document: TokenizerDocument) -> dict[str, int]:
        """The ids that go around every text, which llama.cpp always puts there."""
        before, after = document.surroundings or ([], [])
        if len(before) != 1 or len(after) != 1 or before[0] is None or after[0] is None:
            raise document.bad("post_processor does not put one token before and one after a text", "[CLS] and [SEP]")
        return {"bos": before[0], "cls": before[0], "eos": after[0], "sep": after[0]}


KIND = WordPiece()


def _normalizer(document: TokenizerDocument) -> tuple[bool, bool]:
    """Whether text becomes lower case, and loses its accents."""
    steps = document.steps("normalizer")
    step = steps[0] if len(steps) == 1 and isinstance(steps[0], dict) else {}
    lowercase, accents = step.get("lowercase"), step.get("strip_accents")
    if (
        step.get("type") != "BertNormalizer"
        or step.get("clean_text") is not True
        or step.get("handle_chinese_chars") is not True
        or not isinstance(lowercase, bool)
        or not (accents is None or isinstance(accents, bool))
    ):
        raise document.bad(
            "normalizer is of a kind that is not known here",
            "BertNormalizer with clean_text and handle_chinese_chars",
        )
    return lowercase, lowercase if accents is None else accents
