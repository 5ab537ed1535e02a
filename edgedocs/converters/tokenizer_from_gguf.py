"""The way back from a GGUF file's tokenizer to ``tokenizer.json``: byte-level BPE, which llama.cpp calls ``gpt2``."""

from __future__ import annotations

from typing import Any

from gguf.constants import Keys, TokenType

from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters.tokenizer_document import PRE_TOKENIZERS, TAKES_WHOLE_WORDS
from edgedocs.core.errors import BadInput

SPECIAL = {
    "bos": Keys.Tokenizer.BOS_ID,
    "eos": Keys.Tokenizer.EOS_ID,
    "unk": Keys.Tokenizer.UNK_ID,
    "sep": Keys.Tokenizer.SEP_ID,
    "pad": Keys.Tokenizer.PAD_ID,
}
IN_CONFIG = ("bos", "eos", "pad")
_ADDED = (TokenType.CONTROL, TokenType.USER_DEFINED)
_BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def special_ids(file: GGUFFile) -> dict[str, int]:
    """What ``config.json`` says of special tokens."""
    found = {f"{kind}_token_id": file.metadata.get(SPECIAL[kind]) for kind in IN_CONFIG}
    return {key: value for key, value in found.items() if isinstance(value, int)}


def tokenizer_documents(file: GGUFFile) -> dict[str, dict[str, Any]]:
    """The files of a checkpoint that say how text becomes tokens, and when to stop, by name.

    Raises:
        BadInput: if the tokenizer is of another kind, or malformed.
    """
    metadata = file.metadata
    kind, pre = metadata.get(Keys.Tokenizer.MODEL), metadata.get(Keys.Tokenizer.PRE)
    if kind != "gpt2" or pre not in _ways():
        raise _bad(
            file,
            f"the tokenizer {str(kind)[:40]!r} ({str(pre)[:40]!r}) is not turned back",
            f"'gpt2' ({', '.join(_ways())})",
        )
    tokens, types, merges = (_list(file, key) for key in _LISTS)
    if len(types) != len(tokens):
        raise _bad(file, f"{len(types)} types of tokens for {len(tokens)} tokens", "as many")
    pairs = [str(merge).split(" ") for merge in merges]
    if any(len(pair) != 2 for pair in pairs):
        raise _bad(file, f"{Keys.Tokenizer.MERGES} is malformed", "pairs of texts with a blank between")
    return {
        "tokenizer.json": _tokenizer(file, str(pre), tokens, types, pairs),
        "tokenizer_config.json": _tokenizer_config(file, tokens),
        "generation_config.json": _generation_config(file),
    }


_LISTS = (Keys.Tokenizer.LIST, Keys.Tokenizer.TOKEN_TYPE, Keys.Tokenizer.MERGES)


def _tokenizer(
    file: GGUFFile, pre: str, tokens: list[Any], types: list[Any], merges: list[list[str]]
) -> dict[str, Any]:
    added = [
        {
            "id": number,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": kind == TokenType.CONTROL,
        }
        for number, (content, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in _ADDED
    ]
    kept = [number for number, kind in enumerate(types) if kind != TokenType.UNUSED]
    vocabulary = {str(tokens[number]): number for number in kept}
    if len(vocabulary) != len(kept):
        raise _bad(file, "a token occurs twice", "each token once")
    known, whole_words = _ways()[pre]
    steps = [_step(one) for one in known]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": steps[0] if len(steps) == 1 else {"type": "Sequence", "pretokenizers": steps},
        "post_processor": _post_processor(file, tokens),
        "decoder": _BYTE_LEVEL,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": whole_words,
            "vocab": vocabulary,
            "merges": merges,
        },
    }


def _ways() -> dict[str, tuple[list[dict[str, Any]], bool]]:
    """llama.cpp's ways of cutting text into words: the steps, and whether words that are tokens stay whole."""
    return {name: (steps, name in TAKES_WHOLE_WORDS) for name, steps in PRE_TOKENIZERS.items()}


def _step(known: dict[str, Any]) -> dict[str, Any]:
    return {**_BYTE_LEVEL, **known} if known["type"] == "ByteLevel" else dict(known)


def _post_processor(file: GGUFFile, tokens: list[Any]) -> dict[str, Any] | None:
    """What puts ``bos`` before and ``eos`` after every text, where the file says so."""
    around = {
        kind: _special(file, kind, tokens)
        for kind, key in (("bos", Keys.Tokenizer.ADD_BOS), ("eos", Keys.Tokenizer.ADD_EOS))
        if file.metadata.get(key) is True
    }
    if not around:
        return None
    named = {kind: found for kind, found in around.items() if found is not None}
    if len(named) != len(around):
        raise _bad(file, "a special token is to be added and is not named", "bos and eos as ids of tokens")

    def template(kind: str) -> list[dict[str, Any]]:
        return [{"SpecialToken": {"id": named[kind][1], "type_id": 0}}] if kind in named else []

    single = [*template("bos"), {"Sequence": {"id": "A", "type_id": 0}}, *template("eos")]
    pair = [*single, *template("bos"), {"Sequence": {"id": "B", "type_id": 0}}, *template("eos")]
    special = {content: {"id": content, "ids": [number], "tokens": [content]} for number, content in named.values()}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": special}


def _tokenizer_config(file: GGUFFile, tokens: list[Any]) -> dict[str, Any]:
    metadata = file.metadata
    config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    for kind in SPECIAL:
        if found := _special(file, kind, tokens):
            config[f"{kind}_token"] = found[1]
    config["add_bos_token"] = metadata.get(Keys.Tokenizer.ADD_BOS) is True
    config["add_eos_token"] = metadata.get(Keys.Tokenizer.ADD_EOS) is True
    if isinstance(template := metadata.get(Keys.Tokenizer.CHAT_TEMPLATE), str):
        config["chat_template"] = template
    return config


def _generation_config(file: GGUFFile) -> dict[str, Any]:
    config: dict[str, Any] = dict(special_ids(file))
    end_of_turn = file.metadata.get(Keys.Tokenizer.EOT_ID)
    if isinstance(end_of_turn, int) and "eos_token_id" in config:
        config["eos_token_id"] = [config["eos_token_id"], end_of_turn]
    return config


def _special(file: GGUFFile, kind: str, tokens: list[Any]) -> tuple[int, str] | None:
    number = file.metadata.get(SPECIAL[kind])
    if not isinstance(number, int) or not 0 <= number < len(tokens):
        return None
    return number, str(tokens[number])


def _list(file: GGUFFile, key: str) -> list[Any]:
    value = file.metadata.get(key)
    if not isinstance(value, list):
        raise _bad(file, f"{key} is missing or no list", "a list")
    return value


def _bad(file: GGUFFile, what: str, expected: str) -> BadInput:
    return BadInput(what, where=file.path, expected=expected, remedy="use the checkpoint that the file was made from")
