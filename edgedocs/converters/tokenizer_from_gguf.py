"""The way back from a GGUF file's tokenizer to the files that say how text becomes tokens in a checkpoint."""

from __future__ import annotations

from typing import Any

from gguf.constants import Keys

from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters import sampling
from edgedocs.converters.tokenizer_json_from_gguf import StoredTokenizer, tokenizer_json
from edgedocs.tokenizers import of_document
from edgedocs.tokenizers.document import TokenizerDocument

SPECIAL = {
    "bos": Keys.Tokenizer.BOS_ID,
    "eos": Keys.Tokenizer.EOS_ID,
    "unk": Keys.Tokenizer.UNK_ID,
    "sep": Keys.Tokenizer.SEP_ID,
    "pad": Keys.Tokenizer.PAD_ID,
    "mask": Keys.Tokenizer.MASK_ID,
}
IN_CONFIG = ("bos", "eos", "pad")
ENDS = (Keys.Tokenizer.EOS_ID, Keys.Tokenizer.EOT_ID, Keys.Tokenizer.EOM_ID)
INPUTS = ["input_ids", "attention_mask"]
TYPES = "token_type_ids"
"""What the tokenizer gives the model: an encoder also wants to know which of two texts a token is of."""


def special_ids(file: GGUFFile) -> dict[str, int]:
    """What ``config.json`` says of special tokens."""
    found = {f"{kind}_token_id": file.metadata.get(SPECIAL[kind]) for kind in IN_CONFIG}
    if file.metadata.get(Keys.Tokenizer.MODEL) == "bert":
        found = {key: value for key, value in found.items() if key == "pad_token_id"}
    return {key: value for key, value in found.items() if isinstance(value, int)}


def tokenizer_documents(file: GGUFFile) -> dict[str, dict[str, Any]]:
    """The files of a checkpoint that say how text becomes tokens, and when to stop, by name.

    Raises:
        BadInput: if the tokenizer is of a kind that is not known, or malformed, or would not be the same on the way
            there.
    """
    stored = StoredTokenizer(file)
    document = tokenizer_json(stored)
    read = of_document(TokenizerDocument.parse(document, file.path), len(stored.tokens))
    if (read.tokens, list(map(int, read.types))) != (stored.tokens, stored.types):
        differing = next(
            number
            for number, (ours, theirs) in enumerate(
                zip(
                    zip(read.tokens, read.types, strict=True),
                    zip(stored.tokens, stored.types, strict=True),
                    strict=True,
                )
            )
            if ours != theirs
        )
        raise stored.bad(
            f"token {differing} is {stored.tokens[differing][:40]!r} of the type {stored.types[differing]}",
            "a token that tokenizer.json has a place for",
        )
    return {
        "tokenizer.json": document,
        "tokenizer_config.json": _tokenizer_config(stored),
        "generation_config.json": _generation_config(file),
    }


def _tokenizer_config(stored: StoredTokenizer) -> dict[str, Any]:
    metadata = stored.file.metadata
    config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    encoder = stored.kind == "bert"
    for kind, key in SPECIAL.items():
        if token := stored.special(key):
            name = "cls" if encoder and kind == "bos" else kind
            if not (encoder and kind == "eos"):
                config[f"{name}_token"] = token[1]
    config["model_input_names"] = [*INPUTS, TYPES] if encoder else INPUTS
    if not encoder:
        config["add_bos_token"] = metadata.get(Keys.Tokenizer.ADD_BOS) is True
        config["add_eos_token"] = metadata.get(Keys.Tokenizer.ADD_EOS) is True
    if (templates := _chat_templates(stored)) is not None:
        config["chat_template"] = templates
    return config


def _chat_templates(stored: StoredTokenizer) -> str | list[dict[str, str]] | None:
    metadata = stored.file.metadata
    found = {"default": metadata.get(Keys.Tokenizer.CHAT_TEMPLATE)}
    names = metadata.get(Keys.Tokenizer.CHAT_TEMPLATES)
    for name in names if isinstance(names, list) else []:
        found[str(name)] = metadata.get(Keys.Tokenizer.CHAT_TEMPLATE_N.format(name=name))
    templates = {name: template for name, template in found.items() if isinstance(template, str)}
    if list(templates) == ["default"]:
        return templates["default"]
    return [{"name": name, "template": template} for name, template in templates.items()] or None


def _generation_config(file: GGUFFile) -> dict[str, Any]:
    config: dict[str, Any] = dict(special_ids(file))
    ends = [number for key in ENDS if isinstance(number := file.metadata.get(key), int)]
    if "eos_token_id" in config and len(ends) > 1:
        config["eos_token_id"] = ends
    return config | sampling.restored(file.metadata)
