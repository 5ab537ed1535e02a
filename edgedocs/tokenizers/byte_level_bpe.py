"""Byte-level BPE, which llama.cpp calls ``gpt2``: GPT-2, Llama 3, Qwen, SmolLM, Phi-4, DeepSeek."""

from __future__ import annotations

from gguf.constants import TokenType

from edgedocs.tokenizers import pre_tokenizers
from edgedocs.tokenizers.base import Kind, TokenTable, Vocabulary
from edgedocs.tokenizers.document import AddedToken, TokenizerDocument
from edgedocs.tokenizers.pre_tokenizers import PreTokenizer

PLAIN_MODEL = {
    "dropout": (None, 0.0),
    "unk_token": (None,),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "byte_fallback": (None, False),
}
"""What ``model`` may say; the rest of BPE's options would change the tokens and llama.cpp does not have them."""


class ByteLevelBPE(Kind):
    """Text becomes bytes, each a character of an alphabet of 256, and neighbours are merged by rank."""

    name = "byte-level BPE"
    model = "gpt2"

    def reads(self, document: TokenizerDocument) -> bool:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        steps = [*document.steps("pre_tokenizer"), document.document.get("decoder")]
        return document.model.get("type") == "BPE" and any(
            isinstance(step, dict) and step.get("type") == "ByteLevel" for step in steps
        )

    def vocabulary(self, document: TokenizerDocument, size: int) -> Vocabulary:
        """See :class:`~edgedocs.tokenizers.base.Kind`."""
        document.check_model(PLAIN_MODEL)
        decoder = document.document.get("decoder")
        if not isinstance(decoder, dict) or decoder.get("type") != "ByteLevel":
            raise document.bad("decoder is not ByteLevel", "byte-level BPE")
        table = TokenTable(size, document.bad)
        added = {token.content: token for token in document.added_tokens}
        for content, number in document.numbered():
            table.put(number, content, _type(added.get(content)))
        pre_tokenizer = _pre_tokenizer(document)
        return Vocabulary(
            model=self.model,
            tokens=table.finish(),
            types=table.types,
            ids=document.ids,
            surroundings=document.surroundings,
            pre=pre_tokenizer.name,
            merges=[" ".join(pair) for pair in document.merges],
        )


KIND = ByteLevelBPE()


def _type(added: AddedToken | None) -> TokenType:
    """llama.cpp looks for added tokens in the text before all else, and hides the control tokens among them."""
    if added is None:
        return TokenType.NORMAL
    return TokenType.CONTROL if added.special else TokenType.USER_DEFINED


def _pre_tokenizer(document: TokenizerDocument) -> PreTokenizer:
    candidates = [one for one in pre_tokenizers.known() if one.cuts_like(document)]
    whole_words = bool(document.model.get("ignore_merges"))
    chosen = next((one for one in candidates if one.whole_words == whole_words), None)
    if chosen is None and (chosen := next((one for one in candidates if one.tolerant), None)) is not None:
        _check_reachable(document, chosen)
    for step in document.steps("normalizer"):
        name = step.get("type") if isinstance(step, dict) else None
        if chosen is None or name not in chosen.normalizers:
            raise document.bad("the tokenizer changes the text before it is cut (normalizer)", "none")
    if chosen is None:
        names = ", ".join(dict.fromkeys(one.name for one in pre_tokenizers.known()))
        raise document.bad("pre_tokenizer is of a kind that is not known here", f"that of {names}")
    return chosen


def _check_reachable(document: TokenizerDocument, chosen: PreTokenizer) -> None:
    """Raise unless merging alone makes every token of its characters, so that it is the same to take a word whole."""
    from tokenizers import models

    model = models.BPE(document.vocabulary, document.merges)
    added = {token.content for token in document.added_tokens}
    for token, number in document.vocabulary.items():
        if token not in added and [piece.id for piece in model.tokenize(token)] != [number]:
            raise document.bad(
                f"ignore_merges is not as llama.cpp has it for {chosen.name}, and no merges make {token[:80]!r}",
                f"ignore_merges {str(chosen.whole_words).lower()}",
            )
