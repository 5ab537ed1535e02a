"""Make the reference folder: a Llama with random weights, saved and run by transformers.

Everything here is transformers' own work, so that our converters and runners are judged by something that shares no
code with them. The sizes are unusual on purpose (a head size that is not hidden size / heads, an uncommon rotary
base and epsilon, norms that are not one, an untied output), so that an ignored setting shows.

Needs the extra ``reference``. Run as ``python -m tests.reference.make_reference``; the result is committed, and
``test_rederive.py`` computes the logits again from the committed weights.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "llama-random"
SEED = 20261121
VOCABULARY = 384
CONTEXT_LENGTH = 96
END = "<|end|>"
LINES = [
    "The quick brown fox jumps over the lazy dog, and the dog sleeps on.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy; the horse then went home.",
    "Kožušček, põdur Zagrebi tšellomängija, zażółć gęślą jaźń: 0123456789.",
    "A model that fits in the memory of a small device answers without a network.",
]


def train_tokenizer() -> Any:
    """A byte-level BPE tokenizer with GPT-2's pre-tokenizer, trained on the lines above."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES * 2, trainer)
    assert tokenizer.get_vocab_size() == VOCABULARY
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END)


def make_model(end_token: int) -> Any:
    """A small Llama in float32 with weights drawn from the fixed seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=112,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=CONTEXT_LENGTH,
        rms_norm_eps=1e-3,
        rope_parameters={"rope_type": "default", "rope_theta": 50000.0},
        tie_word_embeddings=False,
        initializer_range=0.15,
        bos_token_id=end_token,
        eos_token_id=end_token,
        pad_token_id=None,
    )
    model = LlamaForCausalLM(config).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return model


def logits_of(folder: Path, tokens: list[int]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The logits, float32 [tokens, vocabulary], that transformers computes from the checkpoint in ``folder``."""
    import torch
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        output: np.ndarray[Any, np.dtype[np.float32]] = model(torch.tensor([tokens])).logits[0].numpy()
    return output


def main() -> None:
    """Write the folder and record its logits."""
    import torch
    import transformers

    tokenizer = train_tokenizer()
    make_model(tokenizer.eos_token_id).save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)
    tokens = tokenizer.encode(" ".join(LINES[:2]))[:CONTEXT_LENGTH]
    tokens += np.random.default_rng(SEED).integers(0, VOCABULARY, CONTEXT_LENGTH - len(tokens)).tolist()
    np.savez(
        FOLDER / "reference.npz",
        tokens=np.array(tokens, dtype=np.int64),
        logits=logits_of(FOLDER, tokens),
        made_with=np.array(f"transformers {transformers.__version__}, torch {torch.__version__}"),
    )
    sys.stdout.write(f"{FOLDER}: {sum(path.stat().st_size for path in FOLDER.iterdir())} bytes\n")


if __name__ == "__main__":
    main()
