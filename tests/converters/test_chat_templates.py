"""Chat templates: one for all, and others by name, from wherever the checkpoint keeps them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs.converters import chat_templates
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.special_tokens import Configuration

PREFIX = "tokenizer.chat_template"


def found(folder: Path, template: Any = None) -> dict[str, Any]:
    config = {} if template is None else {"chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return {key: field.value for key, field in chat_templates.fields(Configuration.open(folder, {})).items()}


def entry(name: Any, template: Any) -> dict[str, Any]:
    return {"name": name, "template": template}


def test_a_template_is_a_text_or_one_of_several(tmp_path: Path) -> None:
    assert found(tmp_path) == {}
    assert found(tmp_path, "{{ x }}") == {PREFIX: "{{ x }}"}
    assert found(tmp_path, [entry("tool_use", "t"), entry("default", "d"), entry("rag", "r")]) == {
        PREFIX: "d",
        f"{PREFIX}s": ["rag", "tool_use"],
        f"{PREFIX}.rag": "r",
        f"{PREFIX}.tool_use": "t",
    }
    assert found(tmp_path, [entry("tool_use", "t")]) == {f"{PREFIX}s": ["tool_use"], f"{PREFIX}.tool_use": "t"}


def test_files_of_their_own_come_before_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("file\r\n", encoding="utf-8", newline="")
    (tmp_path / "additional_chat_templates").mkdir()
    (tmp_path / "additional_chat_templates" / "rag.jinja").write_text("r", encoding="utf-8")
    assert found(tmp_path, "config") == {PREFIX: "file\r\n", f"{PREFIX}s": ["rag"], f"{PREFIX}.rag": "r"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (7, "chat_template is malformed; expected a text, or a list of named ones"),
        ({"default": "x"}, "chat_template is malformed"),
        ([1], "chat_template is malformed"),
        ([entry("a", 1)], "chat_template is malformed"),
        ([entry("a", "x"), entry("a", "y")], "two chat templates are named 'a'"),
        ([entry("a\n", "x")], "a chat template is named 'a\\n'"),
        ([entry(str(number), "x") for number in range(65)], "too many chat templates; expected at most 64"),
        ("x" * 2**20, "the chat template 'default' has 1048576 bytes; expected at most 524288"),
    ],
)
def test_other_things_are_refused(tmp_path: Path, template: Any, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        found(tmp_path, template)
    assert message in str(caught.value)


def test_a_file_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("x" * 2**20, encoding="utf-8")
    with pytest.raises(BadInput, match="larger than 524288 bytes"):
        found(tmp_path)
