"""Where a model comes from, as GGUF metadata; the package gguf, which llama.cpp's converter uses, is the oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gguf.metadata import Metadata
from hypothesis import given
from hypothesis import strategies as st

from edgedocs import converters
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters import sampling
from edgedocs.converters.model_card import ModelCard, license_of
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from tests.reference_folder import change_json, copy_of_reference

CARD = """---
license: other
license_name: llama3.2
license_link: https://example.org/LICENSE
language:
- en
- no
tags:
- facebook
- llama-3
pipeline_tag: text-generation
base_model: meta-llama/Llama-3.2-1B
datasets:
- HuggingFaceTB/smoltalk
- https://example.org/data
model_creator: Somebody
---

# A model
"""
WEIGHTS = 1_235_814_400


def fields_of(folder: Path, config: dict[str, Any] | None = None, weights: int = WEIGHTS) -> dict[str, Any]:
    return {key: field.value for key, field in ModelCard.open(folder, config or {}).fields(weights).items()}


def test_a_card_gives_what_llama_cpp_takes_from_it(tmp_path: Path) -> None:
    folder = tmp_path / "Llama-3.2-1B-Instruct"
    folder.mkdir()
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    expected = Metadata.load(model_path=folder, total_params=WEIGHTS)
    found = fields_of(folder)
    assert found == {
        "general.author": expected.author,
        "general.basename": expected.basename,
        "general.finetune": expected.finetune,
        "general.size_label": expected.size_label,
        "general.license": expected.license,
        "general.license.name": expected.license_name,
        "general.license.link": expected.license_link,
        "general.tags": expected.tags,
        "general.languages": expected.languages,
        "general.base_model.count": 1,
        **{f"general.base_model.0.{part}": value for part, value in (expected.base_models or [])[0].items()},
        "general.dataset.count": 2,
        **{
            f"general.dataset.{number}.{part}": value
            for number, dataset in enumerate(expected.datasets or [])
            for part, value in dataset.items()
        },
    }
    assert (found["general.basename"], found["general.size_label"]) == ("Llama-3.2", "1B")
    assert found["general.languages"] == ["en", "no"]
    assert found["general.base_model.0.organization"] == "Meta Llama"
    assert found["general.base_model.0.repo_url"] == "https://huggingface.co/meta-llama/Llama-3.2-1B"


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (
            "mistralai/Mistral-7B-v0.1",
            {"organization": "Mistralai", "basename": "Mistral", "version": "v0.1", "size_label": "7B"},
        ),
        ("Qwen2.5-0.5B-Instruct", {"basename": "Qwen2.5", "finetune": "0.5b-Instruct"}),
        ("/home/me/Llama-3-8B", {}),
        ("./Llama-3-8B", {}),
        ("a/b/c", {}),
        (7, {}),
    ],
)
def test_the_name_is_taken_apart_unless_it_is_a_path_and_a_size_must_be_near_that_of_the_weights(
    tmp_path: Path, identity: Any, expected: dict[str, str]
) -> None:
    (tmp_path / "model").mkdir()
    found = fields_of(tmp_path / "model", {"_name_or_path": identity}, weights=7_000_000_000)
    assert found == {f"general.{key}": value for key, value in expected.items()}


@given(st.text(st.sampled_from("aZ1.-_ /kMBbvxA\\~é"), max_size=20))
def test_any_name_is_taken_apart(identity: str) -> None:
    found = ModelCard({"base_model": identity} if identity else {}, None, None, identity).fields(WEIGHTS)
    assert all(isinstance(field.value, str | list | int) for field in found.values())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Path("LICENSE").read_text(encoding="utf-8"), "mit"),
        (
            "                                 Apache License\n                           Version 2.0, January 2004",
            "apache-2.0",
        ),
        ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nLlama 3.2 Version Release Date: September 25, 2024", "llama3.2"),
        ("Mozilla Public License Version 2.0\n====", "mpl-2.0"),
        ("All rights reserved", None),
    ],
)
def test_a_licence_is_known_by_its_text(content: str, expected: str | None) -> None:
    assert license_of(content) == expected


def test_the_licence_file_stands_in_for_the_card(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Do what you like", encoding="utf-8")
    found = fields_of(tmp_path)
    assert (found["general.license"], found["general.license.link"]) == ("other", "LICENSE")
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    assert fields_of(tmp_path)["general.license"] == "mit"
    assert "general.license.link" not in fields_of(tmp_path)


def test_settings_of_sampling_are_those_of_the_generation_config(tmp_path: Path) -> None:
    generation = {
        "do_sample": True,
        "temperature": 0.6,
        "top_k": 20,
        "top_p": 0.95,
        "min_p": None,
        "repetition_penalty": 1.05,
    }
    (tmp_path / "generation_config.json").write_text(json.dumps(generation), encoding="utf-8")
    expected = Metadata.load(model_path=tmp_path)
    found = {key: field.value for key, field in sampling.fields(generation, tmp_path).items()}
    assert found == {
        "general.sampling.temp": expected.sampling_temp,
        "general.sampling.top_k": expected.sampling_top_k,
        "general.sampling.top_p": expected.sampling_top_p,
        "general.sampling.penalty_repeat": 1.05,  # gguf 0.19 does not know transformers' name for it yet
    }
    assert sampling.fields(generation | {"do_sample": False}, tmp_path) == {}


@pytest.mark.parametrize(
    "change", [{"temperature": "hot"}, {"top_p": True}, {"top_k": 1.5}, {"top_k": 1e12}, {"min_p": float("nan")}]
)
def test_settings_of_sampling_that_are_no_numbers_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"generation_config\.json: .* is .*; expected a"):
        sampling.fields(change, Path("generation_config.json"))


def test_a_converted_file_says_it_all_and_twice_the_same(tmp_path: Path) -> None:
    folder = copy_of_reference(tmp_path)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    change_json(folder / "generation_config.json", lambda config: config.update(do_sample=True, temperature=0.5))
    first, second = (converters.convert(folder, tmp_path / name, type="f16") for name in ("a.gguf", "b.gguf"))
    metadata = GGUFFile.open(tmp_path / "a.gguf").metadata
    assert metadata["general.license.name"] == "llama3.2"
    assert metadata["general.base_model.0.name"] == "Llama 3.2 1B"
    assert metadata["general.sampling.temp"] == 0.5
    assert metadata["general.quantization_version"] == 2
    assert metadata["general.file_type"] == 1
    assert first.sha256 == second.sha256 == files.sha256(tmp_path / "a.gguf")
    assert not any("date" in key for key in metadata)


def test_tiny_says_its_languages() -> None:
    checkpoint = Checkpoint.open("tiny")
    assert fields_of(checkpoint.path, checkpoint.config)["general.languages"] == ["en", "cs", "sl", "et", "pl"]
