"""TokenizerDocument: a ``tokenizer.json``, in the parts that every kind of tokenizer has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import bounded_json

LONGEST_SEQUENCE = 64
"""Steps of a normalizer, pre-tokenizer or post-processor; those in use have six at most."""
LARGEST_SCORE = 1e30
"""Scores are logarithms of probabilities; a larger one could not be added up in float32."""
SEQUENCES = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors"}


@dataclass(frozen=True)
class AddedToken:
    """A token that is looked for in the text before it is cut into words.

    Attributes:
        content: its text.
        id: its id.
        special: whether it steers the model, and is no text.
    """

    content: str
    id: int
    special: bool


class TokenizerDocument:
    """A ``tokenizer.json``, or what older files say in its terms.

    Attributes:
        path: the file, for error messages.
        document: what it holds.
        model: its ``model``.
    """

    def __init__(self, path: Path, document: dict[str, Any], model: dict[str, Any]) -> None:
        self.path = path
        self.document = document
        self.model = model

    @classmethod
    def open(cls, path: Path) -> TokenizerDocument:
        """Read a ``tokenizer.json``.

        Raises:
            BadInput: if it is malformed, or larger than any tokenizer.
        """
        return cls.parse(bounded_json.read(path), path)

    @classmethod
    def parse(cls, document: Any, path: Path) -> TokenizerDocument:
        """The tokenizer in a JSON document; errors as for :meth:`open`."""
        model = document.get("model") if isinstance(document, dict) else None
        if not isinstance(model, dict):
            raise BadInput("no tokenizer", where=path, expected="an object with a model, as `tokenizers` writes it")
        return cls(path, document, model)

    def bad(self, what: str, expected: str) -> BadInput:
        """The error for something that is malformed, or that llama.cpp's tokenizers do not do."""
        return BadInput(
            what,
            where=self.path,
            expected=expected,
            remedy="convert to ONNX instead: there tokenizer.json is used as it is",
        )

    def check_model(self, allowed: dict[str, tuple[Any, ...]]) -> None:
        """Compare settings of the model with those that llama.cpp has.

        Raises:
            BadInput: if one is not among them.
        """
        for key, values in allowed.items():
            found = self.model.get(key)
            if not any(found is value or (found == value and type(found) is type(value)) for value in values):
                raise self.bad(f"model.{key} is {str(found)[:40]!r}", " or ".join(map(repr, values)))

    def steps(self, part: str) -> list[Any]:
        """The steps of a part that is a step, or a sequence of steps, or absent.

        Raises:
            BadInput: if it is a malformed sequence, or a longer one than any tokenizer has.
        """
        step = self.document.get(part)
        if step is None:
            return []
        if not isinstance(step, dict) or (step.get("type") != "Sequence" and SEQUENCES[part] not in step):
            return [step]
        steps = step.get(SEQUENCES[part])
        if not isinstance(steps, list) or len(steps) > LONGEST_SEQUENCE:
            raise self.bad(f"{part} is of a kind that is not known here", f"at most {LONGEST_SEQUENCE} steps")
        return steps

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """The tokens with their ids, those that are added afterwards not included."""
        vocabulary = self.model.get("vocab")
        if self.model.get("type") == "Unigram":
            return {piece: number for number, (piece, _) in enumerate(self.pieces)}
        if not isinstance(vocabulary, dict) or not all(map(is_id, vocabulary.values())):
            raise self.bad("model.vocab is malformed", "an object of texts with their ids")
        return vocabulary

    @cached_property
    def pieces(self) -> list[tuple[str, float]]:
        """The tokens of a unigram model by their ids, each with its score."""
        entries = self.model.get("vocab")
        pieces = [_piece(entry) for entry in entries] if isinstance(entries, list) else []
        known = [piece for piece in pieces if piece is not None]
        if not known or len(known) != len(pieces):
            raise self.bad("model.vocab is malformed", "a list of pairs of a text and a score")
        seen: set[str] = set()
        for piece, _ in known:
            if piece in seen:
                raise self.bad(f"token {piece[:80]!r} stands twice in model.vocab", "each token once")
            seen.add(piece)
        return known

    @cached_property
    def merges(self) -> list[tuple[str, str]]:
        """The merges, most urgent first, each two pieces.

        Raises:
            BadInput: if one is malformed, or names a token that is none.
        """
        merges = self.model.get("merges")
        known = _pairs(merges) if isinstance(merges, list) else None
        if known is None:
            raise self.bad("model.merges is malformed", "a list of pairs of texts without blanks")
        lefts, rights = zip(*known, strict=True) if known else ((), ())
        if not all(map(self.vocabulary.keys().__contains__, itertools.chain(lefts, rights, map("".join, known)))):
            self._refuse_merge(known)
        return known

    @cached_property
    def merged(self) -> list[str]:
        """The tokens that the merges make, in their order; errors as for :attr:`merges`."""
        return list(map("".join, self.merges))

    def _refuse_merge(self, merges: list[tuple[str, str]]) -> None:
        """Raise for the first merge that names a token that is none."""
        for place, (left, right) in enumerate(merges):
            for token in (left, right, left + right):
                if token not in self.vocabulary:
                    raise self.bad(
                        f"merge {place} names {token[:80]!r}, which is no token", "merges of tokens into a token"
                    )

    @cached_property
    def added_tokens(self) -> list[AddedToken]:
        """The added tokens.

        Raises:
            BadInput: if one is malformed or comes twice, or takes part of the text beside it along, which llama.cpp's
                do not. (Where such a token is no text but a mark, and so stands in prompts only, that is let pass.)
        """
        entries = self.document.get("added_tokens") or []
        if not isinstance(entries, list):
            raise self.bad("added_tokens is malformed", "a list of objects")
        tokens = [self._added_token(entry) for entry in entries]
        seen: dict[str, int] = {}
        for token in tokens:
            if seen.setdefault(token.content, token.id) != token.id:
                raise self.bad(
                    f"added token {token.content[:80]!r} has the ids {seen[token.content]} and {token.id}", "one id"
                )
        return tokens

    @cached_property
    def ids(self) -> dict[str, int]:
        """The ids of all tokens, added ones included.

        ``tokenizers`` numbers added tokens by itself, after the others and in the order of the file, whatever ids the
        file says. Where that is not the same, the model cannot have been trained with both.

        Raises:
            BadInput: if a token is added under another id than it has, or than ``tokenizers`` gives it.
        """
        ids = dict(self.vocabulary)
        count = following = len(ids)
        for token in self.added_tokens:
            assigned = ids.setdefault(token.content, following)
            if assigned != token.id:
                source = "in model.vocab" if token.content in self.vocabulary else "`tokenizers` numbers it"
                raise self.bad(f"added token {token.content[:80]!r} has the id {token.id}", f"{assigned}, as {source}")
            following = max(following, assigned + 1 if assigned >= count else count)
        return ids

    def numbered(self) -> Iterator[tuple[str, int]]:
        """Every token with its id, those that were added last; errors as for :attr:`ids`."""
        yield from self.vocabulary.items()
        yield from ((token, number) for token, number in self.ids.items() if token not in self.vocabulary)

    @cached_property
    def surroundings(self) -> tuple[list[int | None], list[int | None]] | None:
        """The ids that the post-processor puts before and after every text; None where there is no post-processor.

        Raises:
            BadInput: if it is of a kind that is not known here.
        """
        if self.document.get("post_processor") is None:
            return None
        steps = [one if isinstance(one, dict) else {} for one in self.steps("post_processor")]
        adding = [one for one in steps if one.get("type") != "ByteLevel"]
        if len(adding) > 1 or any(one.get("type") not in _ADDING for one in adding):
            raise self.bad("post_processor is of a kind that is not known here", "ByteLevel or TemplateProcessing")
        if not adding:
            return [], []
        if adding[0]["type"] == "TemplateProcessing":
            return self._template(adding[0].get("single"))
        return [self._named(adding[0].get("cls"))], [self._named(adding[0].get("sep"))]

    def _added_token(self, entry: Any) -> AddedToken:
        content, number = (entry.get("content"), entry.get("id")) if isinstance(entry, dict) else (None, None)
        if not isinstance(content, str) or not content or not isinstance(number, int) or isinstance(number, bool):
            raise self.bad(f"added token {str(entry)[:60]} is malformed", "an object with content and id")
        special = entry.get("special") is True
        mark = special or (content[0] + content[-1] in ("<>", "[]") and len(content) > 2)
        for option in ("single_word", "lstrip", "rstrip"):
            if entry.get(option) and (option == "single_word" or not mark):
                raise self.bad(f"added token {content[:80]!r} has the option {option}", "none of such options")
        return AddedToken(content, number, special)

    def _template(self, single: Any) -> tuple[list[int | None], list[int | None]]:
        pieces = single if isinstance(single, list) and all(isinstance(piece, dict) for piece in single) else []
        places = [place for place, piece in enumerate(pieces) if "Sequence" in piece]
        if len(places) != 1:
            raise self.bad("post_processor has a malformed template", "one with the text in it, once")
        specials = [piece.get("SpecialToken") for piece in pieces]
        found = [
            self.ids.get(one["id"]) if isinstance(one, dict) and isinstance(one.get("id"), str) else None
            for one in specials
        ]
        return found[: places[0]], found[places[0] + 1 :]

    def _named(self, pair: Any) -> int | None:
        """The id of a token that a post-processor names as a pair of text and id."""
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str) or not is_id(pair[1]):
            raise self.bad("post_processor is of a kind that is not known here", "pairs of token and id")
        return self.ids.get(pair[0])


_ADDING = ("TemplateProcessing", "BertProcessing", "RobertaProcessing")


def is_id(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _piece(entry: Any) -> tuple[str, float] | None:
    """A token of a unigram model and its score; None if it is malformed, or the score is no float32."""
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str) or not entry[0]:
        return None
    score = entry[1]
    if not isinstance(score, int | float) or isinstance(score, bool) or not abs(score) < LARGEST_SCORE:
        return None
    return entry[0], float(score)


def _pairs(merges: list[Any]) -> list[tuple[str, str]] | None:
    """The two pieces of each merge; None if one is malformed."""
    if set(map(type, merges)) <= {list} and set(map(len, merges)) <= {2}:  # all of the usual kind are looked at at once
        pieces = list(itertools.chain.from_iterable(merges))
        if set(map(type, pieces)) <= {str} and all(pieces) and " " not in "".join(pieces):
            return list(zip(pieces[::2], pieces[1::2], strict=True))
    pairs = [_pair(one) for one in merges]
    known = [pair for pair in pairs if pair is not None]
    return known if len(known) == len(pairs) else None


def _pair(value: Any) -> tuple[str, str] | None:
    """The two pieces of a merge, which older files have as one text; None if it is malformed."""
    pieces = value.split(" ") if isinstance(value, str) else value
    if not isinstance(pieces, list) or len(pieces) != 2:
        return None
    left, right = pieces
    if not isinstance(left, str) or not isinstance(right, str) or not left or not right:
        return None
    return None if " " in left or " " in right else (left, right)
