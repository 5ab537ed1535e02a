"""The published schema: what the commands give keeps it, and what is wrong does not pass."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs.measurement import compare, measure, speed
from edgedocs.measurement.texts import Texts
from edgedocs.tiny import held_out
from tests.requirements import require

SCHEMA = json.loads((Path(__file__).parents[2] / "edgedocs/measurement/schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    require("llama_cpp")
    texts = Texts.of({"en": held_out("en")[:1500], "cs": held_out("cs")[:1500]})
    settings: dict[str, Any] = {"context": 64, "windows": 2}
    work = tmp_path_factory.mktemp("work")
    return {
        "plain": measure("tiny", "Click the button.", command="edgedocs measure tiny", threads=1),
        "beside": measure("tiny", texts, reference="tiny", **settings),
        "speed": speed("tiny", prompt=8, generate=2, repeats=1),
        "compared": compare("tiny", ["q2_k", "iq2_xxs"], texts, work=work, **settings).document,
    }


def errors(document: dict[str, Any]) -> list[str]:
    require("jsonschema")
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(SCHEMA)
    kind = "#/$defs/" + document["measurement"]
    validator = Draft202012Validator({"$ref": kind, "$defs": SCHEMA["$defs"]})
    whole = Draft202012Validator(SCHEMA)
    assert whole.is_valid(document) == validator.is_valid(document)
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("name", ["plain", "beside", "speed", "compared"])
def test_what_is_measured_keeps_the_schema(documents: dict[str, dict[str, Any]], name: str) -> None:
    assert errors(documents[name]) == []


def test_the_grid_has_a_row_and_a_failure(documents: dict[str, dict[str, Any]]) -> None:
    assert (len(documents["compared"]["rows"]), len(documents["compared"]["failed"])) == (1, 1)
    assert list(documents["beside"]["languages"]) == ["en", "cs"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        *[("plain", [key]) for key in ("sha256", "precision", "provenance", "command", "stride", "text_sha256")],
        *[("plain", ["provenance", key]) for key in ("processor", "versions", "date")],
        *[("beside", [key]) for key in ("kl_divergence_low", "reference", "languages")],
        ("beside", ["languages", "en", "perplexity"]),
        *[("speed", [key]) for key in ("cold_start_seconds", "peak_memory_bytes", "precision", "sha256")],
        ("speed", ["cache", "reported_bytes"]),
        *[("compared", ["rows", 0, key]) for key in ("type", "sha256", "kl_divergence", "precision")],
        ("compared", ["failed", 0, "error"]),
    ],
)
def test_nothing_may_be_missing(documents: dict[str, dict[str, Any]], name: str, path: list[Any]) -> None:
    document = copy.deepcopy(documents[name])
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    assert errors(document)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("plain", {"sha256": "abc"}),
        ("plain", {"perplexity": 0.5}),
        ("plain", {"method": "other"}),
        ("beside", {"top1_agreement": 1.5}),
        ("speed", {"sweep": []}),
        ("compared", {"texts": {}}),
    ],
)
def test_nothing_may_be_of_another_kind(
    documents: dict[str, dict[str, Any]], name: str, change: dict[str, Any]
) -> None:
    assert errors(documents[name] | change)
