"""Every recipe on several models, tensor by tensor beside ``llama_model_quantize``: which are identical.

Run it with an environment that has llama-cpp-python: ``python benchmarks/recipes.py [--json]``. Each model is quantized
twice, with an importance matrix and without; what llama.cpp refuses must be refused here too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.converters.gguf import quantize
from edgedocs.converters.gguf_plan import Plan
from edgedocs.converters.gguf_source import SourceModel
from edgedocs.core.errors import BadInput
from edgedocs.core.provenance import provenance
from edgedocs.quantizers import recipes
from tests.oracles import llama
from tests.quantizers.models import MODELS, Matrices
from tests.quantizers.whole import bytes_of


def outcome(source: Path, folder: Path, recipe: str, importance: Matrices | None) -> str:
    """``identical``, ``refused`` (by both), or what differs."""
    chosen = recipes.recipe(recipe)
    target = folder / "target.gguf"
    accepted = llama.quantize(source, target, chosen.file_type, importance=importance)
    matrix = None if importance is None else ImportanceMatrix(source, importance)
    try:
        plan = Plan.make(SourceModel.from_gguf(source), chosen, None, matrix)
        ours = {one.tensor.info.name: (one.choice.format, bytes_of(one)) for one in plan.tensors}
    except BadInput:
        return "refused" if not accepted else "only ours refuses"
    if not accepted:
        return "only llama.cpp refuses"
    theirs = llama.read(target).tensors
    wrong = [
        name
        for name, (kind, data) in ours.items()
        if kind != theirs[name].type or not np.array_equal(data, theirs[name].data)
    ]
    return f"{len(wrong)} tensors differ" if wrong else "identical"


def measure() -> dict[str, Any]:
    """The outcomes by model, recipe and importance."""
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        folder = Path(temporary)
        sources: dict[str, tuple[Path, Matrices]] = {}
        for number, (name, model) in enumerate(MODELS.items()):
            path = folder / f"{number}.gguf"
            model.write(path)
            sources[name] = path, model.importance()
        tiny = folder / "tiny.gguf"
        quantize("tiny", tiny, "f32")
        random = np.random.default_rng(3)
        matrices = {
            one.info.name: np.square(random.standard_normal(one.info.shape[-1])).astype(np.float32)
            for one in SourceModel.from_gguf(tiny).tensors
            if len(one.info.shape) > 1
        }
        sources = {"tiny": (tiny, matrices)} | sources
        found = {
            name: {
                recipe: [outcome(path, folder, recipe, given) for given in (None, importance)]
                for recipe in recipes.names()
            }
            for name, (path, importance) in sources.items()
        }
    return {"provenance": provenance("numpy", "llama-cpp-python"), "models": found}


def text(found: dict[str, Any]) -> str:
    """A line for each recipe and a column for each model; two signs, without and with importance."""
    signs = {"identical": "=", "refused": "-"}
    models = found["models"]
    lines = [f"{chr(97 + number)}  {name}" for number, name in enumerate(models)]
    lines += ["", "= identical, - refused by both, ! different; without and with importance", ""]
    lines.append(f"{'recipe':<12}" + "".join(f"{chr(97 + number):<4}" for number in range(len(models))))
    for recipe in recipes.names():
        cells = ["".join(signs.get(one, "!") for one in models[name][recipe]) for name in models]
        lines.append(f"{recipe:<12}" + "".join(f"{cell:<4}" for cell in cells))
    outcomes = [one for model in models.values() for pair in model.values() for one in pair]
    right = sum(one in signs for one in outcomes)
    lines += [
        "",
        f"{right} of {len(outcomes)} as llama_model_quantize: {outcomes.count('identical')} identical tensor by "
        f"tensor, {outcomes.count('refused')} refused by both",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    given = parser.parse_args()
    found = measure()
    print(json.dumps(found, indent=2) if given.json else text(found))
    outcomes = [one for model in found["models"].values() for pair in model.values() for one in pair]
    sys.exit(0 if all(one in ("identical", "refused") for one in outcomes) else 1)


if __name__ == "__main__":
    main()
