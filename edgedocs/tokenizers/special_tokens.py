"""SpecialTokens: the ids that steer a model, from the configuration files beside a tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import bounded_json
from edgedocs.tokenizers.base import Vocabulary
from edgedocs.tokenizers.document import AddedToken, is_id

KINDS = ("bos", "eos", "unk", "sep", "pad", "mask")
"""The kinds that GGUF has a key for, and llama.cpp asks for."""
STAND_INS = {"bos": "cls", "eos": "sep"}
"""What BERT has in place of those that llama.cpp asks for."""
TURN_ENDS = ("<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<turn|>", "[EOT]")
"""Tokens that end a turn of a conversation (``eot``) in the families that are known here."""
MESSAGE_ENDS = ("<|eom_id|>",)
"""Tokens that end a message but not the turn (``eom``)."""

FILES = {
    "tokenizer": "tokenizer_config.json",
    "special": "special_tokens_map.json",
    "added": "added_tokens.json",
    "generation": "generation_config.json",
}
"""The files beside a tokenizer, by the attributes of :class:`Configuration`."""


@dataclass(frozen=True)
class Configuration:
    """What stands beside a tokenizer.

    Attributes:
        folder: the checkpoint, for error messages.
        tokenizer: ``tokenizer_config.json``.
        special: ``special_tokens_map.json``.
        added: ``added_tokens.json``.
        generation: ``generation_config.json``.
        model: ``config.json``.
    """

    folder: Path
    tokenizer: Mapping[str, Any] = field(default_factory=dict)
    special: Mapping[str, Any] = field(default_factory=dict)
    added: Mapping[str, Any] = field(default_factory=dict)
    generation: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, model: Mapping[str, Any]) -> Configuration:
        """Read the files of a folder, those that are there.

        Args:
            folder: the checkpoint.
            model: ``config.json``.

        Raises:
            BadInput: if one is malformed.
            CannotRun: if one cannot be read.
        """
        found = {}
        for part, name in FILES.items():
            path = folder / name
            found[part] = bounded_json.read_object(path) if path.is_file() else {}
        return cls(folder, model=model, **found)

    def added_tokens(self) -> list[AddedToken]:
        """The added tokens that the files list with their ids.

        Raises:
            BadInput: if a list is malformed, or the two disagree.
        """
        where = self.folder / "tokenizer_config.json"
        decoder = self.tokenizer.get("added_tokens_decoder") or {}
        if not isinstance(decoder, dict):
            raise BadInput("added_tokens_decoder is malformed", where=where, expected="an object of ids with tokens")
        tokens = {}
        for key, entry in decoder.items():
            content = entry.get("content") if isinstance(entry, dict) else None
            if not key.isascii() or not key.isdigit() or len(key) > 9 or not isinstance(content, str) or not content:
                raise BadInput(
                    f"added token {key[:40]!r} is malformed", where=where, expected="an id, and a token with content"
                )
            tokens[content] = AddedToken(content, int(key), entry.get("special") is True)
        for content, number in self.added.items():
            where = self.folder / "added_tokens.json"
            if not content or not is_id(number):
                raise BadInput(
                    f"added token {content[:40]!r} is malformed", where=where, expected="a token with its id"
                )
            if tokens.setdefault(content, AddedToken(content, number, self._steers(content))).id != number:
                raise BadInput(
                    f"added token {content[:80]!r} has the id {number}",
                    where=where,
                    expected=f"{tokens[content].id}, as in tokenizer_config.json",
                    remedy="check that the files belong together",
                )
        return list(tokens.values())

    def check(self, vocabulary: Vocabulary) -> None:
        """Compare the lists of added tokens with the tokenizer.

        Raises:
            BadInput: if a token has another id there.
        """
        names = {number: token for token, number in vocabulary.ids.items()}
        for token in self.added_tokens():
            if token.id >= len(vocabulary.tokens) and token.content not in vocabulary.ids:
                continue  # the tokenizer has not got it, nor has the model
            if vocabulary.ids.get(token.content) != token.id:
                found = vocabulary.ids.get(token.content, names.get(token.id))
                raise BadInput(
                    f"added token {token.content[:80]!r} has the id {token.id}",
                    where=self.folder / "tokenizer_config.json",
                    expected=f"what the tokenizer itself has: {str(found)[:80]!r}",
                    remedy="check that the files belong together",
                )

    def named(self, kind: str) -> str | None:
        """The text of a special token, such as ``eos``; None where no file names it."""
        for source in (self.tokenizer, self.special):
            entry = source.get(f"{kind}_token")
            content = entry.get("content") if isinstance(entry, dict) else entry
            if isinstance(content, str):
                return content
        return None

    def numbers(self, kind: str, size: int) -> list[int]:
        """The ids that the configuration has for a kind of special token; a chat model often has two for ``eos``."""
        key = f"{kind}_token_id"
        value = self.generation.get(key, self.model.get(key))
        values: list[Any] = value if isinstance(value, list) else [value]
        return [one for one in values if is_id(one) and 0 <= one < size]

    def _steers(self, content: str) -> bool:
        """Whether a token of ``added_tokens.json``, which does not say, is a special one."""
        more = self.special.get("additional_special_tokens")
        listed = (
            [one.get("content") if isinstance(one, dict) else one for one in more] if isinstance(more, list) else []
        )
        return content in listed or content in (self.named(kind) for kind in (*KINDS, "cls"))


@dataclass(frozen=True)
class SpecialTokens:
    """The special tokens of a vocabulary.

    Attributes:
        ids: the ids by kind: those of ``KINDS``, and ``eot`` and ``eom``.
        adds_bos: whether ``bos`` goes before every text.
        adds_eos: whether ``eos`` goes after every text.
    """

    ids: Mapping[str, int]
    adds_bos: bool
    adds_eos: bool

    @classmethod
    def of(cls, vocabulary: Vocabulary, configuration: Configuration) -> SpecialTokens:
        """The special tokens of a vocabulary, as the files beside it name them.

        Raises:
            BadInput: if other tokens than ``bos`` and ``eos`` go around every text.
        """
        size = len(vocabulary.tokens)
        ids = {}
        for kind in KINDS:
            candidates = [
                *_numbers(vocabulary, configuration, kind),
                *([vocabulary.special[kind]] if kind in vocabulary.special else []),
                *configuration.numbers(kind, size),
                *(_numbers(vocabulary, configuration, STAND_INS[kind]) if kind in STAND_INS else []),
                *_around(vocabulary, kind),
            ]
            if candidates:
                ids[kind] = candidates[0]
        if vocabulary.model == "bert":  # llama.cpp puts these around a text, whatever else is said
            ids |= {kind: vocabulary.special[kind] for kind in ("bos", "eos", "sep")}
        rest = [one for one in configuration.numbers("eos", size) if one != ids.get("eos")]
        adds_bos, adds_eos = _inserted(vocabulary, configuration, ids)
        return cls(ids | _ends(vocabulary, rest), adds_bos, adds_eos)


def _numbers(vocabulary: Vocabulary, configuration: Configuration, kind: str) -> list[int]:
    name = configuration.named(kind)
    return [vocabulary.ids[name]] if name is not None and name in vocabulary.ids else []


def _around(vocabulary: Vocabulary, kind: str) -> list[int]:
    """The id that goes before a text, for ``bos``, or after it, for ``eos``."""
    before, after = vocabulary.surroundings or ([], [])
    found = {"bos": before, "eos": after}.get(kind, [])
    return [number for number in found if number is not None][:1]


def _ends(vocabulary: Vocabulary, numbers: list[int]) -> dict[str, int]:
    """The ends of turn and of message among further ids that end a text: the known ones, else the first."""
    rest = list(dict.fromkeys(numbers))
    found = {}
    for kind, names in (("eom", MESSAGE_ENDS), ("eot", TURN_ENDS)):
        known = [number for number in rest if vocabulary.tokens[number] in names]
        if known:
            found[kind] = known[0]
            rest.remove(known[0])
    for kind in ("eot", "eom"):
        if kind not in found and rest:
            found[kind] = rest.pop(0)
    return found


def _inserted(vocabulary: Vocabulary, configuration: Configuration, ids: Mapping[str, int]) -> tuple[bool, bool]:
    """Whether ``bos`` goes before and ``eos`` after every text: the post-processor decides, where there is one."""
    if vocabulary.surroundings is None:
        adds = []
        for kind, default in zip(("bos", "eos"), vocabulary.adds, strict=True):
            said = configuration.tokenizer.get(f"add_{kind}_token")
            adds.append((said if isinstance(said, bool) else default) and kind in ids)
        return adds[0], adds[1]
    before, after = vocabulary.surroundings
    if None in (*before, *after) or before not in ([], [ids.get("bos")]) or after not in ([], [ids.get("eos")]):
        raise BadInput(
            "post_processor adds other tokens than bos and eos",
            where=configuration.folder / "tokenizer.json",
            expected="bos before and eos after, or fewer",
            remedy="convert to ONNX instead: there tokenizer.json is used as it is",
        )
    return bool(before), bool(after)
