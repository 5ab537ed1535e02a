"""How many of the forms of this project's terms find the term, and how many find another one."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgedocs.publishing.search.index import Index
from edgedocs.publishing.search.normalization import fold
from edgedocs.publishing.search.sections import Section

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

FORMS = Path(__file__).parents[2] / "translation" / "checks" / "inflections.tsv"
ASK = """(questions) => {
  const index = new edgedocsSearch.Index(edgedocsIndex)
  return questions.map((question) =>
    index.search(question).flat().filter((item) => item.score).map((item) => item.location))
}"""


@pytest.mark.parametrize(("language", "least"), [("cs", 0.92), ("et", 0.97), ("pl", 0.96), ("sl", 0.97)])
@pytest.mark.parametrize("typed", ["as it is", "without diacritics"])
def test_forms_of_terms(context: BrowserContext, address: str, language: str, least: float, typed: str) -> None:
    with FORMS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["language"] == language]
    pairs = [(row["base"].lower(), row["form"].lower()) for row in rows if " " not in row["base"] + row["form"]]
    bases = list(dict.fromkeys(base for base, _ in pairs))
    page = context.new_page()
    page.goto(f"{address}/")
    page.add_script_tag(content=Index(language, [Section(base, "", base, "") for base in bases]).script())
    questions = [fold(form) if typed == "without diacritics" else form for _, form in pairs]
    found = page.evaluate(ASK, questions)
    missed = [pair for pair, places in zip(pairs, found, strict=True) if pair[0] not in places]
    others = [
        (form, place) for (base, form), places in zip(pairs, found, strict=True) for place in places if place != base
    ]
    print(f"{language} {typed}: {len(pairs) - len(missed)} of {len(pairs)}; missed {missed}; others {others}")
    assert len(pairs) - len(missed) >= least * len(pairs), missed
    assert len(others) <= 0.05 * len(pairs), others
