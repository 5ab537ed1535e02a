"""TokenizerDocument: a ``tokenizer.json`` that has been found to be byte-level BPE, without surprises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput

LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PRE_TOKENIZERS: dict[str, list[dict[str, Any]]] = {
    "gpt-2": [{"type": "ByteLevel", "use_regex": True}],
    "smollm": [{"type": "Digits", "individual_digits": True}, {"type": "ByteLevel", "use_regex": True}],
    "llama-bpe": [
        {"type": "Split", "pattern": {"Regex": LLAMA3_SPLIT}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "use_regex": False},
    ],
}
"""llama.cpp's names (``tokenizer.ggml.pre``) and the steps of ``pre_tokenizer`` that each stands for."""
TAKES_WHOLE_WORDS = frozenset({"llama-bpe"})
"""Those for which llama.cpp takes a word that is a token as it is, whatever the merges say: ``ignore_merges``."""

PLAIN_MODEL: dict[str, tuple[Any, ...]] = {
    "type": ("BPE",),
    "dropout": (None, 0.0),
    "unk_token": (None,),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "byte_fallback": (None, False),
}
"""What ``model`` may say; the rest of BPE's options would change the tokens and llama.cpp does not have them."""


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
    """A ``tokenizer.json``.

    Attributes:
        path: the file.
        document: what it holds.
        model: its ``model``, byte-level BPE without options that llama.cpp does not have.
    """

    def __init__(self, path: Path, document: dict[str, Any], model: dict[str, Any]) -> None:
        self.path = path
        self.document = document
        self.model = model

    @classmethod
    def open(cls, path: Path) -> TokenizerDocument:
        """Read a ``tokenizer.json``.

        Raises:
            BadInput: if it is malformed, or anything but plain byte-level BPE.
        """
        document = files.read_json(path)
        model = document.get("model") if isinstance(document, dict) else None
        if not isinstance(model, dict):
            raise BadInput("no tokenizer", where=path, expected="an object with a model, as `tokenizers` writes it")
        found = cls(path, document, model)
        for key, allowed in PLAIN_MODEL.items():
            if model.get(key) not in allowed:
                raise found.bad(f"model.{key} is {str(model.get(key))[:40]!r}", " or ".join(map(repr, allowed)))
        if document.get("normalizer") is not None:
            raise found.bad("the tokenizer changes the text before it is cut (normalizer)", "none")
        decoder = document.get("decoder")
        if not isinstance(decoder, dict) or decoder.get("type") != "ByteLevel":
            raise found.bad("decoder is not ByteLevel", "byte-level BPE")
        return found

    def bad(self, what: str, expected: str) -> BadInput:
        """The error for something that is malformed, or that llama.cpp's tokenizers do not do."""
        return BadInput(
            what,
            where=self.path,
            expected=expected,
            remedy="convert to ONNX instead: there tokenizer.json is used as it is",
        )

    def pre_tokenizer(self) -> str:
        """llama.cpp's name for the way in which the text is cut into words.

        Raises:
            BadInput: if llama.cpp has none, or none that is known here.
        """
        step = self.document.get("pre_tokenizer")
        nested = step.get("pretokenizers") if isinstance(step, dict) and step.get("type") == "Sequence" else [step]
        steps = [_without_defaults(one) for one in nested] if isinstance(nested, list) else []
        for name, known in PRE_TOKENIZERS.items():
            if steps == known and bool(self.model.get("ignore_merges")) == (name in TAKES_WHOLE_WORDS):
                return name
        raise self.bad("pre_tokenizer is of a kind that is not known here", f"that of {', '.join(PRE_TOKENIZERS)}")

    def vocabulary(self) -> dict[str, int]:
        """The tokens with their ids, those that are added afterwards not included."""
        vocabulary = self.model.get("vocab")
        if not isinstance(vocabulary, dict) or not all(_is_id(number) for number in vocabulary.values()):
            raise self.bad("model.vocab is malformed", "an object of texts with their ids")
        return vocabulary

    def merges(self) -> list[str]:
        """The merges, most urgent first, each two pieces with a blank between."""
        merges = self.model.get("merges")
        pairs = [_pair(one) for one in merges] if isinstance(merges, list) else [None]
        if None in pairs:
            raise self.bad("model.merges is malformed", "a list of pairs of texts without blanks")
        return [" ".join(pair) for pair in pairs if pair is not None]

    def added_tokens(self) -> list[AddedToken]:
        """The added tokens.

        Raises:
            BadInput: if one is malformed, or swallows blanks or parts of words, which llama.cpp's do not.
        """
        entries = self.document.get("added_tokens") or []
        if not isinstance(entries, list):
            raise self.bad("added_tokens is malformed", "a list of objects")
        return [self._added_token(entry) for entry in entries]

    def surroundings(self) -> tuple[list[int | None], list[int | None]] | None:
        """The ids that the post-processor puts before and after every text; None where there is no post-processor.

        Raises:
            BadInput: if it is of a kind that is not known here.
        """
        step = self.document.get("post_processor")
        if step is None:
            return None
        nested = step.get("processors", [step]) if isinstance(step, dict) else None
        steps = [one if isinstance(one, dict) else {} for one in nested] if isinstance(nested, list) else [{}]
        templates = [one for one in steps if one.get("type") == "TemplateProcessing"]
        known = all(one.get("type") in ("ByteLevel", "TemplateProcessing") for one in steps)
        if not known or len(templates) > 1:
            raise self.bad("post_processor is of a kind that is not known here", "ByteLevel or TemplateProcessing")
        return self._template(templates[0].get("single")) if templates else ([], [])

    def _added_token(self, entry: Any) -> AddedToken:
        content, number = (entry.get("content"), entry.get("id")) if isinstance(entry, dict) else (None, None)
        if not isinstance(content, str) or not content or not isinstance(number, int) or isinstance(number, bool):
            raise self.bad(f"added token {str(entry)[:60]} is malformed", "an object with content and id")
        for option in ("single_word", "lstrip", "rstrip"):
            if entry.get(option):
                raise self.bad(f"added token {content!r} has the option {option}", "none of such options")
        return AddedToken(content, number, entry.get("special") is True)

    def _template(self, single: Any) -> tuple[list[int | None], list[int | None]]:
        pieces = single if isinstance(single, list) and all(isinstance(piece, dict) for piece in single) else []
        places = [place for place, piece in enumerate(pieces) if "Sequence" in piece]
        if len(places) != 1:
            raise self.bad("post_processor has a malformed template", "one with the text in it, once")
        ids = {token.content: token.id for token in self.added_tokens()}
        specials = [piece.get("SpecialToken") for piece in pieces]
        found = [
            ids.get(one["id"]) if isinstance(one, dict) and isinstance(one.get("id"), str) else None for one in specials
        ]
        return found[: places[0]], found[places[0] + 1 :]


def _without_defaults(step: Any) -> Any:
    """A step without what has no say in where the text is cut."""
    if not isinstance(step, dict):
        return step
    kept = {key: value for key, value in step.items() if key != "trim_offsets"}
    if step.get("type") == "ByteLevel":
        kept.setdefault("use_regex", True)
        if kept.pop("add_prefix_space", True) is not False:
            kept["add_prefix_space"] = True
    return kept


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _pair(value: Any) -> list[str] | None:
    """The two pieces of a merge, which older files have as one text; None if it is malformed."""
    pieces = value.split(" ") if isinstance(value, str) else value
    if not isinstance(pieces, list) or len(pieces) != 2:
        return None
    return pieces if all(isinstance(piece, str) and piece and " " not in piece for piece in pieces) else None
