"""The interactive figure of chapter 01, in Chromium, from a file and without network: its numbers are the library's."""

from __future__ import annotations

import json
import runpy
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgedocs import Checkpoint
from edgedocs.quantizers.affine import AffineQuantizer
from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

BITS = [2, 3, 4, 5, 6, 8]
GROUPS = [16, 32, 64, 128, 256]
RANGES = ["symmetric", "affine"]
SNIPPETS = ROOT / "snippets" / "01-numbers"
SET = """([bits, group, range]) => {
    const set = (id, place) => {
        const slider = document.getElementById(id);
        slider.value = place;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    };
    set("rounding-bits", bits);
    set("rounding-group", group);
    document.querySelector(`.rounding input[value="${range}"]`).click();
    const value = (name) => Number(document.querySelector(`.rounding-${name}`).dataset.value);
    const shown = (id) => Number(document.querySelector(`output[for="${id}"]`).textContent);
    return [value("error"), value("cost"), shown("rounding-bits"), shown("rounding-group")];
}"""


@pytest.fixture
def open_page(browser: Browser, handbook: Path) -> Iterator[Callable[..., Page]]:
    """Opens the chapter as a file, without network, and waits for the figure unless scripts are off."""
    contexts = []

    def open_it(language: str = "", **options: Any) -> Page:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto((handbook / language / "01-numbers" / "index.html").as_uri())
        if options.get("java_script_enabled", True):
            page.locator(".rounding svg").wait_for()
        return page

    yield open_it
    for context in contexts:
        context.close()


def shown_weights() -> NDArray[np.float32]:
    matrix = Checkpoint.open("tiny").tensors["model.layers.0.mlp.gate_proj.weight"].float32()
    return np.asarray(matrix.reshape(-1)[:4096])


def restored(weights: NDArray[np.float32], bits: int, group: int, symmetric: bool) -> NDArray[np.float32]:
    """By the library where it has such codes, otherwise by the NumPy that the chapter shows."""
    if bits in (8, 4, 2):
        quantizer = AffineQuantizer(bits, symmetric=symmetric, granularity="group", group_size=group)
        return quantizer.dequantize(quantizer.quantize(weights.reshape(-1, group))).reshape(-1)
    quantize = runpy.run_path(str(SNIPPETS / "rounding.py"))["quantize"]
    pieces = []
    for one in weights.reshape(-1, group):
        codes, scale, zero_point = quantize(one, bits, symmetric)
        pieces.append(((codes - zero_point) * scale).astype(np.float32))
    return np.concatenate(pieces)


def relative_error(weights: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    exact = weights.astype(np.float64)
    return float(np.sqrt(np.sum((others - exact) ** 2) / np.sum(exact**2)))


def test_error_is_that_of_the_library_for_all_settings(open_page: Callable[..., Page]) -> None:
    page = open_page()
    weights = shown_weights()
    compared = 0
    for (at, bits), (place, group), kind in product(enumerate(BITS), enumerate(GROUPS), RANGES):
        error, cost, shown_bits, shown_group = page.evaluate(SET, [at, place, kind])
        symmetric = kind == "symmetric"
        assert (shown_bits, shown_group) == (bits, group)
        expected = relative_error(weights, restored(weights, bits, group, symmetric))
        assert error == pytest.approx(expected, rel=1e-12), (bits, group, kind)
        assert cost == bits + (32 if symmetric else 32 + bits) / group
        compared += 1
    assert compared == len(BITS) * len(GROUPS) * len(RANGES) == 60


def test_sliders_offer_exactly_the_settings_that_are_compared(open_page: Callable[..., Page]) -> None:
    page = open_page()
    for name, values in (("bits", BITS), ("group", GROUPS)):
        slider = page.locator(f"#rounding-{name}")
        assert [slider.get_attribute(key) for key in ("min", "max", "step")] == ["0", str(len(values) - 1), "1"]
    kinds = page.locator(".rounding input[type=radio]").evaluate_all("inputs => inputs.map(input => input.value)")
    assert kinds == RANGES


def test_it_begins_with_what_the_picture_shows(open_page: Callable[..., Page]) -> None:
    facts = json.loads((SNIPPETS / "figure.facts.json").read_text(encoding="utf-8"))
    begun = float(open_page().locator(".rounding-error").get_attribute("data-value") or "nan")
    assert begun == pytest.approx(facts["error"]["value"], rel=1e-5)


def test_keyboard_alone_reaches_and_changes_everything(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.locator("#rounding-bits").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#rounding-bits").get_attribute("aria-valuetext") == "5"
    five = page.locator(".rounding-error").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.locator("output[for=rounding-group]").inner_text() == "16"
    smaller = page.locator(".rounding-error").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator(".rounding input[value=affine]").is_checked()
    assert len({five, smaller, page.locator(".rounding-error").inner_text()}) == 3


def test_picture_shows_without_scripts_and_goes_with_them(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator("img.rounding-picture").is_visible()
    assert not page.locator("div.rounding").is_visible()
    page = open_page()
    assert not page.locator("img.rounding-picture").is_visible()
    assert page.locator("div.rounding").is_visible()


def test_labels_and_numbers_are_those_of_the_language(open_page: Callable[..., Page]) -> None:
    text = open_page("cs").locator("div.rounding").inner_text()
    assert "Počet bitů kódu" in text
    assert "9,50\N{NO-BREAK SPACE}%" in text
    assert "symmetric" not in text
    assert "9.50%" in open_page().locator("div.rounding").inner_text()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_its_bars_stand_out(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box, holder = (page.locator(place).bounding_box() for place in (".rounding svg", ".md-content"))
    assert box is not None
    assert holder is not None
    assert 200 < box["width"] <= holder["width"]
    colours = page.evaluate("""() => {
        const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
        return [of(".rounding-restored-bars", "fill"), of("div.rounding", "backgroundColor")];
    }""")
    assert contrast(*colours) >= 3


def contrast(first: str, second: str) -> float:
    """The ratio of luminances of two colours ``rgb(r, g, b)``, as WCAG 2.1 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)
