"""Metadata of a GGUF file for which llama.cpp ends the process instead of reporting it: refused beforehand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from edgedocs.architectures.base import MOST_LAYERS
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.mapping import REMEDY
from edgedocs.core.errors import BadInput

TOKENIZER, TOKENS = "tokenizer.ggml.model", "tokenizer.ggml.tokens"
WITHOUT_TOKENIZER = ("no_vocab", "none")
SENTENCE_PIECE = "llama"
ENCODERS = frozenset(
    {"bert", "eurobert", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert", "nomic-bert", "nomic-bert-moe"}
)
"""Architectures that have no logits, whatever else their files say."""
MOST_EXPERTS = 1024
"""``LLAMA_MAX_EXPERTS``."""
WHOLE_HEADS = frozenset({"qwen2", "qwen3", "qwen3moe"})
"""Architectures whose graphs assert that all of a head is rotated."""


def encodes(file: GGUFFile) -> bool:
    """Whether the model makes vectors of texts, and has no logits."""
    architecture = file.metadata.get("general.architecture")
    return architecture in ENCODERS or file.metadata.get(f"{architecture}.attention.causal") is False


def check(file: GGUFFile) -> None:
    """Raise BadInput for metadata that would fail an assertion in llama.cpp.

    The assertions: the numbers of layers and experts in ``llama_model_base::load_hparams``, the sign of epsilon in
    ``ggml_compute_forward_rms_norm``, the uniqueness of tokens in ``llama_vocab::impl::load``, a tokenizer in
    ``llama_vocab::impl::tokenize``, a token for each byte in ``llama_vocab::impl::byte_to_token``.
    """
    metadata = file.metadata
    architecture = metadata.get("general.architecture")
    layers = metadata.get(f"{architecture}.block_count")
    if isinstance(layers, int) and not 1 <= layers <= MOST_LAYERS:
        raise _bad(file, f"{architecture}.block_count is {layers}", f"1 to {MOST_LAYERS}")
    for kind in ("layer_norm_rms_epsilon", "layer_norm_epsilon"):
        epsilon = metadata.get(f"{architecture}.attention.{kind}")
        if isinstance(epsilon, float) and not epsilon >= 0:
            raise _bad(file, f"{architecture}.attention.{kind} is {epsilon}", "0 or more")
    _check_experts(file, architecture)
    _check_rotary(file, architecture)
    _check_tokenizer(file, metadata.get(TOKENIZER), metadata.get(TOKENS))


def _check_experts(file: GGUFFile, architecture: Any) -> None:
    count, used = (file.metadata.get(f"{architecture}.{key}", 0) for key in ("expert_count", "expert_used_count"))
    if isinstance(count, int) and not 0 <= count <= MOST_EXPERTS:
        raise _bad(file, f"{architecture}.expert_count is {count}", f"at most {MOST_EXPERTS}")
    if isinstance(count, int) and isinstance(used, int) and not min(count, 1) <= used <= count:
        raise _bad(file, f"{architecture}.expert_used_count is {used}", f"{min(count, 1)} to {count}, all experts")


def _check_rotary(file: GGUFFile, architecture: Any) -> None:
    if architecture not in WHOLE_HEADS:
        return
    keys = ("rope.dimension_count", "attention.key_length", "embedding_length", "attention.head_count")
    rotated, head, width, heads = (file.metadata.get(f"{architecture}.{key}") for key in keys)
    if head is None and isinstance(width, int) and isinstance(heads, int) and heads > 0:
        head = width // heads
    if rotated is not None and head is not None and rotated != head:
        raise _bad(file, f"{architecture}.rope.dimension_count is {rotated}", f"{head}, the width of a head")


def _check_tokenizer(file: GGUFFile, kind: Any, tokens: Any) -> None:
    if kind in WITHOUT_TOKENIZER:
        raise _bad(file, f"{TOKENIZER} is {kind!r}", "a tokenizer, to turn text into tokens")
    if not isinstance(tokens, list):
        return
    # Empty ones get names of their own in llama.cpp.
    counts = Counter(token for token in tokens if isinstance(token, str) and token)
    if repeated := next((token for token, count in counts.items() if count > 1), None):
        raise _bad(file, f"{TOKENS} has the token {repeated[:40]!r} twice", "each token once")
    if kind == SENTENCE_PIECE:
        missing = next((byte for byte in range(256) if not _has_byte(counts, byte)), None)
        if missing is not None:
            raise _bad(file, f"{TOKENS} has no token for the byte 0x{missing:02X}", "one for each, as '<0x41>'")


def _has_byte(tokens: Counter[str], byte: int) -> bool:
    return f"<0x{byte:02X}>" in tokens or (byte < 128 and chr(byte) in tokens)


def _bad(file: GGUFFile, what: str, expected: str) -> BadInput:
    return BadInput(what, where=file.path, expected=expected, remedy=REMEDY)
