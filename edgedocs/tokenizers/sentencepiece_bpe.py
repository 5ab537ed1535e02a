"""SentencePiece's BPE with bytes for what is unknown, which llama.cpp calls ``llama``: Llama 2, Mistral, Phi-3, Gemma.

llama.cpp merges neighbours whose text together is a token, the highest score first. ``tokenizers`` merges by a list of
pairs instead. The two agree if every pair that makes a token is in the list, and all pairs that make the same token
stand together; then the token's place in the list is its score. That is so of the files that transformers writes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gguf.constants import Keys, TokenType

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.base import Kind, TokenTable, Vocabulary
from edgedocs.tokenizers.document import AddedToken, TokenizerDocument
from edgedocs.tokenizers.sentencepiece_model import PieceType, SentencePieceModel

BLANK = "\u2581"
"""What SentencePiece writes for a blank: a lower one eighth block."""
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""The tokens for single bytes."""
ALL_BYTES = frozenset(BYTES)
LONGEST_PIECE = 512
"""Characters of a token; each is compared with all tokens at each of its places. The longest in use have 48."""
LONGEST_RUN = 64
"""How often a token may repeat a character whose runs share a score; in Gemma it is 31 times."""
MATCHED_FIRST = (TokenType.CONTROL, TokenType.USER_DEFINED, TokenType.UNKNOWN)
"""Types of tokens that llama.cpp looks for in the text before all else, so that no merge can make them."""

PLAIN_MODEL: dict[str, tuple[Any, ...]] = {
    "dropout": (None, 0.0),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "ignore_merges": (None, False),
    "byte_fallback": (True,),
}
PREPEND, REPLACE = (
    {"type": "Prepend", "prepend": BLANK},
    {"type": "Replace", "pattern": {"String": " "}, "content": BLANK},
)
MERGED = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}


class SentencePieceBPE(Kind):
    """Blanks become ``▁``, neighbours are merged by score, and what is no token becomes bytes."""

    name = "SentencePiece BPE"
    model = "llama"

    def reads(self, document: TokenizerDocument) -> bool:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        return document.model.get("type") == "BPE" and document.model.get("byte_fallback") is True

    def vocabulary(self, document: TokenizerDocument, size: int) -> Vocabulary:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        document.check_model(PLAIN_MODEL)
        adds_prefix = _adds_prefix(document)
        table = TokenTable(size, document.bad)
        added = {token.content: token for token in document.added_tokens}
        unknown = document.model.get("unk_token")
        for content, number in document.numbered():
            if content == unknown:
                kind = TokenType.UNKNOWN
            elif content in added:
                kind = _added_type(added[content])
            else:
                kind = TokenType.BYTE if content in ALL_BYTES else TokenType.NORMAL
            table.put(number, _spelled(content, kind), kind)
        scores = _scores(document)
        for content, number in document.ids.items():
            table.scores[number] = scores.get(content, -float(len(scores)))
        tokens = table.finish()
        check_bytes(document.ids, document.bad)
        _check_merges(document, table.types)
        return Vocabulary(
            model=self.model,
            tokens=tokens,
            types=table.types,
            ids=document.ids,
            surroundings=document.surroundings,
            scores=table.scores,
            flags={Keys.Tokenizer.ADD_PREFIX: adds_prefix},
        )

    def from_model(self, model: SentencePieceModel, size: int, added: Sequence[AddedToken] = ()) -> Vocabulary:
        """What llama.cpp must know of a ``tokenizer.model``, and of what was added to it elsewhere.

        Raises:
            BadInput: as for :meth:`vocabulary`.
        """
        normalizer = model.normalizer
        for wrong, what in (
            (normalizer.charsmap, f"the tokenizer changes the text before it is cut (normalizer {normalizer.name!r})"),
            (normalizer.remove_extra_whitespaces, "the tokenizer removes blanks (remove_extra_whitespaces)"),
            (not normalizer.escape_whitespaces, "the tokenizer keeps blanks as they are (escape_whitespaces)"),
            (model.trainer.whitespace_as_suffix, "the tokenizer has blanks at the end of words"),
        ):
            if wrong:
                raise model.bad(what, "text as it is, with ▁ for a blank, as Llama's and Gemma's have it")
        table, ids = table_of(model, size, added)
        tokens = table.finish()
        check_bytes(ids, model.bad)
        return Vocabulary(
            model=self.model,
            tokens=tokens,
            types=table.types,
            ids=ids,
            surroundings=None,
            adds=(True, False),
            scores=table.scores,
            flags={Keys.Tokenizer.ADD_PREFIX: normalizer.add_dummy_prefix},
            special=special_ids(model),
        )


KIND = SentencePieceBPE()


def merges_of(scores: Mapping[str, float], vocabulary: Mapping[str, int]) -> list[list[str]]:
    """The merges for tokens with scores: every pair of tokens that makes one, the highest score first.

    As transformers has them (``generate_merges``), runs that share a score included: the longer first part goes first.

    Args:
        scores: the tokens that merges make and are made of.
        vocabulary: all tokens; a character that is one of them can be merged, whatever it is.
    """
    pairs = [
        (score, place, token)
        for token, score in scores.items()
        for place in range(1, len(token))
        if (token[:place] in scores or (place == 1 and token[0] in vocabulary))
        and (token[place:] in scores or (place == len(token) - 1 and token[-1] in vocabulary))
    ]
    pairs.sort(key=lambda pair: (pair[0], pair[1], len(pair[2]) - pair[1]), reverse=True)
    return [[token[:place], token[place:]] for _, place, token in pairs]


def table_of(model: SentencePieceModel, size: int, added: Sequence[AddedToken]) -> tuple[TokenTable, dict[str, int]]:
    """The tokens of a ``tokenizer.model`` and those that were added to it elsewhere; and all ids."""
    table, ids = TokenTable(size, model.bad), {}
    more = {token.id: token for token in added}
    for number, piece in enumerate(model.pieces):
        kind, token = TokenType[piece.type.name], more.pop(number, None)
        if token is not None and token.content != piece.text:
            raise model.bad(
                f"piece {number} is {piece.text[:80]!r}", f"{token.content[:80]!r}, as the added tokens say"
            )
        if token is not None and kind in (TokenType.NORMAL, TokenType.USER_DEFINED):
            kind = _added_type(token)
        table.put(number, _spelled(piece.text, kind), kind, piece.score)
        ids[piece.text] = number
    for token in more.values():
        table.put(token.id, _spelled(token.content, _added_type(token)), _added_type(token))
        ids[token.content] = token.id
    return table, ids


def _added_type(token: AddedToken) -> TokenType:
    return TokenType.CONTROL if token.special else TokenType.USER_DEFINED


def special_ids(model: SentencePieceModel) -> dict[str, int]:
    """The ids of the special tokens by their kinds, as the training decided."""
    ids = {"unk": model.trainer.unk, "bos": model.trainer.bos, "eos": model.trainer.eos, "pad": model.trainer.pad}
    special = (PieceType.CONTROL, PieceType.UNKNOWN)
    return {
        kind: number
        for kind, number in ids.items()
        if 0 <= number < len(model.pieces) and model.pieces[number].type in special
    }


def check_bytes(ids: Mapping[str, int], bad: Callable[[str, str], BadInput]) -> None:
    """Raise unless there is a token for every byte, or its character: llama.cpp ends the process when it misses one."""
    for byte, token in enumerate(BYTES):
        if token not in ids and not (0 < byte < 128 and chr(byte) in ids):
            raise bad(f"the byte token {token} is missing", "tokens <0x00> to <0xFF>, for text that is no token")


def check_lengths(tokens: Iterable[str], bad: Callable[[str, str], BadInput]) -> None:
    """Raise if a token that merges make is longer than any in use."""
    longest = max(tokens, key=len, default="")
    if len(longest) > LONGEST_PIECE:
        raise bad(f"the token {longest[:40]!r} has {len(longest)} characters", f"at most {LONGEST_PIECE}")


def _spelled(content: str, kind: TokenType) -> str:
    """A token as llama.cpp looks for it; those of added text are compared with the text as it is, blanks included."""
    return content.replace(BLANK, " ") if kind == TokenType.USER_DEFINED else content


def _adds_prefix(document: TokenizerDocument) -> bool:
    """Whether a blank goes before a text."""
    normalizers = document.steps("normalizer")
    steps = [
        {key: value for key, value in step.items() if key != "add_prefix_space"} if isinstance(step, dict) else step
        for step in document.steps("pre_tokenizer")
    ]
    if normalizers in ([PREPEND, REPLACE], [REPLACE]) and steps in ([], [MERGED]):
        return normalizers == [PREPEND, REPLACE]
    if not normalizers and len(steps) == 1 and isinstance(steps[0], dict) and steps[0].get("type") == "Metaspace":
        scheme = steps[0].get("prepend_scheme", "always")
        if scheme in ("always", "first", "never") and steps[0].get("replacement") == BLANK and not _splits(document):
            return bool(scheme != "never")
    raise document.bad(
        "normalizer and pre_tokenizer are of a kind that is not known here",
        f"{BLANK} for a blank, with or without one before the text, as Llama 2 and Gemma have it",
    )


def _splits(document: TokenizerDocument) -> bool:
    """Whether words are cut apart first, and there are tokens that llama.cpp would make across the cuts."""
    if document.steps("pre_tokenizer")[0].get("split", True) is False:
        return False
    return any(BLANK in token[1:] for token in document.vocabulary)


def _scores(document: TokenizerDocument) -> dict[str, float]:
    """The scores of the tokens that merges make: the sooner, the higher.

    Runs of blanks, or of other characters that come in runs, share a score in Llama's and Gemma's models, and so their
    merges stand mixed; nothing else may.
    """
    added = {token.content for token in document.added_tokens}
    scores: dict[str, float] = {}
    mixed = {BLANK}
    for place, block in enumerate(_blocks([token for token in document.merged if token not in added])):
        for token in block if len(block) > 1 else ():
            if len(set(token)) > 1:
                raise document.bad(
                    f"the merges that make {token[:80]!r} do not stand together", "merges in the order of the scores"
                )
            mixed.add(token[0])
        for token in block:
            scores[token] = -float(place)
    runs: dict[str, dict[int, float]] = {character: {} for character in sorted(mixed)}
    for token, score in scores.items():
        if token[0] in mixed and len(set(token)) == 1:
            runs[token[0]][len(token)] = score
    cut = _cutter(document)
    for character, lengths in runs.items():
        _check_runs(document, cut, _by_score, character, lengths)
    blanks = {len(token): 0.0 for token in added if set(token) == {BLANK}}
    _check_runs(document, cut, _longest_first, BLANK, blanks)
    return scores


def _cutter(document: TokenizerDocument) -> Callable[[str], list[int]]:
    """The merges at work: into pieces of which lengths they cut a text."""
    from tokenizers import models

    model = models.BPE(document.vocabulary, document.merges)
    return lambda text: [len(piece.value) for piece in model.tokenize(text)]


def _blocks(made: list[str]) -> list[list[str]]:
    """The tokens in the order in which merges make them, those together whose merges stand mixed."""
    last = {token: place for place, token in enumerate(made)}
    blocks: list[list[str]] = []
    block: dict[str, None] = {}
    end = -1
    for place, token in enumerate(made):
        if not block and last[token] == place:  # as it nearly always is
            blocks.append([token])
            continue
        block[token] = None
        end = max(end, last[token])
        if place == end:
            blocks.append(list(block))
            block = {}
    return blocks


def _check_runs(
    document: TokenizerDocument,
    theirs: Callable[[str], list[int]],
    ours: Callable[[int, dict[int, float]], list[int]],
    character: str,
    runs: dict[int, float],
) -> None:
    """Raise unless the merges cut a character that is repeated into runs as llama.cpp does.

    Args:
        document: the tokenizer.
        theirs: the lengths of the pieces into which the merges cut a text.
        ours: the lengths of the runs into which llama.cpp cuts a number of the same character.
        character: the character.
        runs: the lengths of tokens that are of this character alone, with their scores.
    """
    if not runs:
        return
    if max(runs) > LONGEST_RUN:
        raise document.bad(f"a token of {max(runs)} times {character!r}", f"at most {LONGEST_RUN}")
    for length in range(2, 2 * max(runs) + 3):
        if theirs(character * length) != ours(length, runs):
            raise document.bad(
                f"the merges cut {length} times {character!r} otherwise than llama.cpp", "merges of Llama or Gemma"
            )


def _by_score(length: int, runs: dict[int, float]) -> list[int]:
    """Neighbours are merged, the highest score first, and among equals the leftmost."""
    pieces = [1] * length
    while True:
        made = [left + right for left, right in itertools.pairwise(pieces)]
        places = [place for place, run in enumerate(made) if run in runs]
        if not places:
            return pieces
        place = max(places, key=lambda place: runs[made[place]])
        pieces[place : place + 2] = [made[place]]


def _longest_first(length: int, runs: dict[int, float]) -> list[int]:
    """The longest added token is looked for first."""
    pieces: list[int] = []
    while length:
        pieces.append(max((run for run in runs if run <= length), default=1))
        length -= pieces[-1]
    return pieces


def _check_merges(document: TokenizerDocument, types: list[TokenType]) -> None:
    """Raise unless the merges have every pair that llama.cpp would merge."""
    check_lengths(document.merged, document.bad)
    listed: dict[str, int] = {}
    for (left, _), token in zip(document.merges, document.merged, strict=True):
        listed[token] = listed.get(token, 0) | 1 << len(left)
    merging = {token for token, number in document.ids.items() if types[number] not in MATCHED_FIRST}
    check_lengths(merging, document.bad)
    for token in merging:
        places, last = listed.get(token, 0), len(token) - 1
        for place in range(1, last + 1):
            if places >> place & 1:
                continue
            left = token[:place]
            if (place == 1 or left in merging) and (place == last or token[place:] in merging):
                raise document.bad(
                    f"no merge makes {token[:80]!r} of {left[:80]!r} and {token[place:][:80]!r}, which llama.cpp would",
                    "a merge for every pair of tokens that is a token, as in SentencePiece's models",
                )
