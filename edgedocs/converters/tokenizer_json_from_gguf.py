"""``tokenizer.json`` from what a GGUF file says of a tokenizer: BPE by bytes or by characters, unigram, WordPiece."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from gguf.constants import Keys, TokenType

from edgedocs.containers.gguf import GGUFFile
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import pre_tokenizers
from edgedocs.tokenizers.pre_tokenizers import PreTokenizer
from edgedocs.tokenizers.sentencepiece_bpe import BLANK, MERGED, PREPEND, REPLACE, check_lengths, merges_of
from edgedocs.tokenizers.wordpiece import LOWERCASE, STRIP_ACCENTS, WORD_START

ADDED = (TokenType.CONTROL, TokenType.USER_DEFINED)
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
METASPACE = {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "always", "split": True}
LONGEST_WORD = 100
"""Characters of a word that WordPiece cuts; longer ones are unknown."""


class StoredTokenizer:
    """What a GGUF file says of a tokenizer.

    Attributes:
        file: the file.
        kind: llama.cpp's name for the kind.
        tokens: every token by its id, as llama.cpp has it spelled.
        types: their types.

    Raises:
        BadInput: if tokens or types are missing or malformed.
    """

    def __init__(self, file: GGUFFile) -> None:
        self.file = file
        self.kind = file.metadata.get(Keys.Tokenizer.MODEL)
        self.tokens = [str(token) for token in self.items(Keys.Tokenizer.LIST)]
        self.types: list[int] = self.items(Keys.Tokenizer.TOKEN_TYPE)
        if len(self.types) != len(self.tokens):
            raise self.bad(f"{len(self.types)} types of tokens for {len(self.tokens)} tokens", "as many")

    def items(self, key: str) -> list[Any]:
        """A list of the metadata."""
        value = self.file.metadata.get(key)
        if not isinstance(value, list):
            raise self.bad(f"{key} is missing or no list", "a list")
        return value

    def scores(self) -> list[float]:
        """The tokens' scores."""
        scores = self.items(Keys.Tokenizer.SCORES)
        if len(scores) != len(self.tokens) or not np.isfinite(np.array(scores, np.float64)).all():
            raise self.bad("the scores of the tokens are malformed", f"{len(self.tokens)} finite numbers")
        return [float(one) for one in scores]

    def special(self, key: str) -> tuple[int, str] | None:
        """A special token: its id and its text; None if the file names none."""
        number = self.file.metadata.get(key)
        if not isinstance(number, int) or not 0 <= number < len(self.tokens):
            return None
        return number, self.tokens[number]

    def flag(self, key: str, default: bool) -> bool:
        """A yes-or-no setting."""
        value = self.file.metadata.get(key)
        return value if isinstance(value, bool) else default

    def bad(self, what: str, expected: str) -> BadInput:
        """The error for something that is malformed or not known."""
        remedy = "use the checkpoint that the file was made from"
        return BadInput(what, where=self.file.path, expected=expected, remedy=remedy)


def tokenizer_json(stored: StoredTokenizer) -> dict[str, Any]:
    """The document.

    Raises:
        BadInput: if the tokenizer is of another kind, or malformed.
    """
    pre = stored.file.metadata.get(Keys.Tokenizer.PRE)
    make = _KINDS.get(stored.kind) if isinstance(stored.kind, str) else None
    if make is None:
        known = ", ".join(repr(one) for one in _KINDS)
        raise stored.bad(f"the tokenizer {str(stored.kind)[:40]!r} ({str(pre)[:40]!r}) is not turned back", known)
    return {"version": "1.0", "truncation": None, "padding": None, **make(stored)}


def _byte_level_bpe(stored: StoredTokenizer) -> dict[str, Any]:
    name = stored.file.metadata.get(Keys.Tokenizer.PRE)
    known = {one.name: one for one in pre_tokenizers.known()}
    if name not in known:
        raise stored.bad(
            f"the tokenizer 'gpt2' ({str(name)[:40]!r}) is not turned back", f"'gpt2' ({', '.join(known)})"
        )
    pre: PreTokenizer = known[str(name)]
    merges = [str(merge).split(" ") for merge in stored.items(Keys.Tokenizer.MERGES)]
    if any(len(pair) != 2 for pair in merges):
        raise stored.bad(f"{Keys.Tokenizer.MERGES} is malformed", "pairs of texts with a blank between")
    steps = [{**BYTE_LEVEL, **one} if one["type"] == "ByteLevel" else dict(one) for one in pre.steps]
    return {
        "added_tokens": _added(stored, stored.tokens),
        "normalizer": {"type": pre.normalizers[0]} if pre.normalizers else None,
        "pre_tokenizer": steps[0] if len(steps) == 1 else {"type": "Sequence", "pretokenizers": steps},
        "post_processor": _post_processor(stored),
        "decoder": BYTE_LEVEL,
        "model": _bpe(_vocabulary(stored, stored.tokens), merges) | {"ignore_merges": pre.whole_words},
    }


def _sentencepiece_bpe(stored: StoredTokenizer) -> dict[str, Any]:
    spelled = _with_runs(stored)
    vocabulary = _vocabulary(stored, spelled)
    unknown = next((spelled[number] for number, kind in enumerate(stored.types) if kind == TokenType.UNKNOWN), None)
    prefix = stored.flag(Keys.Tokenizer.ADD_PREFIX, default=True)
    blanks: list[dict[str, Any]] = [{"type": "Replace", "pattern": {"String": BLANK}, "content": " "}]
    ending: list[dict[str, Any]] = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if prefix else []
    decoders = [*blanks, {"type": "ByteFallback"}, {"type": "Fuse"}, *ending]
    scores = stored.scores()
    merging = {
        token: score
        for token, score, kind in zip(spelled, scores, stored.types, strict=True)
        if kind in (TokenType.NORMAL, TokenType.BYTE)
    }
    # llama.cpp looks for added runs of blanks in the text first. Here the blanks have become lines by then, so merges
    # make the runs, before all others.
    first = max(scores, default=0.0) + 1
    runs = (token for token, kind in zip(spelled, stored.types, strict=True) if kind == TokenType.USER_DEFINED)
    merging |= {token: first for token in runs if set(token) == {BLANK}}
    check_lengths(merging, stored.bad)
    return {
        "added_tokens": _added(stored, spelled, TokenType.UNKNOWN),
        "normalizer": {"type": "Sequence", "normalizers": [PREPEND, REPLACE]} if prefix else REPLACE,
        "pre_tokenizer": None if prefix else MERGED,
        "post_processor": _post_processor(stored),
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": _bpe(vocabulary, merges_of(merging, vocabulary))
        | {"unk_token": unknown, "fuse_unk": True, "byte_fallback": True},
    }


def _unigram(stored: StoredTokenizer) -> dict[str, Any]:
    unknown = stored.special(Keys.Tokenizer.UNK_ID)
    if unknown is None:
        raise stored.bad(f"{Keys.Tokenizer.UNK_ID} is missing", "the id of the unknown token")
    unused = [number for number, kind in enumerate(stored.types) if kind == TokenType.UNUSED]
    count = len(stored.tokens) - len(unused)
    if unused and unused[0] != count:
        raise stored.bad(
            f"token {unused[0]} is unused", "unused tokens after all others, as tokenizer.json has no others"
        )
    charsmap = bytes(stored.file.metadata.get(Keys.Tokenizer.PRECOMPILED_CHARSMAP) or b"")
    return {
        "added_tokens": _added(stored, stored.tokens, TokenType.UNKNOWN),
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode("ascii")},
                {"type": "Strip", "strip_left": False, "strip_right": True},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": BLANK},
            ],
        },
        "pre_tokenizer": METASPACE,
        "post_processor": _post_processor(stored),
        "decoder": METASPACE,
        "model": {
            "type": "Unigram",
            "unk_id": unknown[0],
            "byte_fallback": False,
            "vocab": [list(pair) for pair in zip(stored.tokens[:count], stored.scores()[:count], strict=True)],
        },
    }


def _wordpiece(stored: StoredTokenizer) -> dict[str, Any]:
    named = {name: stored.special(key) for name, key in _WORDPIECE_NAMES.items()}
    if missing := next((key for name, key in _WORDPIECE_NAMES.items() if named[name] is None), None):
        raise stored.bad(f"{missing} is missing", "the ids of [CLS], [SEP] and [UNK]")
    first, last, unknown = (token for token in named.values() if token is not None)
    spelled = [
        token
        if kind != TokenType.NORMAL
        else token.removeprefix(WORD_START)
        if token[:1] == WORD_START
        else f"##{token}"
        for token, kind in zip(stored.tokens, stored.types, strict=True)
    ]
    return {
        "added_tokens": _added(stored, spelled),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": stored.flag(STRIP_ACCENTS, default=True),
            "lowercase": stored.flag(LOWERCASE, default=True),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": _template([first], [last], second_type=1),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown[1],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": LONGEST_WORD,
            "vocab": _vocabulary(stored, spelled),
        },
    }


_WORDPIECE_NAMES = {"cls": Keys.Tokenizer.BOS_ID, "sep": Keys.Tokenizer.SEP_ID, "unk": Keys.Tokenizer.UNK_ID}
_KINDS: dict[str, Callable[[StoredTokenizer], dict[str, Any]]] = {
    "gpt2": _byte_level_bpe,
    "llama": _sentencepiece_bpe,
    "t5": _unigram,
    "bert": _wordpiece,
}
"""By llama.cpp's names."""


def _with_runs(stored: StoredTokenizer) -> list[str]:
    """The tokens as SentencePiece spells them: added runs of blanks, as in Gemma, unless that is another token."""
    known = set(stored.tokens)
    return [
        run
        if kind == TokenType.USER_DEFINED and set(token) == {" "} and (run := BLANK * len(token)) not in known
        else token
        for token, kind in zip(stored.tokens, stored.types, strict=True)
    ]


def _bpe(vocabulary: dict[str, int], merges: list[list[str]]) -> dict[str, Any]:
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocabulary,
        "merges": merges,
    }


def _vocabulary(stored: StoredTokenizer, spelled: list[str]) -> dict[str, int]:
    kept = [number for number, kind in enumerate(stored.types) if kind != TokenType.UNUSED]
    vocabulary = {spelled[number]: number for number in kept}
    if len(vocabulary) != len(kept):
        raise stored.bad("a token occurs twice", "each token once")
    return vocabulary


def _added(stored: StoredTokenizer, spelled: list[str], *more: TokenType) -> list[dict[str, Any]]:
    """The tokens that are looked for in the text first."""
    return [
        {
            "id": number,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": kind != TokenType.USER_DEFINED,
        }
        for number, (content, kind) in enumerate(zip(spelled, stored.types, strict=True))
        if kind in (*ADDED, *more)
    ]


def _post_processor(stored: StoredTokenizer) -> dict[str, Any] | None:
    """What puts ``bos`` before and ``eos`` after every text, where the file says so."""
    around = [
        [stored.special(token)] if stored.file.metadata.get(key) is True else []
        for key, token in (
            (Keys.Tokenizer.ADD_BOS, Keys.Tokenizer.BOS_ID),
            (Keys.Tokenizer.ADD_EOS, Keys.Tokenizer.EOS_ID),
        )
    ]
    before, after = ([token for token in tokens if token is not None] for tokens in around)
    if len(before) + len(after) != sum(map(len, around)):
        raise stored.bad("a special token is to be added and is not named", "bos and eos as ids of tokens")
    return _template(before, after) if before or after else None


def _template(before: list[tuple[int, str]], after: list[tuple[int, str]], second_type: int = 0) -> dict[str, Any]:
    """A post-processor: special tokens around a text, and around a pair of texts."""

    def special(tokens: list[tuple[int, str]], kind: int = 0) -> list[dict[str, Any]]:
        return [{"SpecialToken": {"id": content, "type_id": kind}} for _, content in tokens]

    def text(name: str, kind: int = 0) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": kind}}

    single = [*special(before), text("A"), *special(after)]
    # BERT's pairs have one token at the start, and types that tell the texts apart.
    again = [] if second_type else special(before)
    pair = [*single, *again, text("B", second_type), *special(after, second_type)]
    named = {content: {"id": content, "ids": [number], "tokens": [content]} for number, content in before + after}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": named}
