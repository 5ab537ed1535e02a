"""The chat templates of a checkpoint as GGUF metadata: one for all, and others by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gguf.constants import Keys

from edgedocs.containers.gguf_fields import Field, text
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.special_tokens import Configuration

DEFAULT = "default"
LONGEST_TEMPLATE = 2**19
"""Bytes of one template; the longest in use have a tenth of that."""
MOST_TEMPLATES = 64
FOLDER, FILE = "additional_chat_templates", "chat_template.jinja"


def fields(configuration: Configuration) -> dict[str, Field]:
    """The GGUF metadata of the chat templates beside a tokenizer.

    Raises:
        BadInput: if they are malformed, too many or too long.
        CannotRun: if a file cannot be read.
    """
    templates = named(configuration.folder, configuration.tokenizer)
    found = {}
    if (default := templates.pop(DEFAULT, None)) is not None:
        found[Keys.Tokenizer.CHAT_TEMPLATE] = text(default)
    if templates:
        found[Keys.Tokenizer.CHAT_TEMPLATES] = text(sorted(templates))
        for name in sorted(templates):
            found[Keys.Tokenizer.CHAT_TEMPLATE_N.format(name=name)] = text(templates[name])
    return found


def named(folder: Path, config: Mapping[str, Any]) -> dict[str, str]:
    """The templates by name, ``default`` among them: files of their own before those in ``tokenizer_config.json``."""
    where = folder / "tokenizer_config.json"
    templates = _configured(config.get("chat_template"), where)
    if (path := folder / FILE).is_file():
        templates = {DEFAULT: files.read_text(path, LONGEST_TEMPLATE)}
    if (more := folder / FOLDER).is_dir():
        for path in sorted(more.glob("*.jinja"))[: MOST_TEMPLATES + 1]:
            templates[path.stem] = files.read_text(path, LONGEST_TEMPLATE)
    if len(templates) > MOST_TEMPLATES:
        raise BadInput("too many chat templates", where=folder, expected=f"at most {MOST_TEMPLATES}")
    for name, template in templates.items():
        try:
            length = len(template.encode("utf-8"))
        except UnicodeEncodeError as error:
            raise BadInput(
                f"character {error.start} of the chat template {name[:40]!r} is half of one (a lone surrogate)",
                where=where,
                expected="text",
            ) from error
        if length > LONGEST_TEMPLATE:
            raise BadInput(
                f"the chat template {name[:40]!r} has {length} bytes",
                where=where,
                expected=f"at most {LONGEST_TEMPLATE}",
                remedy="check where the checkpoint comes from: no template in use has a tenth of that",
            )
        if not name.isprintable() or not 0 < len(name) <= 64:
            raise BadInput(f"a chat template is named {name[:40]!r}", where=where, expected="a short printable name")
    return templates


def _configured(template: Any, where: Path) -> dict[str, str]:
    if template is None:
        return {}
    entries = [{"name": DEFAULT, "template": template}] if isinstance(template, str) else template
    templates: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else [None]:
        name, content = (entry.get("name"), entry.get("template")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(content, str):
            raise BadInput(
                "chat_template is malformed", where=where, expected="a text, or a list of named ones with a default"
            )
        if name in templates:
            raise BadInput(f"two chat templates are named {name[:40]!r}", where=where, expected="a name for each")
        templates[name] = content
    return templates
