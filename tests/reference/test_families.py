"""Every family through our converter and llama.cpp: the logits of transformers, beyond windows and first contexts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.containers.gguf import GGUFFile
from edgedocs.core.errors import BadInput
from tests.reference.families import FAMILIES, Family
from tests.reference.recorded import FLOAT16_CACHE_BOUND, FLOAT32_BOUND, error
from tests.requirements import require

CUT = {"mistral", "qwen2-window", "phi-short"}
"""Families whose window llama.cpp does not know: the context of their files ends where it would begin to matter."""

GELU_TABLE_BOUND = 1e-3
"""Where llama.cpp looks GELU up in a table of float16, and all else is float32."""


@pytest.fixture(autouse=True, scope="module")
def _needs_llama_cpp() -> None:
    require("llama_cpp")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every family as GGUF."""
    folder = tmp_path_factory.mktemp("families")
    return {name: convert(family, folder / name) for name, family in FAMILIES.items()}


def convert(family: Family, folder: Path, change: dict[str, object] | None = None) -> Path:
    checkpoint = family.write(folder, change)
    return converters.convert(checkpoint, folder.with_suffix(".gguf"), type="f32").path


def error_of(path: Path, family: Family, kv_cache: str = "f32", *, table: bool = False) -> float:
    """The largest error at the recorded places that the file's context holds."""
    tokens, places, wanted = family.recorded(table=table)
    with runners.load(path, kv_cache=kv_cache, threads=1) as runner:
        length = min(len(tokens), runner.context_length)
        found = runner.logits(tokens[:length])
    held = places < length
    assert held.all() or family.name in CUT
    return error(found[places[held]], wanted[held])


@pytest.mark.parametrize(("kv_cache", "bound"), [("f32", FLOAT32_BOUND), ("f16", FLOAT16_CACHE_BOUND)])
@pytest.mark.parametrize("name", FAMILIES)
def test_llama_cpp_computes_what_transformers_does(
    files: dict[str, Path], name: str, kv_cache: str, bound: float
) -> None:
    family = FAMILIES[name]
    assert error_of(files[name], family, kv_cache, table=family.has_gelu) <= bound


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.has_gelu])
def test_a_gelu_of_float16_is_all_that_llama_cpp_does_otherwise(files: dict[str, Path], name: str) -> None:
    """So the bound of float32 holds against the same model with such a GELU (above), and this one for the model."""
    assert FLOAT32_BOUND < error_of(files[name], FAMILIES[name]) <= GELU_TABLE_BOUND


@pytest.mark.parametrize(
    ("name", "feature"),
    [(name, feature) for name, family in FAMILIES.items() if name not in CUT for feature in family.changes],
)
def test_an_ignored_feature_would_show(tmp_path: Path, name: str, feature: str) -> None:
    family = FAMILIES[name]
    path = convert(family, tmp_path / "changed", family.changes[feature])
    assert error_of(path, family) > 5 * FLOAT16_CACHE_BOUND
    assert family.record["effects"][feature] > 5 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize(
    ("name", "feature"), [(name, feature) for name, family in FAMILIES.items() for feature in family.refused]
)
def test_what_llama_cpp_would_ignore_is_refused_and_matters(tmp_path: Path, name: str, feature: str) -> None:
    family = FAMILIES[name]
    with pytest.raises(BadInput, match=r"llama\.cpp"):
        convert(family, tmp_path / "changed", family.refused[feature])
    assert family.record["effects"][feature] > 5 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize("name", sorted(CUT))
def test_the_context_ends_where_a_window_that_llama_cpp_does_not_know_begins(files: dict[str, Path], name: str) -> None:
    family = FAMILIES[name]
    window = family.settings["sliding_window"]
    metadata = GGUFFile.open(files[name]).metadata
    assert metadata[f"{metadata['general.architecture']}.context_length"] == window < family.length
    assert family.record["effects"]["window"] > 5 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize("name", FAMILIES)
def test_the_recorded_logits_are_worth_comparing(name: str) -> None:
    tokens, places, wanted = FAMILIES[name].recorded()
    assert len(set(tokens)) > 90
    assert wanted.shape == (len(places), 384)
    assert wanted.std(axis=-1).min() > 0.5
    assert np.unique(wanted.argmax(axis=-1)).size > 10
    assert FAMILIES[name].record["effects"].keys() == (FAMILIES[name].changes | FAMILIES[name].refused).keys()


@pytest.mark.parametrize("backend", [None, "llama_cpp"])
def test_a_checkpoint_of_any_family_runs_as_it_is(tmp_path: Path, backend: str | None) -> None:
    family = FAMILIES["qwen3"]
    tokens, places, wanted = family.recorded()
    options = {} if backend is None else {"kv_cache": "f32"}
    with runners.load(family.write(tmp_path / "model"), backend=backend, threads=1, **options) as runner:
        assert runner.name == (backend or "onnxruntime")
        assert error(runner.logits(tokens)[places], wanted) <= FLOAT32_BOUND
