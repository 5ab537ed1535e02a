"""Modelfile: what Ollama makes a model of, written for a GGUF file and read back before it counts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import open_gguf, sibling_parts
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.runners.servers.chat_frames import Frames

LONGEST_CONTEXT = 4096
"""Tokens, also for a model that was trained for more: Ollama sets the memory aside at once."""
QUOTES = '"""'


@dataclass(frozen=True)
class Modelfile:
    """The instructions of a Modelfile.

    Attributes:
        source: what ``FROM`` names.
        context: ``PARAMETER num_ctx``.
        template: ``TEMPLATE`` in Ollama's language; None leaves it to Ollama's guess.
        stops: one ``PARAMETER stop`` each.
    """

    source: str
    context: int | None
    template: str | None
    stops: tuple[str, ...]

    @property
    def text(self) -> str:
        """The file's text."""
        lines = [f"FROM {self.source}"]
        if self.context is not None:
            lines.append(f"PARAMETER num_ctx {self.context}")
        lines += [f"PARAMETER stop {QUOTES}{stop}{QUOTES}" for stop in self.stops]
        if self.template is not None:
            lines.append(f"TEMPLATE {QUOTES}{self.template}{QUOTES}")
        return "\n".join(lines) + "\n"

    @property
    def instructions(self) -> list[str]:
        """What it holds, for people."""
        names = ["FROM"] + ["num_ctx"] * (self.context is not None)
        return names + [f"{len(self.stops)} stop texts"] * bool(self.stops) + ["TEMPLATE"] * (self.template is not None)

    def as_dict(self) -> dict[str, Any]:
        """The instructions as JSON-ready data."""
        return {"from": self.source, "num_ctx": self.context, "stop": list(self.stops), "template": self.template}

    @classmethod
    def parse(cls, text: str) -> Modelfile:
        """Read what :attr:`text` writes: one instruction a line, texts in three quotation marks.

        Raises:
            BadInput: if there is anything else in it.
        """
        source, context, template, stops = "", None, None, []
        rest = text
        while rest:
            head, _, after = rest.partition("\n")
            quoted = head.partition(QUOTES)
            if quoted[1]:
                value, closing, after = rest[len(quoted[0]) + len(QUOTES) :].partition(QUOTES)
                after = after.removeprefix("\n")
                head = quoted[0].rstrip()
                if not closing:
                    raise BadInput("quotation marks that nothing closes", where="Modelfile")
            else:
                head, _, value = head.rpartition(" ") if not head.startswith("FROM ") else ("FROM", " ", head[5:])
            match head:
                case "FROM":
                    source = value
                case "PARAMETER num_ctx":
                    context = int(value)
                case "PARAMETER stop":
                    stops.append(value)
                case "TEMPLATE":
                    template = value
                case _:
                    raise BadInput(f"an instruction {head!r}", where="Modelfile")
            rest = after
        return cls(source, context, template, tuple(stops))


def write(model: Path, target: Path, template: bool = True) -> Modelfile:
    """Write a Modelfile for a GGUF file.

    Args:
        model: the GGUF file; it is named relative to ``target``'s folder.
        target: the file to write.
        template: whether to write the model's chat template in Ollama's language.

    Raises:
        BadInput: if the model is no GGUF file, or its template cannot be written so that the prompts stay the same.
    """
    if not is_gguf(model):
        raise BadInput("no GGUF file", where=model, expected="a model as GGUF", remedy="convert it: edgedocs convert")
    file = open_gguf(model)
    if len(sibling_parts(model)) > 1:
        remedy = f"edgedocs quantize {model} ONE.gguf --type copy"
        raise BadInput("a model in parts", where=model, expected="one file", remedy=remedy)
    trained = file.metadata.get(f"{file.metadata.get('general.architecture')}.context_length")
    context = min(trained, LONGEST_CONTEXT) if isinstance(trained, int) and trained > 0 else None
    frames = Frames.of(file) if template and file.metadata.get("tokenizer.chat_template") else None
    made = Modelfile(
        _relative(model, target),
        context,
        None if frames is None else frames.as_go(),
        () if frames is None else frames.stops,
    )
    if Modelfile.parse(made.text) != made:
        raise BadInput("the Modelfile does not read back as it was written", where=model, remedy="try --no-template")
    files.write_text(target, made.text)
    return made


def _relative(model: Path, target: Path) -> str:
    relative = Path(os.path.relpath(model.resolve(), target.parent.resolve())).as_posix()
    if not relative.isprintable() or '"' in relative or relative != relative.strip():
        raise BadInput("a name that a Modelfile cannot hold", where=model, remedy="rename the file")
    return relative if relative.startswith("../") else f"./{relative}"
