"""Bars behind the numbers of a table that an example printed."""

import re
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing import bars
from edgedocs.publishing.numbering import numbered_fences
from tests.publishing.site import build, copy_fixture
from tests.publishing.test_numbering import render

HEADED = """\
type   bits  of 16 bits  error
f16   16.00      0.00%  0.0000 (0.0000 to 0.0001)
q8     8.00     50.00%  0.0050 (0.0040 to 0.0060)
q4     4.00     75.00%  0.0200 (0.0180 to 0.0220)
"""
BESIDE = """\
q8_0  2,000,000 bytes  error 0.25
q4_0    500,000 bytes  error 1.00
q2_k    250,000 bytes  refused
"""
_BAR = re.compile(r'<span class="edgedocs-bar" style="--part:([\d.]+%)">([^<]*)</span>')


def drawn(body: str, names: str) -> list[tuple[str, str]]:
    return _BAR.findall(bars.drawn(f"<pre><span></span><code>{body}</code></pre>", body, names))


@pytest.mark.parametrize(
    ("body", "names", "expected"),
    [
        (HEADED, "bits", [("100.0%", "  16.00"), ("50.0%", "   8.00"), ("25.0%", "   4.00")]),
        (HEADED, "of 16 bits", [("0.0%", "     0.00"), ("66.7%", "    50.00"), ("100.0%", "    75.00")]),
        (HEADED, "error", [("0.0%", " 0.0000"), ("25.0%", " 0.0050"), ("100.0%", " 0.0200")]),
        (BESIDE, "bytes", [("100.0%", " 2,000,000"), ("25.0%", "   500,000"), ("12.5%", "   250,000")]),
        (BESIDE, "error", [("25.0%", "0.25"), ("100.0%", "1.00")]),
        ("a  1 ± 9\nb  2 ± 8\n", "a, b", []),
        ("n 2.0, x\nn 1.25, x\nn 4.0, x\n", "n", [("50.0%", "2.0"), ("23.4%", "1.25"), ("100.0%", "4.0")]),
        (
            "a    b\n1.0  4.0\n2.0  8.0\n",
            "a, b",
            [("50.0%", "1.0"), ("50.0%", " 4.0"), ("100.0%", "2.0"), ("100.0%", " 8.0")],
        ),
        (
            "a    b\n1.0  4.0\n2.0  8.0\n",
            "a = b",
            [("12.5%", "1.0"), ("37.5%", " 4.0"), ("25.0%", "2.0"), ("75.0%", " 8.0")],
        ),
        ("    with\na  1.0 ± 0.9\nb  4.0 ± 0.8\n", "with", [("25.0%", " 1.0"), ("100.0%", " 4.0")]),
        ("x 0\ny 0\n z\n", "y", []),
        ("n\n0\n0\n\n7\n", "n", [("0.0%", "0"), ("0.0%", "0")]),
    ],
)
def test_bars_of_a_column(body: str, names: str, expected: list[tuple[str, str]]) -> None:
    if expected:
        bars.require(body, names, "page.md:1")
        assert drawn(body, names) == expected
    else:
        with pytest.raises(BadInput, match=r"page\.md:1: no bars for"):
            bars.require(body, names, "page.md:1")


def test_the_text_stays_as_it_was_printed() -> None:
    body = "n\n1 <&>\n3 \"q\" 'r'\n"
    html = render(f'```text {{{bars.ATTRIBUTE}="n"}}\n{body}```\n', numbered_fences([]))
    assert _BAR.findall(html) == [("33.3%", "1"), ("100.0%", "3")]
    assert bars.ATTRIBUTE not in html
    without = render(f"```text\n{body}```\n", numbered_fences([]))
    assert _BAR.sub(r"\2", html).replace("&quot;", '"') == without.replace("&quot;", '"').replace("&#39;", "'")


@pytest.mark.parametrize(
    ("body", "why"), [("n\n1\n-2\n", "-2 is negative"), ("n\n1\n", "1 numbers"), ("", "0 numbers")]
)
def test_a_column_that_no_bar_can_show_says_where_it_is(body: str, why: str) -> None:
    with pytest.raises(BadInput, match=re.escape(f"docs/a.md:7: no bars for 'n': {why}")):
        bars.require(body, "n", "docs/a.md:7")


def test_a_page_has_its_bars_in_every_language_and_a_wrong_name_fails_the_build(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    page = project / "docs/02-later.md"
    code = '\n```python {#table}\nprint("n  1")\nprint("n  4")\n```\n\n'
    output = '```text {output-of="table" bars="n"}\nn  1\nn  4\n```\n'
    text = page.read_text(encoding="utf-8")
    page.write_text(text + code + output, encoding="utf-8", newline="\n")
    assert build(project).returncode == 0
    built = [path.read_text(encoding="utf-8") for path in (project / "site").rglob("02-later/index.html")]
    assert len(built) > 1
    assert all(_BAR.findall(html) == [("25.0%", " 1"), ("100.0%", " 4")] for html in built)
    page.write_text(text + code + output.replace('bars="n"', 'bars="m"'), encoding="utf-8", newline="\n")
    result = build(project)
    assert result.returncode == 1
    line = text.count("\n") + code.count("\n") + 1
    assert f"docs/02-later.md:{line}: no bars for 'm'" in result.stderr
