"""Make the folders of :mod:`tests.reference.families`: transformers writes the configuration and computes the logits.

Needs the extra ``reference``. Run as ``python -m tests.reference.make_families [NAME ...]``; the result is committed,
and ``test_rederive.py`` computes the logits again.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from tests.reference.families import ENCODER, FAMILIES, SEED, VOCABULARY, Family
from tests.reference.recorded import error
from tests.reference.weights import digest

Logits = np.ndarray[Any, np.dtype[np.float32]]


def logits_of(family: Family, folder: Path, tokens: list[int], *, table: bool = False) -> Logits:
    """The logits, float32 [tokens, vocabulary], that transformers computes from the checkpoint in ``folder``.

    With ``table``, GELU takes and gives float16, as llama.cpp's does: it looks the result up in a table with an entry
    for each number of that type (``ggml_vec_gelu_f32``).
    """
    import torch
    import transformers

    model = getattr(transformers, family.model).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    if table:
        _round_gelu(model)
    with torch.no_grad():
        given = model.eval()(torch.tensor([tokens]), **({} if family is ENCODER else {"use_cache": False}))
        output: Logits = (given.last_hidden_state if family is ENCODER else given.logits)[0].numpy()
    return output


def _round_gelu(model: Any) -> None:
    """Have a model compute GELU as llama.cpp does: by the formula with tanh, from float16 to float16."""
    import torch

    for layer in model.encoder.layer if hasattr(model, "encoder") else model.model.layers:
        part, name = getattr(layer, "intermediate", None), "intermediate_act_fn"
        if part is None:
            part, name = layer.mlp, "act_fn"
        gelu = torch.nn.GELU(approximate="tanh")
        gelu.register_forward_pre_hook(lambda _, given: (given[0].half().float(),))
        gelu.register_forward_hook(lambda _, given, result: result.half().float())
        setattr(part, name, gelu)


def shapes_of(family: Family, folder: Path) -> dict[str, tuple[int, ...]]:
    """Have transformers write a model of this family; the shapes of its tensors."""
    import transformers

    config = getattr(transformers, family.config)(**family.all_settings)
    getattr(transformers, family.model)(config).save_pretrained(folder)
    with safetensors.safe_open(folder / "model.safetensors", "numpy") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in sorted(file.keys())}


def text_of(family: Family) -> tuple[list[int], list[int]]:
    """A random text, and the places where its logits are recorded: every seventh and the last ones."""
    bits = np.random.PCG64([SEED, 1]).random_raw(family.length)
    return (bits % np.uint64(VOCABULARY)).tolist(), sorted(
        {*range(3, family.length, 7), *range(family.length - 4, family.length)}
    )


def make(family: Family) -> None:
    """Write one family's folder."""
    import torch
    import transformers

    family.folder.mkdir(exist_ok=True)
    tokens, places = text_of(family)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shapes = shapes_of(family, folder)
        weights = family.weights(shapes)
        safetensors.numpy.save_file(weights, folder / "model.safetensors", {"format": "pt"})
        config = (folder / "config.json").read_text(encoding="utf-8")
        (family.folder / "config.json").write_text(config.rstrip() + "\n", encoding="utf-8", newline="\n")
        logits = logits_of(family, folder, tokens)
        effects = {}
        for feature, change in (family.changes | family.refused).items():
            (folder / "config.json").write_text(json.dumps(json.loads(config) | change), encoding="utf-8")
            effects[feature] = round(error(logits_of(family, folder, tokens)[places], logits[places]), 4)
        arrays = {"tokens": np.array(tokens), "places": np.array(places), "logits": logits[places]}
        if family.has_gelu:
            (folder / "config.json").write_text(config, encoding="utf-8")
            arrays["logits_by_table"] = logits_of(family, folder, tokens, table=True)[places]
    np.savez_compressed(family.folder / "reference.npz", **arrays)
    document = {
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "weights_sha256": digest(weights),
        "effects": effects,
        "tensors": {name: list(shape) for name, shape in shapes.items()},
    }
    (family.folder / "reference.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")
    sys.stdout.write(f"{family.name}: {effects}, logits up to {np.abs(logits).max():.1f}\n")


def main(names: list[str]) -> None:
    """Write the folders of these families, or of all."""
    known = FAMILIES | {ENCODER.name: ENCODER}
    for name in names or known:
        make(known[name])


if __name__ == "__main__":
    main(sys.argv[1:])
