"""Chat templates: Jinja from the model's own files, rendered in a sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from edgedocs.core.errors import BadInput, CannotRun


def render(
    template: str | None, messages: Sequence[Mapping[str, str]], special_texts: Mapping[str, str], where: Path
) -> str:
    """The prompt that a chat template makes of messages, up to where the answer begins.

    The environment is the one that transformers' ``apply_chat_template`` documents. The template comes with the
    model and is not trusted: it can neither reach Python's objects nor files.

    Args:
        template: the Jinja template; None if the model has none.
        messages: each with ``role`` and ``content``.
        special_texts: names that the template may use, such as ``bos_token``.
        where: the model, for messages.

    Raises:
        BadInput: if there is no template, it is malformed, or it refuses the messages.
        CannotRun: if the package jinja2 is not installed.
    """
    if template is None:
        raise BadInput("the model has no chat template", where=where, remedy="use generate with a plain prompt")
    for number, message in enumerate(messages):
        if not isinstance(message.get("role"), str) or not isinstance(message.get("content"), str):
            raise BadInput(f"message {number} is incomplete", expected='{"role": …, "content": …}, both texts')
    try:
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise CannotRun("chat templates need the Python package jinja2", remedy="pip install jinja2") from error

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    try:
        compiled = environment.from_string(template)
        return compiled.render(messages=[dict(one) for one in messages], add_generation_prompt=True, **special_texts)
    except Exception as error:  # a template is a program: it can raise whatever Python raises
        reason = str(error) or type(error).__name__
        raise BadInput(f"the chat template fails: {reason}", where=where, remedy="check the messages' roles") from error


def _to_json(value: Any, indent: int | None = None) -> str:
    # Jinja's own filter escapes HTML, which would change the prompt.
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)
