"""The figure of block layouts: its data is what ggml does, and Chromium shows it, from a file, by mouse and by keys."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.oracles import ggml
from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

FORMATS = ["Q4_0", "Q5_1", "Q8_0", "Q4_K", "Q6_K", "IQ2_XXS", "TQ1_0", "MXFP4", "NVFP4"]
ASSETS = ROOT / "overrides" / "assets" / "handbook"
DATA = (ROOT / "snippets" / "02-bits" / "blocks.html").read_text(encoding="utf-8")


def figure_data() -> dict[str, dict[str, Any]]:
    match = re.fullmatch(r'<script type="application/json" id="block-data">(.*)</script>\n', DATA)
    assert match is not None
    return {block["name"]: block for block in json.loads(match[1])}


def figure() -> str:
    text = (ROOT / "docs" / "02-bits.md").read_text(encoding="utf-8")
    match = re.search(r'<div class="edgedocs-blocks".*?</div>', text, re.DOTALL)
    assert match is not None
    return match[0]


def weights_in(ranges: str) -> set[int]:
    found: set[int] = set()
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def random_rows(seed: int, rows: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-0.05, 0.05, (rows, 256)).astype(np.float32)


def importance_for(name: str) -> NDArray[np.float32] | None:
    return np.ones(256, np.float32) if name == "IQ2_XXS" else None


def test_all_formats_are_there() -> None:
    assert list(figure_data()) == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_the_block_is_what_ggml_makes_of_the_weights_and_decodes_to(name: str) -> None:
    ggml.require()
    block = figure_data()[name]
    encoded = np.frombuffer(bytes.fromhex(block["hex"]), np.uint8)
    row = ggml.quantize(name, random_rows(2, 128), importance_for(name))[0]
    assert np.array_equal(encoded, row[: len(encoded)])
    decoded = ggml.dequantize(name, encoded[np.newaxis])[0]
    assert len(decoded) == len(block["weights"])
    np.testing.assert_allclose(block["weights"], decoded, rtol=5e-5)


@pytest.mark.parametrize("name", FORMATS)
def test_a_bit_decides_the_weights_that_it_is_said_to(name: str) -> None:
    """Turned over in other blocks than the data was made of, and decoded by ggml."""
    ggml.require()
    block = figure_data()[name]
    size = len(block["hex"]) // 2
    blocks = ggml.quantize(name, random_rows(77, 128), importance_for(name))[:, :size]
    decoded = ggml.dequantize(name, blocks)
    assert len(block["reach"]) == 8 * size
    kinds = [field["name"] for field in block["fields"] for _ in range(field["size"])]
    for byte in range(size):
        told, seen = [weights_in(ranges) for ranges in block["reach"][8 * byte : 8 * byte + 8]], []
        for bit in range(8):
            turned = blocks.copy()
            turned[:, byte] ^= 1 << bit
            seen.append(set(np.flatnonzero((ggml.dequantize(name, turned) != decoded).any(axis=0)).tolist()))
        # What one bit of these does depends on the others of its byte, and so on the blocks; the figure shows the byte.
        if kinds[byte] in ("digits", "points"):
            told, seen = [set.union(*told)], [set.union(*seen)]
        assert told == seen, byte


def test_known_places() -> None:
    """From ggml-quants.c, by hand."""
    data = figure_data()
    for j in range(16):
        reach = data["Q4_0"]["reach"][8 * (2 + j) : 8 * (3 + j)]
        assert reach == [str(j)] * 4 + [str(j + 16)] * 4
    assert data["Q4_K"]["reach"][8 * 6 : 8 * 7] == ["64-95"] * 6 + ["192-223"] * 2
    assert data["NVFP4"]["reach"][7] == ""


@pytest.mark.parametrize("name", FORMATS)
def test_fields_fill_the_block(name: str) -> None:
    block = figure_data()[name]
    end = 0
    for field in block["fields"]:
        assert field["first"] == end
        end += field["size"]
    assert end == len(block["hex"]) // 2
    words = re.findall(r"data-field_(\w+)=", figure())
    assert {field["name"] for field in block["fields"]} <= set(words)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The figure alone, as the page has it, with its script and its style as they are."""
    path = tmp_path / "figure.html"
    head = f'<link rel="stylesheet" href="{(ASSETS / "blocks.css").as_uri()}">'
    script = f'<script src="{(ASSETS / "blocks.js").as_uri()}" defer></script>'
    text = f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}{script}</head>'
    path.write_text(f"{text}<body>{DATA}{figure()}</body></html>", encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, document: Path) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto(document.as_uri())
        yield page
        assert complaints == []


def detail(page: Page) -> str:
    return page.locator(".edgedocs-blocks__detail").inner_text()


def test_keys_move_from_byte_to_byte(page: Page) -> None:
    page.locator(".edgedocs-blocks__grid button").first.focus()
    for key, byte in (("ArrowRight", 1), ("ArrowDown", 17), ("ArrowDown", 17), ("ArrowUp", 1), ("End", 17)):
        page.keyboard.press(key)
        assert detail(page).startswith(f"Byte {byte} of 0–17: "), key
    page.keyboard.press("Home")
    assert detail(page).startswith("Byte 0 of 0–17: ")
    assert page.locator(".edgedocs-blocks__grid button[tabindex='0']").count() == 1
    page.keyboard.press("ArrowLeft")
    assert detail(page).startswith("Byte 0 of 0–17: ")


def test_what_is_shown_of_codes_is_what_they_stand_for(page: Page) -> None:
    data = figure_data()["Q4_0"]
    block = bytes.fromhex(data["hex"])
    scale = float(np.frombuffer(block[:2], "<f2")[0])
    page.locator(".edgedocs-blocks__grid button").nth(0).hover()
    found = re.search(r"stands for ([-\d.]+)\.$", detail(page), re.MULTILINE)
    assert found is not None
    assert float(found[1]) == pytest.approx(scale, rel=1e-4)
    for byte in range(2, 18):
        page.locator(".edgedocs-blocks__grid button").nth(byte).hover()
        parts = re.findall(
            r"Bits [\d–]+ are (\d+)\. They take part in weights (\d+)\.\s+Here: (-?[\d.]+)", detail(page)
        )
        expected = [(block[byte] >> 4, byte - 2 + 16), (block[byte] & 15, byte - 2)]
        assert [(int(code), int(weight)) for code, weight, _ in parts] == expected
        for code, _, value in parts:
            assert float(value) == pytest.approx((int(code) - 8) * scale, rel=1e-4)


@pytest.mark.parametrize("name", FORMATS)
def test_every_byte_of_every_format_has_its_bits_shown_once(page: Page, name: str) -> None:
    page.locator("#block-format").select_option(label=name)
    block = bytes.fromhex(figure_data()[name]["hex"])
    cells = page.locator(".edgedocs-blocks__grid button")
    assert cells.all_inner_texts() == [f"{byte:02x}" for byte in block]
    assert (
        cells.first.get_attribute("aria-label") == f"Byte 0, {figure_data()[name]['fields'][0]['name']}, {block[0]:02x}"
    )
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".edgedocs-blocks__grid button")].map((cell) => {
            cell.focus();
            const codes = document.querySelectorAll(".edgedocs-blocks__bits code");
            return [...codes].map((code) => code.textContent).join("");
        })"""
    )
    assert shown == [f"{byte:08b}" for byte in block]
    assert "undefined" not in page.locator("body").inner_text()
    assert "NaN" not in page.locator("body").inner_text()


def test_words_come_from_the_page(page: Page, document: Path) -> None:
    text = document.read_text(encoding="utf-8").replace('data-format="Format:"', 'data-format="Formát:"')
    text = text.replace('lang="en"', 'lang="cs"').replace("The field stands for", "Pole znamená")
    document.write_text(text, encoding="utf-8")
    page.reload()
    assert page.get_by_label("Formát:").count() == 1
    assert re.search(r"Pole znamená -?\d,\d+", detail(page))


def test_without_script_there_is_a_sentence(browser: Browser, document: Path) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(document.as_uri())
        assert page.locator(".edgedocs-blocks").inner_text().startswith("The figure needs JavaScript.")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_figure_fits_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name in FORMATS:
        page.locator("#block-format").select_option(label=name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
