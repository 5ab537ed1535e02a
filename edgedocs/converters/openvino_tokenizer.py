"""The tokenizer of a checkpoint as OpenVINO models: one from text to tokens, one back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from edgedocs.checkpoint import Checkpoint
from edgedocs.converters.openvino_model import library, rename
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy

TOKENIZER, DETOKENIZER = "openvino_tokenizer.xml", "openvino_detokenizer.xml"
SPECIAL = ("bos_token", "eos_token", "pad_token", "unk_token")


def write_tokenizer(checkpoint: Checkpoint, folder: Path) -> None:
    """Write both models into ``folder``, made of ``tokenizer.json`` alone: no code that comes with a model is run.

    Raises:
        BadInput: if OpenVINO cannot express the tokenizer.
        CannotRun: if a package is missing.
    """
    openvino = library()
    try:
        from openvino_tokenizers import convert_tokenizer
        from transformers import PreTrainedTokenizerFast
    except (ImportError, OSError) as error:
        raise CannotRun(f"OpenVINO Tokenizers do not start: {error}", remedy=install_remedy("openvino")) from error
    path = checkpoint.tokenizer_json
    try:
        make: Any = PreTrainedTokenizerFast
        tokenizer = make(
            tokenizer_file=os.fspath(path), clean_up_tokenization_spaces=False, **_special_texts(checkpoint)
        )
        if checkpoint.chat_template is not None:
            tokenizer.chat_template = checkpoint.chat_template
        models = convert_tokenizer(tokenizer, with_detokenizer=True)
    except Exception as error:  # what it raises for a tokenizer that it does not know is not specified
        raise BadInput(
            f"OpenVINO cannot express the tokenizer: {error}",
            where=path,
            expected="a tokenizer of a kind that OpenVINO Tokenizers has",
        ) from error
    for model, name in zip(models, (TOKENIZER, DETOKENIZER), strict=True):
        rename(model)
        openvino.save_model(model, str(folder / name), compress_to_fp16=False)


def _special_texts(checkpoint: Checkpoint) -> dict[str, str]:
    texts: dict[str, Any] = {name: checkpoint.tokenizer_config.get(name) for name in SPECIAL}
    texts = {name: text.get("content") if isinstance(text, dict) else text for name, text in texts.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}
