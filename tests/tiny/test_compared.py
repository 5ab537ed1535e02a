"""The record behind the handbook's tables of types and importance matrices, measured again in part."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs.tiny import compared, held_out
from tests.requirements import require

SCHEMA = json.loads((Path(__file__).parents[2] / "edgedocs/measurement/schema.json").read_text(encoding="utf-8"))


def test_the_record_has_every_row_and_keeps_the_schema() -> None:
    require("jsonschema")
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator({"$ref": "#/$defs/comparison", "$defs": SCHEMA["$defs"]})
    record = compared.recorded()
    assert {name: [row["type"] for row in one["rows"]] for name, one in record.items()} == compared.TYPES
    for name, one in record.items():
        assert [error.message for error in validator.iter_errors(one)] == []
        assert one["failed"] == []
        assert list(one["texts"]) == list(compared.LANGUAGES)
        datasets = None if one["imatrix"] is None else one["imatrix"]["datasets"]
        assert datasets == (None if name == compared.PLAIN else [name])


def test_texts_are_of_one_length_and_none_is_in_both() -> None:
    lengths = {len(compared.calibration(name)) for name in compared.TYPES if name != compared.PLAIN}
    assert len(lengths) == 1
    for language in compared.LANGUAGES:
        text = held_out(language)
        assert len(text) >= compared.CALIBRATED_ON.stop
        assert compared.calibration(language) not in text[compared.MEASURED_ON]
    assert compared.MEASURED_ON.stop < compared.CALIBRATED_ON.start


@pytest.mark.parametrize(
    ("matrix", "types"), [("none", ["q4_k_m", "q2_k"]), ("all", ["iq3_s"]), ("en", ["iq2_xxs"]), ("cs", ["iq2_xxs"])]
)
def test_what_was_recorded_is_measured_again(matrix: str, types: list[str]) -> None:
    require("llama_cpp")
    found = compared.measured(matrix, types)
    assert [row["type"] for row in found["rows"]] == types
    assert compared.differences(compared.recorded()[matrix], found) == []


def test_what_leaves_the_bounds_is_told() -> None:
    old = compared.recorded()["none"]
    assert compared.differences(old, old) == []

    def changed(change: Any) -> list[str]:
        new = copy.deepcopy(old)
        change(new)
        return compared.differences(old, new)

    row = old["rows"][0]
    english = old["rows"][-1]["languages"]["en"]["kl_divergence"]
    assert changed(lambda new: new["rows"][-1]["languages"]["en"].update(kl_divergence=english * 1.04)) == []
    (told,) = changed(lambda new: new["rows"][-1]["languages"]["en"].update(kl_divergence=english * 1.06))
    assert told.startswith("q2_k, en: kl_divergence")
    assert len(changed(lambda new: new["rows"][0].update(bits_per_weight=row["bits_per_weight"] + 1))) == 1
    assert changed(lambda new: new["rows"][0].update(type="q9")) == ["q9 was not recorded"]
    assert changed(lambda new: new.update(context=128)) == ["context differ"]
