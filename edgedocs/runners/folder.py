"""Runners of folders in the Hugging Face layout: their settings and their tokenizer, read without the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgedocs.checkpoint import Checkpoint
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.runners.base import Runner

SPECIAL = ("bos_token", "eos_token", "unk_token", "pad_token")


class FolderRunner(Runner):
    """A runner of a folder with ``config.json`` and ``tokenizer.json`` beside the engine's own files.

    Its constructor calls :meth:`_read_folder`; what is left to write is ``_forward``, ``_forget`` and ``_release``.
    """

    def _read_folder(self, path: Path, remedy: str) -> dict[str, Any]:
        """Set all that does not depend on the engine.

        Args:
            path: the folder.
            remedy: what to do where a file is missing or malformed.

        Returns:
            ``config.json``.

        Raises:
            BadInput: if a file is missing, or it cannot be right.
        """
        self.path = path
        config = files.read_json_object(path / "config.json", remedy)
        text = config.get("text_config")
        sizes = config | text if isinstance(text, dict) else config
        self.context_length = positive_size(sizes, "max_position_embeddings", path)
        self.vocabulary = positive_size(sizes, "vocab_size", path)
        settings = Checkpoint(path, config, {})
        self._tokenizer = read_tokenizer(settings.tokenizer_json, remedy)
        self._read_special_tokens(settings, sizes)
        self.chat_template = settings.chat_template
        return config

    def _read_special_tokens(self, settings: Checkpoint, sizes: dict[str, Any]) -> None:
        ends = settings.generation_config.get("eos_token_id", sizes.get("eos_token_id"))
        ends = ends if isinstance(ends, list) else [ends]
        self.end_tokens = frozenset(token for token in ends if isinstance(token, int))
        start = sizes.get("bos_token_id")
        self.start_token = start if isinstance(start, int) else None
        texts = {name: settings.tokenizer_config.get(name) for name in SPECIAL}
        texts = {name: text.get("content") if isinstance(text, dict) else text for name, text in texts.items()}
        self.special_texts = {name: text for name, text in texts.items() if isinstance(text, str)}

    def _check_logits(self, shape: Sequence[int], length: int, where: Path, remedy: str) -> None:
        """Refuse logits of another shape than ``[1, length, vocabulary]``.

        Args:
            shape: what the engine gave.
            length: how many tokens it was given.
            where: the model's file or folder.
            remedy: what to do then.

        Raises:
            BadInput: if they differ.
        """
        expected = [1, length, self.vocabulary]
        if list(shape) != expected:
            raise BadInput(
                f"the model gives logits of shape {list(shape)}",
                where=where,
                expected=f"{expected}, by vocab_size in config.json",
                remedy=remedy,
            )

    def _encode(self, text: str, with_start: bool) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=with_start).ids
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text


def read_tokenizer(path: Path, remedy: str) -> Any:
    """The tokenizer of a ``tokenizer.json``; it neither fills texts up to a length nor cuts them off.

    Raises:
        BadInput: if it is none.
    """
    from tokenizers import Tokenizer

    text = files.read_text(path)
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the binding raises plain Exception
        raise BadInput(f"no tokenizer: {error}", where=path, remedy=remedy) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def positive_size(config: dict[str, Any], key: str, path: Path, name: str = "config.json") -> int:
    """A whole number from 1 in ``config.json``, or in another file of the folder.

    Raises:
        BadInput: if it is something else.
    """
    value = config.get(key)
    if not isinstance(value, int) or value < 1:
        raise BadInput(f"{key} is {value!r}", where=path / name, expected="a whole number from 1")
    return value
