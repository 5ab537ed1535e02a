"""What a reader fetches and what the browser lays out stays within a budget; a picture of each page is kept."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

PAGES = {
    "index": "",
    "numbers": "01-numbers/",
    "bits": "02-bits/",
    "containers": "03-containers/",
    "importance-cs": "cs/05-importance/",
    "lab": "lab/",
    "lab-pl": "pl/lab/",
    "index-et": "et/",
    "numbers-pl": "pl/01-numbers/",
    "engine-sl": "sl/project/engine/",
    "commands": "reference/commands/",
    "glossary-cs": "cs/glossary/",
    "not-found": "404.html",
}
LOOKS = {"wide-light": (1440, "light"), "narrow-dark": (390, "dark")}
SCREENSHOTS = Path(os.environ.get("EDGEDOCS_SCREENSHOTS") or ROOT / "build" / "screenshots")

MOST_BYTES = 300_000
"""Of a page with all that it fetches before somebody searches, compressed as servers do."""
MOST_DOCUMENT_BYTES = 60_000
MOST_REQUESTS = 24
MOST_ELEMENTS = 6_000
MOST_SHIFT = 0.01
"""Cumulative layout shift; a tenth is what browsers' makers call good."""

SHIFT = """
globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def read_to_the_end(page: Page, address: str) -> list[Response]:
    """Open a page and scroll through it, so that it fetches what it does only when it is seen; what it fetched."""
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    page.add_init_script(SHIFT)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    for _ in range(0, page.evaluate("document.documentElement.scrollHeight"), 700):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")
    return fetched


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_its_budget(browser: Browser, handbook_address: str, name: str, look: str) -> None:
    width, scheme = LOOKS[look]
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        fetched = read_to_the_end(page, f"{handbook_address}/{PAGES[name]}")
        weights: Counter[str] = Counter()
        for response in fetched:
            weights[response.request.resource_type] += len(gzip.compress(response.body()))
        elements, shift = page.evaluate("[document.querySelectorAll('*').length, shift]")
        broad = page.evaluate("document.documentElement.scrollWidth")
        page.evaluate("scrollTo(0, 0)")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}-{look}.png", full_page=True)
    assert broad <= width
    assert weights.total() <= MOST_BYTES, weights
    assert 0 < weights["document"] <= MOST_DOCUMENT_BYTES
    assert weights["stylesheet"] > 0
    assert weights["script"] > 0
    assert len(fetched) <= MOST_REQUESTS, [response.url for response in fetched]
    assert elements <= MOST_ELEMENTS
    assert shift <= MOST_SHIFT
