"""``modules.json`` of sentence-transformers: how one vector is made of a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs import converters
from edgedocs.containers.gguf import GGUFFile
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from tests.reference.families import ENCODER, FAMILIES

MODULES: list[dict[str, Any]] = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
MEAN = {"word_embedding_dimension": 256, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}


def write(folder: Path, modules: object, pooling: object, name: str = "bert") -> Path:
    checkpoint = (ENCODER if name == "bert" else FAMILIES[name]).write(folder / "model")
    (checkpoint / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (checkpoint / "1_Pooling").mkdir()
    (checkpoint / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    return checkpoint


@pytest.mark.parametrize(
    ("name", "pooling", "expected"),
    [
        ("bert", MEAN, 1),
        ("bert", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, 2),
        ("bert", {"pooling_mode": "mean"}, 1),
        ("qwen3", {"pooling_mode_lasttoken": True}, 3),
    ],
)
def test_the_way_of_pooling_is_written(tmp_path: Path, name: str, pooling: dict[str, Any], expected: int) -> None:
    checkpoint = write(tmp_path, MODULES, pooling, name)
    artifact = converters.convert(checkpoint, tmp_path / "out.gguf", type="q8_0")
    assert GGUFFile.open(artifact.path).metadata[f"{name}.pooling_type"] == expected
    assert artifact.manifest()["source"]["files"]["modules.json"] == files.sha256(checkpoint / "modules.json")


def test_a_model_of_no_such_kind_has_none(tmp_path: Path) -> None:
    artifact = converters.convert(ENCODER.write(tmp_path / "model"), tmp_path / "out.gguf", type="q8_0")
    assert "bert.pooling_type" not in GGUFFile.open(artifact.path).metadata


@pytest.mark.parametrize(
    ("modules", "pooling", "message"),
    [
        ({}, MEAN, "malformed; expected a list of modules"),
        ([*MODULES, {"type": "sentence_transformers.models.Dense"}], MEAN, "a module 'Dense', which would be left out"),
        ([*MODULES, MODULES[1]], MEAN, "the model pools twice"),
        ([MODULES[1] | {"path": "../other"}], MEAN, r"the folder '\.\./other' is refused"),
        ([MODULES[1] | {"path": ".."}], MEAN, r"the folder '\.\.' is refused"),
        ([MODULES[1] | {"path": 3}], MEAN, "the folder '3' is refused"),
        ([MODULES[1] | {"path": "missing"}], MEAN, "missing"),
        (MODULES, {"pooling_mode_max_tokens": True}, "this way of pooling is not known; expected one of mean, cls"),
        (MODULES, MEAN | {"pooling_mode_cls_token": True}, "this way of pooling is not known"),
        (MODULES, MEAN | {"pooling_mode_max_tokens": True}, "this way of pooling is not known"),
        (MODULES, [], "expected a JSON object"),
    ],
)
def test_what_llama_cpp_does_not_do_is_refused(tmp_path: Path, modules: object, pooling: object, message: str) -> None:
    checkpoint = write(tmp_path, modules, pooling)
    with pytest.raises(BadInput, match=message):
        converters.convert(checkpoint, tmp_path / "out.gguf", type="q8_0")
    assert not (tmp_path / "out.gguf").exists()
