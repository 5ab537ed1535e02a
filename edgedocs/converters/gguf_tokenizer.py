"""The tokenizer of a checkpoint as GGUF metadata: byte-level BPE, the kind that llama.cpp calls ``gpt2``.

llama.cpp has tokenizers of its own and must be told which of them equals ``tokenizer.json``. That follows from the
file's structure, and what is not understood is refused: a model whose text is cut otherwise runs, and answers worse.
"""

from __future__ import annotations

from typing import Any

from gguf.constants import GGUFValueType as ValueType
from gguf.constants import Keys, TokenType

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, boolean, text, uint32
from edgedocs.converters.tokenizer_document import AddedToken, TokenizerDocument

SPECIAL_TOKENS = {
    "bos": Keys.Tokenizer.BOS_ID,
    "eos": Keys.Tokenizer.EOS_ID,
    "unk": Keys.Tokenizer.UNK_ID,
    "sep": Keys.Tokenizer.SEP_ID,
    "pad": Keys.Tokenizer.PAD_ID,
}


def tokenizer_fields(checkpoint: Checkpoint) -> dict[str, Field]:
    """The GGUF metadata of a checkpoint's tokenizer and chat template.

    Raises:
        BadInput: if ``tokenizer.json`` is missing or malformed, or llama.cpp has no tokenizer that equals it.
    """
    document = TokenizerDocument.open(checkpoint.tokenizer_json)
    tokens, types = _tokens(document, checkpoint.spec.vocabulary)
    fields = {
        Keys.Tokenizer.MODEL: text("gpt2"),
        Keys.Tokenizer.PRE: text(document.pre_tokenizer()),
        Keys.Tokenizer.LIST: text(tokens),
        Keys.Tokenizer.TOKEN_TYPE: Field(ValueType.INT32, types),
        Keys.Tokenizer.MERGES: text(document.merges()),
    }
    special = _special_tokens(document, checkpoint)
    fields |= {SPECIAL_TOKENS[kind]: uint32(number) for kind, number in special.items()}
    if end_of_turn := [number for number in _configured(checkpoint, "eos") if number != special.get("eos")]:
        fields[Keys.Tokenizer.EOT_ID] = uint32(end_of_turn[0])
    adds_bos, adds_eos = _inserted(document, checkpoint, special)
    fields |= {Keys.Tokenizer.ADD_BOS: boolean(adds_bos), Keys.Tokenizer.ADD_EOS: boolean(adds_eos)}
    if checkpoint.chat_template is not None:
        fields[Keys.Tokenizer.CHAT_TEMPLATE] = text(checkpoint.chat_template)
    return fields


def _tokens(document: TokenizerDocument, size: int) -> tuple[list[str], list[int]]:
    """Every token by its id with its type; an id that the tokenizer leaves out becomes an unused token."""
    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [int(TokenType.UNUSED)] * size
    added = {token.content: token for token in document.added_tokens()}
    for content, number in (document.vocabulary() | {one.content: one.id for one in added.values()}).items():
        if not 0 <= number < size:
            raise document.bad(f"token {content!r} has the id {number}", f"0 to {size - 1}, as config.json says")
        if types[number] != TokenType.UNUSED:
            raise document.bad(f"tokens {tokens[number]!r} and {content!r} share the id {number}", "an id each")
        tokens[number] = content
        types[number] = int(_token_type(added.get(content)))
    return tokens, types


def _token_type(added: AddedToken | None) -> TokenType:
    """llama.cpp looks for added tokens in the text before all else, and hides the control tokens among them."""
    if added is None:
        return TokenType.NORMAL
    return TokenType.CONTROL if added.special else TokenType.USER_DEFINED


def _special_tokens(document: TokenizerDocument, checkpoint: Checkpoint) -> dict[str, int]:
    """The ids of the special tokens by kind: what the tokenizer's configuration names, then what config.json does."""
    ids = {token.content: token.id for token in document.added_tokens()}
    found = {}
    for kind in SPECIAL_TOKENS:
        entry = checkpoint.tokenizer_config.get(f"{kind}_token")
        content = entry.get("content") if isinstance(entry, dict) else entry
        named = [ids[content]] if isinstance(content, str) and content in ids else []
        if candidates := named + _configured(checkpoint, kind):
            found[kind] = candidates[0]
    return found


def _configured(checkpoint: Checkpoint, kind: str) -> list[int]:
    """The ids that the configuration has for a kind of special token; a chat model often has two for ``eos``."""
    key = f"{kind}_token_id"
    value = checkpoint.generation_config.get(key, checkpoint.config.get(key))
    values: list[Any] = value if isinstance(value, list) else [value]
    size = checkpoint.spec.vocabulary
    return [one for one in values if isinstance(one, int) and not isinstance(one, bool) and 0 <= one < size]


def _inserted(document: TokenizerDocument, checkpoint: Checkpoint, special: dict[str, int]) -> tuple[bool, bool]:
    """Whether ``bos`` goes before and ``eos`` after every text: the post-processor decides, where there is one."""
    surroundings = document.surroundings()
    if surroundings is None:
        config = checkpoint.tokenizer_config
        return config.get("add_bos_token") is True, config.get("add_eos_token") is True
    before, after = surroundings
    if before not in ([], [special.get("bos")]) or after not in ([], [special.get("eos")]):
        raise document.bad("post_processor adds other tokens than bos and eos", "bos before and eos after, or fewer")
    return bool(before), bool(after)
