"""Models to quantize whole: small, but with all that the rules of the recipes look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.oracles import llama

Matrices = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Model:
    """A model as a test writes it.

    Args:
        width: of its rows.
        layers: how many.
        written: of how many of them there are tensors; all by default.
        inner: the width of the feed-forward network.
        tied: whether the token embeddings give the logits.
        experts: how many, 0 if none.
        heads: query heads.
        key_heads: key heads.
        architecture: its family.
    """

    width: int = 256
    layers: int = 2
    inner: int = 256
    tied: bool = True
    experts: int = 0
    heads: int = 4
    key_heads: int = 2
    architecture: str = "llama"
    written: int | None = None
    extra: tuple[tuple[str, tuple[int, ...]], ...] = field(default=())

    @property
    def tensors(self) -> Matrices:
        """The tensors by name, the same at each call."""
        shapes: dict[str, tuple[int, ...]] = {
            "token_embd.weight": (48, self.width),
            "output_norm.weight": (self.width,),
        }
        for layer in range(self.layers if self.written is None else self.written):
            key = self.width * self.key_heads // self.heads
            shapes |= {
                f"blk.{layer}.attn_norm.weight": (self.width,),
                f"blk.{layer}.attn_q.weight": (16, self.width),
                f"blk.{layer}.attn_k.weight": (min(key, 8), self.width),
                f"blk.{layer}.attn_v.weight": (min(key, 8), self.width),
                f"blk.{layer}.attn_output.weight": (8, self.width),
                f"blk.{layer}.ffn_norm.weight": (self.width,),
            }
            stack = (self.experts,) if self.experts else ()
            suffix = "_exps" if self.experts else ""
            shapes |= {
                f"blk.{layer}.ffn_gate{suffix}.weight": (*stack, 8, self.width),
                f"blk.{layer}.ffn_up{suffix}.weight": (*stack, 8, self.width),
                f"blk.{layer}.ffn_down{suffix}.weight": (*stack, 8, self.inner),
            }
            if self.experts:
                shapes[f"blk.{layer}.ffn_gate_inp.weight"] = (self.experts, self.width)
        if not self.tied:
            shapes["output.weight"] = (48, self.width)
        shapes |= dict(self.extra)
        random = np.random.default_rng(5)
        return {name: random.standard_normal(shape).astype(np.float32) * 0.1 for name, shape in shapes.items()}

    def importance(self, seed: int = 9) -> Matrices:
        """Made-up mean squares of activations for each matrix, one expert after the other."""
        random = np.random.default_rng(seed)
        return {
            name: np.square(random.standard_normal((values.shape[0] if values.ndim > 2 else 1, values.shape[-1])))
            .astype(np.float32)
            .reshape(-1)
            for name, values in self.tensors.items()
            if values.ndim > 1 and name not in ("token_embd.weight", "output.weight")
        }

    def write(self, path: Path) -> None:
        """Write it as a GGUF file of F32."""
        llama.write_model(
            path,
            self.tensors,
            self.architecture,
            self.experts,
            layers=self.layers,
            heads=self.heads,
            key_heads=self.key_heads,
        )


MODELS = {
    "16 layers, tied": Model(layers=16),
    "9 layers, output of its own": Model(layers=9, tied=False),
    "8 heads a key head": Model(layers=8, heads=8, key_heads=1, tied=False),
    "rows of 320 and 96": Model(width=320, inner=96, layers=3, tied=False),
    "rows of 80, tied": Model(width=80, inner=48, layers=2),
    "8 experts": Model(layers=8, experts=8, tied=False),
    "4 experts": Model(layers=4, experts=4),
    "falcon": Model(
        architecture="falcon",
        layers=16,
        tied=False,
        extra=tuple((f"blk.{layer}.attn_qkv.weight", (8, 256)) for layer in range(16)),
    ),
    "80 layers": Model(layers=80, written=4, heads=8, key_heads=1, tied=False),
}
