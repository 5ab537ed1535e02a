"""Assertions of the contract kits are explained; at the end of a run it is told how much was compared with ggml."""

from __future__ import annotations

import re
from collections import Counter

import pytest

pytest.register_assert_rewrite("tests.contract.quantizers", "tests.contract.scaled_quantizers")

_COMPARED = re.compile(r"test_contract\.py::TestGgmlIdentity::(test_\w+)\[([a-z0-9_]+)(?:-(.*))?\]$")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    formats, counts = set(), Counter()
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call" and (match := _COMPARED.search(report.nodeid)):
            formats.add(match[2])
            counts["with importance" if match[1] == "test_encodes_with_importance_as_ggml" else "plain"] += bool(
                match[3]
            )
    if formats:
        terminalreporter.write_line(
            f"bit-exact with ggml: {len(formats)} formats; {counts['plain']} pairs of format and input, "
            f"{counts['with importance']} of format, input and importance"
        )
