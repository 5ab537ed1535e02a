"""Tokenizer kinds: what llama.cpp must know to cut text as a checkpoint does. This docstring is the contract.

A kind is a module of this package that defines ``KIND``, an instance of a subclass of :class:`Kind`. It says which
``tokenizer.json`` it reads, and makes a :class:`Vocabulary` of one. It keeps these rules:

* the ids that llama.cpp gives for a text are those that ``tokenizers`` gives, but for differences that are llama.cpp's
  own and that the documentation lists;
* a tokenizer for which that cannot be had is refused: a model whose text is cut otherwise runs, and answers worse;
* nothing in the file is executed, no regular expression of it either, and the work is bounded by the file's size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from gguf.constants import TokenType

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.document import TokenizerDocument

LARGEST_VOCABULARY = 2**22
"""Tokens; the largest vocabularies in use have a sixteenth of that."""

Surroundings = tuple[list[int | None], list[int | None]]
"""The ids that go before and after every text; None stands for one that is no token."""


@dataclass(frozen=True)
class Vocabulary:
    """What llama.cpp must know of a tokenizer.

    Attributes:
        model: llama.cpp's name for the kind: ``gpt2``, ``llama``, ``bert``, ``t5``.
        tokens: every token by its id, as llama.cpp wants it spelled.
        types: their types by id.
        ids: the ids by the tokens as the checkpoint spells them.
        surroundings: what goes around every text; None where the tokenizer's file does not say.
        adds: whether ``bos`` and ``eos`` go around a text where neither the file nor the configuration says.
        pre: llama.cpp's name for the way in which text is cut into words.
        scores: the tokens' scores by id; None where the kind has none.
        merges: the merges, most urgent first; None where the kind has none.
        flags: further yes-or-no settings of llama.cpp, by their keys.
        charsmap: the precompiled character map of a SentencePiece normalizer.
        special: kinds of special tokens whose ids the tokenizer's file itself knows.
    """

    model: str
    tokens: list[str]
    types: list[TokenType]
    ids: Mapping[str, int]
    surroundings: Surroundings | None
    adds: tuple[bool, bool] = (False, False)
    pre: str = "default"
    scores: list[float] | None = None
    merges: list[str] | None = None
    flags: Mapping[str, bool] = field(default_factory=dict)
    charsmap: bytes | None = None
    special: Mapping[str, int] = field(default_factory=dict)


class Kind(ABC):
    """A kind of tokenizer.

    Attributes:
        name: what people call it.
        model: llama.cpp's name for it.
    """

    name: ClassVar[str]
    model: ClassVar[str]

    @abstractmethod
    def reads(self, document: TokenizerDocument) -> bool:
        """Whether a ``tokenizer.json`` is of this kind, well-formed or not."""

    @abstractmethod
    def vocabulary(self, document: TokenizerDocument, size: int) -> Vocabulary:
        """What llama.cpp must know of a tokenizer of this kind.

        Args:
            document: the tokenizer.
            size: rows of the model's token embedding; an id that the tokenizer leaves out becomes an unused token.

        Raises:
            BadInput: if the tokenizer is malformed, or llama.cpp would cut text otherwise.
        """


class TokenTable:
    """Tokens by their ids, each id and each spelling once.

    Args:
        size: rows of the model's token embedding.
        bad: makes the error for something that is malformed.
    """

    def __init__(self, size: int, bad: Callable[[str, str], BadInput]) -> None:
        if size > LARGEST_VOCABULARY:
            raise bad(f"the model has {size} tokens", f"at most {LARGEST_VOCABULARY}")
        self.size = size
        self.bad = bad
        self.types = [TokenType.UNUSED] * size
        self.scores = [0.0] * size
        self._tokens: list[str | None] = [None] * size
        self._ids: dict[str, int] = {}

    def put(self, number: int, token: str, kind: TokenType, score: float = 0.0) -> None:
        """Set the token of an id.

        Raises:
            BadInput: if the id is out of range or taken, or another id has the token.
        """
        if not 0 <= number < self.size:
            raise self.bad(f"token {token[:80]!r} has the id {number}", f"0 to {self.size - 1}, as config.json says")
        if (other := self._tokens[number]) is not None:
            raise self.bad(f"tokens {other[:80]!r} and {token[:80]!r} share the id {number}", "an id each")
        if token in self._ids:
            raise self.bad(
                f"the ids {self._ids[token]} and {number} are both {token[:80]!r} to llama.cpp", "a text for each id"
            )
        self._tokens[number] = token
        self._ids[token] = number
        self.types[number] = kind
        self.scores[number] = score

    def finish(self) -> list[str]:
        """Every token by its id; one that was never put gets a name that no other has."""
        for number, token in enumerate(self._tokens):
            if token is None:
                name = f"[PAD{number}]"
                while name in self._ids:
                    name = f"[{name}]"
                self._tokens[number] = name
                self._ids[name] = number
        return [token for token in self._tokens if token is not None]
