"""SentencePieceModel: a ``tokenizer.model``, as the program SentencePiece trains and writes it.

The numbers of the fields are those of its ``sentencepiece_model.proto``.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.base import LARGEST_VOCABULARY
from edgedocs.tokenizers.wire import Message


class Algorithm(IntEnum):
    """How text is cut (``TrainerSpec.ModelType``)."""

    UNIGRAM = 1
    BPE = 2
    WORD = 3
    CHAR = 4


class PieceType(IntEnum):
    """What a piece is for (``SentencePiece.Type``)."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """A token: its text, with ``▁`` for a blank; its score; what it is for."""

    text: str
    score: float
    type: PieceType


@dataclass
class TrainerSpec:
    """What the file says of the training, as far as it matters to cutting text."""

    algorithm: Algorithm = Algorithm.UNIGRAM
    whitespace_as_suffix: bool = False
    byte_fallback: bool = False
    unk: int = 0
    bos: int = 1
    eos: int = 2
    pad: int = -1


@dataclass
class NormalizerSpec:
    """What happens to the text before it is cut."""

    name: str = ""
    charsmap: bytes = b""
    add_dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True
    escape_whitespaces: bool = True


@dataclass
class SentencePieceModel:
    """A ``tokenizer.model``.

    Attributes:
        path: the file.
        pieces: the tokens by their ids.
        trainer: what the training decided.
        normalizer: what happens to the text before it is cut.
    """

    path: Path
    pieces: list[Piece] = field(default_factory=list)
    trainer: TrainerSpec = field(default_factory=TrainerSpec)
    normalizer: NormalizerSpec = field(default_factory=NormalizerSpec)

    @classmethod
    def open(cls, path: Path) -> SentencePieceModel:
        """Read a ``tokenizer.model``.

        Raises:
            BadInput: if it is missing, too large or malformed.
            CannotRun: if it cannot be read.
        """
        return cls.parse(files.read_bytes(path), path)

    @classmethod
    def parse(cls, data: bytes, path: Path) -> SentencePieceModel:
        """The model in the bytes of a file; errors as for :meth:`open`."""
        message = Message(memoryview(data), path)
        model = cls(path)
        for number, value in message.fields():
            if number == 1:
                if len(model.pieces) == LARGEST_VOCABULARY:
                    raise message.bad("too many pieces", f"at most {LARGEST_VOCABULARY}")
                model.pieces.append(_piece(_message(value, message, "a piece"), len(model.pieces)))
            elif number == 2:
                _read_trainer(_message(value, message, "the trainer's part"), model.trainer)
            elif number == 3:
                _read_normalizer(_message(value, message, "the normalizer's part"), model.normalizer)
        if not model.pieces:
            raise message.bad("no pieces", "a model that SentencePiece trained")
        return model

    def bad(self, what: str, expected: str) -> BadInput:
        """The error for something that llama.cpp's tokenizers do not do."""
        return BadInput(
            what,
            where=self.path,
            expected=expected,
            remedy="convert to ONNX instead, from a folder with tokenizer.json: there it is used as it is",
        )


def _message(value: int | Message, parent: Message, noun: str) -> Message:
    if isinstance(value, int):
        raise parent.bad(f"{noun} is a number", "a message")
    return value


def _number(value: int | Message, parent: Message, noun: str) -> int:
    """A whole number; negative ones are stored as 64 bits."""
    if isinstance(value, Message):
        raise parent.bad(f"{noun} is no number", "a whole number")
    return value - 2**64 if value >= 2**63 else value


def _piece(message: Message, place: int) -> Piece:
    text, score, kind = "", 0.0, PieceType.NORMAL
    for number, value in message.fields():
        if number == 1:
            text = _message(value, message, f"the text of piece {place}").text(f"the text of piece {place}")
        elif number == 2:
            score = _score(_message(value, message, f"the score of piece {place}"), place)
        elif number == 3:
            code = _number(value, message, f"the type of piece {place}")
            if code not in PieceType.__members__.values():
                raise message.bad(f"piece {place} is of the unknown type {code}", "1 to 6")
            kind = PieceType(code)
    if not text:
        raise message.bad(f"piece {place} has no text", "a text for each piece")
    return Piece(text, score, kind)


def _score(message: Message, place: int) -> float:
    if len(message.data) != 4:
        raise message.bad(f"the score of piece {place} takes {len(message.data)} bytes", "4, a float32")
    score: float = struct.unpack("<f", message.data)[0]
    if not math.isfinite(score):
        raise message.bad(f"the score of piece {place} is {score}", "a finite number")
    return score


def _read_trainer(message: Message, trainer: TrainerSpec) -> None:
    for number, value in message.fields():
        if number == 3:
            code = _number(value, message, "the model type")
            if code not in Algorithm.__members__.values():
                raise message.bad(f"the model is of the unknown type {code}", "1 to 4")
            trainer.algorithm = Algorithm(code)
        elif number == 24:
            trainer.whitespace_as_suffix = bool(_number(value, message, "treat_whitespace_as_suffix"))
        elif number == 35:
            trainer.byte_fallback = bool(_number(value, message, "byte_fallback"))
        elif number in (40, 41, 42, 43):
            kind = ("unk", "bos", "eos", "pad")[number - 40]
            setattr(trainer, kind, _number(value, message, f"{kind}_id"))


def _read_normalizer(message: Message, normalizer: NormalizerSpec) -> None:
    for number, value in message.fields():
        if number == 1:
            normalizer.name = _message(value, message, "the normalizer's name").text("the normalizer's name")
        elif number == 2:
            normalizer.charsmap = bytes(_message(value, message, "the character map").data)
        elif number in (3, 4, 5):
            name = ("add_dummy_prefix", "remove_extra_whitespaces", "escape_whitespaces")[number - 3]
            setattr(normalizer, name, bool(_number(value, message, name)))
