"""Chat frames: what a chat template puts before and after each role's message, found by trying it.

A template is a program in Jinja, and Ollama's are in Go's language, so one cannot be translated into the other in
general. Most only put each message between two fixed texts. Those are found by rendering messages that can be told
apart; whatever behaves otherwise, in any of a number of conversations, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgedocs.containers.gguf import GGUFFile
from edgedocs.core.errors import BadInput
from edgedocs.runners.chat import render

FIRST, SECOND, THIRD = "\u2460first\u2460", "\u2461second\u2461", "\u2462third\u2462"
ROLES = ("system", "user", "assistant")
CONTENTS = ("How?", "two\nlines\n", "  blanks around  ", "{{ .Content }} {% x %}", "příliš „žluťoučký“", "")
REMEDY = "leave the template to Ollama with --no-template, or write TEMPLATE by hand"
_ACTION = re.compile(r"\{\{ (.*?) \}\}")

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Frames:
    """A chat template that puts each message between two texts.

    Attributes:
        opening: what stands before everything.
        around: the texts before and after a message, by role; a role that the template refuses is missing.
        answer: what stands at the end, where the answer begins.
    """

    opening: str
    around: Mapping[str, tuple[str, str]]
    answer: str

    @classmethod
    def of(cls, file: GGUFFile) -> Frames:
        """The frames of a GGUF file's chat template.

        Raises:
            BadInput: if the template is none that only puts messages between fixed texts.
        """
        template = file.metadata["tokenizer.chat_template"]
        special, starts = special_texts(file)

        def made(messages: Messages) -> str:
            text = render(template, messages, special, where=file.path)
            # Ollama's tokenizer puts the start token there by itself, as llama.cpp's does.
            return text.removeprefix(special["bos_token"]) if starts else text

        frames = _guess(made, special["bos_token"], file.path)
        for conversation in _conversations(frames.around):
            if _rendered(frames.as_go(), conversation) != made(conversation):
                raise BadInput("the chat template does more than frame messages", where=file.path, remedy=REMEDY)
        return frames

    @property
    def stops(self) -> tuple[str, ...]:
        """The text that ends an answer."""
        end = self.around["assistant"][1].strip()
        return (end,) if end else ()

    def as_go(self) -> str:
        """The template in the language of Ollama's: Go's."""
        branches = [
            f'if eq .Role "{role}" }}}}{before}{{{{ .Content }}}}{after}{{{{ '
            for role, (before, after) in self.around.items()
        ]
        body = "else ".join(branches)
        return f"{self.opening}{{{{ range .Messages }}}}{{{{ {body}end }}}}{{{{ end }}}}{self.answer}"


def _guess(made: Callable[[Messages], str], start: str, where: Path) -> Frames:
    user, assistant = {"role": "user", "content": FIRST}, {"role": "assistant", "content": SECOND}
    before, after_user, after_assistant, _ = _cut(
        made([user, assistant, {"role": "user", "content": THIRD}]), (FIRST, SECOND, THIRD), where
    )
    _, answer = _cut(made([user]), (FIRST,), where)
    # Where the text after a message ends and that before the next begins makes no difference, so long as it is the same
    # everywhere.
    bare = before.removeprefix(start)
    shared = bare if after_assistant.endswith(bare) else _common_end(before, after_assistant)
    end = _common_start(after_user, answer)
    end_assistant = after_assistant.removesuffix(shared)
    if end_assistant and end.startswith(end_assistant):
        end = end_assistant  # as people write it: what begins the answer belongs to the answer
    around = {
        "user": (shared, end),
        "assistant": (after_user.removeprefix(end), end_assistant),
    }
    opening = before.removesuffix(shared)
    try:
        first, middle, _ = _cut(made([{"role": "system", "content": SECOND}, user]), (SECOND, FIRST), where)
    except BadInput:
        pass  # there are models without system messages
    else:
        around = {"system": (first.removeprefix(opening), middle.removesuffix(shared)), **around}
    frames = Frames(opening, around, answer.removeprefix(end))
    texts = [frames.opening, frames.answer, *(text for pair in around.values() for text in pair)]
    if any(mark in text for text in texts for mark in ("{{", "}}", '"""')):
        raise BadInput('the chat template\'s texts hold {{, }} or """', where=where, remedy=REMEDY)
    return frames


def _cut(text: str, marks: tuple[str, ...], where: Path) -> list[str]:
    """What stands before, between and after the marks."""
    pieces = []
    for mark in marks:
        piece, found, text = text.partition(mark)
        if not found:
            raise BadInput("the chat template leaves out or changes messages", where=where, remedy=REMEDY)
        pieces.append(piece)
    return [*pieces, text]


def _common_end(one: str, other: str) -> str:
    return _common_start(one[::-1], other[::-1])[::-1]


def _common_start(one: str, other: str) -> str:
    length = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if length is None else length]


def special_texts(file: GGUFFile) -> tuple[dict[str, str], bool]:
    """The special tokens' texts, and whether the tokenizer puts the start token before a text."""
    tokens = file.metadata.get("tokenizer.ggml.tokens")
    texts = {}
    for name, key in (("bos_token", "bos_token_id"), ("eos_token", "eos_token_id")):
        number = file.metadata.get(f"tokenizer.ggml.{key}")
        texts[name] = ""
        if isinstance(tokens, list) and isinstance(number, int) and 0 <= number < len(tokens):
            texts[name] = str(tokens[number])
    # llama.cpp's default, where the file does not say, is yes for SentencePiece alone.
    default = file.metadata.get("tokenizer.ggml.model") == "llama"
    return texts, bool(file.metadata.get("tokenizer.ggml.add_bos_token", default))


def _conversations(around: Mapping[str, tuple[str, str]]) -> list[Messages]:
    """Conversations of one to five messages, with and without a system message, of awkward contents."""
    turns = ["user", "assistant"] * 3
    found: list[Messages] = []
    for length in (1, 3, 5):
        for place in range(len(CONTENTS)):
            roles = ["system"] * ("system" in around and place % 2) + turns[:length]
            contents = [CONTENTS[(place + number) % len(CONTENTS)] for number in range(len(roles))]
            found.append([{"role": r, "content": c} for r, c in zip(roles, contents, strict=True)])
    return found


def _rendered(template: str, messages: Messages) -> str:
    """What Go's text/template makes of the few actions that :meth:`Frames.as_go` writes."""
    opening, _, rest = template.partition("{{ range .Messages }}")
    body, _, answer = rest.rpartition("{{ end }}{{ end }}")
    pieces = _ACTION.split(body)
    branches: dict[str, str] = {}
    role = ""
    for place, piece in enumerate(pieces):
        if place % 2 and piece != ".Content":
            role = piece.rpartition("eq .Role ")[2].strip('"')
            branches[role] = ""
        elif place:
            branches[role] += "\0" if place % 2 else piece
    return opening + "".join(branches[one["role"]].replace("\0", one["content"]) for one in messages) + answer
