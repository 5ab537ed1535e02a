"""The tokenizer of a checkpoint and its chat templates as GGUF metadata.

llama.cpp has tokenizers of its own and must be told which of them equals the checkpoint's; :mod:`edgedocs.tokenizers`
finds out.
"""

from __future__ import annotations

from gguf.constants import GGUFValueType as ValueType
from gguf.constants import Keys

from edgedocs import tokenizers
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, boolean, text, uint32
from edgedocs.converters import chat_templates
from edgedocs.tokenizers.base import Vocabulary
from edgedocs.tokenizers.document import is_id
from edgedocs.tokenizers.special_tokens import Configuration, SpecialTokens

SPECIAL_TOKENS = {
    "bos": Keys.Tokenizer.BOS_ID,
    "eos": Keys.Tokenizer.EOS_ID,
    "eot": Keys.Tokenizer.EOT_ID,
    "eom": Keys.Tokenizer.EOM_ID,
    "unk": Keys.Tokenizer.UNK_ID,
    "sep": Keys.Tokenizer.SEP_ID,
    "pad": Keys.Tokenizer.PAD_ID,
    "mask": Keys.Tokenizer.MASK_ID,
}


def tokenizer_fields(checkpoint: Checkpoint) -> dict[str, Field]:
    """The GGUF metadata of a checkpoint's tokenizer and chat templates.

    Raises:
        BadInput: if the tokenizer is missing or malformed, or llama.cpp has none that equals it.
        CannotRun: if a file cannot be read.
    """
    configuration = Configuration.open(checkpoint.path, checkpoint.config)
    return folder_fields(configuration, checkpoint.spec.vocabulary)


def folder_fields(configuration: Configuration, size: int) -> dict[str, Field]:
    """The GGUF metadata of a folder's tokenizer and chat templates.

    Args:
        configuration: the folder, and what stands beside the tokenizer in it.
        size: rows of the model's token embedding.

    Raises:
        BadInput: as for :func:`tokenizer_fields`.
        CannotRun: if a file cannot be read.
    """
    vocabulary = tokenizers.read(size, configuration)
    special = SpecialTokens.of(vocabulary, configuration)
    fields = _vocabulary_fields(vocabulary)
    fields |= {key: uint32(special.ids[kind]) for kind, key in SPECIAL_TOKENS.items() if kind in special.ids}
    fields |= {
        Keys.Tokenizer.ADD_BOS: boolean(special.adds_bos),
        Keys.Tokenizer.ADD_EOS: boolean(special.adds_eos),
    }
    fields |= {key: boolean(value) for key, value in vocabulary.flags.items()}
    kinds = configuration.model.get("type_vocab_size")
    if vocabulary.model == "bert" and is_id(kinds) and 0 < kinds < 2**32:
        fields[Keys.Tokenizer.TOKEN_TYPE_COUNT] = uint32(kinds)
    return fields | chat_templates.fields(configuration)


def _vocabulary_fields(vocabulary: Vocabulary) -> dict[str, Field]:
    fields = {
        Keys.Tokenizer.MODEL: text(vocabulary.model),
        Keys.Tokenizer.PRE: text(vocabulary.pre),
        Keys.Tokenizer.LIST: text(vocabulary.tokens),
        Keys.Tokenizer.TOKEN_TYPE: Field(ValueType.INT32, [int(one) for one in vocabulary.types]),
    }
    if vocabulary.scores is not None:
        fields[Keys.Tokenizer.SCORES] = Field(ValueType.FLOAT32, vocabulary.scores)
    if vocabulary.merges is not None:
        fields[Keys.Tokenizer.MERGES] = text(vocabulary.merges)
    if vocabulary.charsmap:
        fields[Keys.Tokenizer.PRECOMPILED_CHARSMAP] = Field(ValueType.UINT8, list(vocabulary.charsmap))
    return fields
