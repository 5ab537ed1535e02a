"""Train ``tiny`` from LibreOffice's help texts and write its checkpoint folder.

Run, after installing Debian's five packages that :mod:`edgedocs.tiny.corpus` names::

    python -m pip install '.[train]'
    python -m edgedocs.tiny.train --out edgedocs/tiny

The seed fixes the data order and the weights; on another processor or thread count, sums round differently.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional

from edgedocs.tiny.corpus import HELP_ROOT, LANGUAGE_FOLDERS, Corpus, HelpPage, split
from edgedocs.tiny.network import Decoder, Shape

END_OF_TEXT, USER, ASSISTANT, END_OF_TURN = "<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>"
SPECIAL_TOKENS = [END_OF_TEXT, USER, ASSISTANT, END_OF_TURN]
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
CHAT_SHARE = 0.2
"""The share of pages also shown as a conversation: the title asks, the next paragraphs answer."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn."""

    steps: int = 3600
    batch: int = 8
    length: int = 512
    peak_rate: float = 3e-3
    warmup: int = 150
    seed: int = 20261121

    def rate(self, step: int) -> float:
        """Linear warm-up, then a cosine down to 2 % of the peak."""
        if step < self.warmup:
            return self.peak_rate * (step + 1) / self.warmup
        progress = (step - self.warmup) / (self.steps - self.warmup)
        return self.peak_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def train_tokenizer(corpora: list[Corpus], vocabulary: int) -> Tokenizer:
    """A byte-level BPE with GPT-2's splitting rule, which llama.cpp knows as ``gpt-2``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    shortest = min(sum(len(page.text) for page in corpus.training) for corpus in corpora)
    texts = ("".join(page.text for page in corpus.training)[:shortest] for corpus in corpora)
    tokenizer.train_from_iterator((line for text in texts for line in text.splitlines(keepends=True)), trainer)
    return tokenizer


def conversation(page: HelpPage) -> str:
    """The page as one question and answer in the chat template's form."""
    question, *answer = page.paragraphs[:4]
    return f"{USER}\n{question}{END_OF_TURN}\n{ASSISTANT}\n" + "\n".join(answer) + f"{END_OF_TURN}\n"


def token_stream(corpus: Corpus, tokenizer: Tokenizer, rng: random.Random) -> np.ndarray:
    """Every training page, shuffled and parted by the end-of-text token, as one array of ids."""
    texts = [page.text for page in corpus.training]
    texts += [conversation(page) for page in corpus.training if len(page.paragraphs) > 1 and rng.random() < CHAT_SHARE]
    rng.shuffle(texts)
    end = tokenizer.token_to_id(END_OF_TEXT)
    ids = [token for encoded in tokenizer.encode_batch(texts) for token in (*encoded.ids, end)]
    return np.array(ids, dtype=np.int64)


def batches(streams: list[np.ndarray], schedule: Schedule) -> np.ndarray:
    """One batch, [batch, length + 1], whose rows are random windows; each language is as likely as any other."""
    rng = np.random.default_rng(schedule.seed)
    while True:
        rows = []
        for _ in range(schedule.batch):
            stream = streams[rng.integers(len(streams))]
            start = rng.integers(len(stream) - schedule.length - 1)
            rows.append(stream[start : start + schedule.length + 1])
        yield np.stack(rows)


def learn(network: Decoder, streams: list[np.ndarray], schedule: Schedule) -> list[dict[str, float]]:
    """Train in place; returns the loss curve (nats a token, mean of 50 steps)."""
    matrices = [p for name, p in network.named_parameters() if p.dim() == 2 and "embed" not in name]
    others = [p for name, p in network.named_parameters() if p.dim() < 2 or "embed" in name]
    optimizers = [
        torch.optim.Muon(matrices, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    curve: list[dict[str, float]] = []
    recent: list[float] = []
    started = time.monotonic()
    for step, batch in zip(range(schedule.steps), batches(streams, schedule), strict=False):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate(step)
        tokens = torch.from_numpy(batch)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(tokens[:, :-1])
        loss = functional.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())
        network.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        recent.append(loss.item())
        if (step + 1) % 50 == 0:
            curve.append({"step": step + 1, "loss": round(sum(recent) / len(recent), 4)})
            recent.clear()
            rate = (step + 1) * schedule.batch * schedule.length / (time.monotonic() - started)
            print(f"step {step + 1}/{schedule.steps}  loss {curve[-1]['loss']:.3f}  {rate:,.0f} tokens/s", flush=True)
    return curve


def write_checkpoint(folder: Path, network: Decoder, tokenizer: Tokenizer, shape: Shape) -> None:
    """The Hugging Face layout: bf16 safetensors, config, tokenizer, generation config, chat template."""
    tensors = {f"model.{name}": p.detach().to(torch.bfloat16).contiguous() for name, p in network.named_parameters()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    special, end_of_turn = tokenizer.token_to_id(END_OF_TEXT), tokenizer.token_to_id(END_OF_TURN)
    documents = {
        "config.json": shape.config(special, end_of_turn),
        "generation_config.json": {
            "bos_token_id": special,
            "eos_token_id": [special, end_of_turn],
            "pad_token_id": special,
            "do_sample": False,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END_OF_TEXT,
            "eos_token": END_OF_TEXT,
            "pad_token": END_OF_TEXT,
            "add_bos_token": False,
            "add_eos_token": False,
            "clean_up_tokenization_spaces": False,
            "model_max_length": shape.max_position_embeddings,
            "chat_template": CHAT_TEMPLATE,
        },
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Train, then write the checkpoint, the held-out text and the record of the training."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write the checkpoint and held-out text to")
    parser.add_argument("--help-root", type=Path, default=HELP_ROOT, help="where the help packages are installed")
    parser.add_argument("--steps", type=int, default=Schedule.steps)
    parser.add_argument("--threads", type=int, default=2, help="part of the seed: another number rounds differently")
    options = parser.parse_args()

    shape, schedule = Shape(), Schedule(steps=options.steps)
    torch.manual_seed(schedule.seed)
    torch.set_num_threads(options.threads)
    rng = random.Random(schedule.seed)
    corpora = [split(language, options.help_root) for language in LANGUAGE_FOLDERS]
    tokenizer = train_tokenizer(corpora, shape.vocab_size)
    streams = [token_stream(corpus, tokenizer, rng) for corpus in corpora]
    network = Decoder(shape)
    curve = learn(network, streams, schedule)

    (options.out / "heldout").mkdir(parents=True, exist_ok=True)
    for corpus in corpora:
        (options.out / "heldout" / f"{corpus.language}.txt").write_text(corpus.held_out, encoding="utf-8", newline="\n")
    write_checkpoint(options.out, network, tokenizer, shape)
    record = {
        "command": f"python -m edgedocs.tiny.train --steps {schedule.steps} --threads {options.threads}",
        "seed": schedule.seed,
        "parameters": sum(p.numel() for p in network.parameters()),
        "tokens_seen": schedule.steps * schedule.batch * schedule.length,
        "training_tokens": {corpus.language: len(stream) for corpus, stream in zip(corpora, streams, strict=True)},
        "training_pages": {corpus.language: len(corpus.training) for corpus in corpora},
        "torch": torch.__version__,
        "machine": platform.machine(),
        "loss_curve": curve,
    }
    (options.out / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
