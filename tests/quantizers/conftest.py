"""Assertions of the contract kits are explained; at the end of a run it is told how much was compared with ggml."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

pytest.register_assert_rewrite("tests.contract.quantizers", "tests.contract.scaled_quantizers")

_COMPARED = re.compile(r"test_contract\.py::TestGgmlIdentity::(test_\w+)\[([a-z0-9_]+)-(numpy|numba)(?:-(.*))?\]$")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    formats, counts = defaultdict(set), Counter()
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call" and (match := _COMPARED.search(report.nodeid)):
            test, name, engine, given = match.groups()
            formats[engine].add(name)
            counts[engine, test == "test_encodes_with_importance_as_ggml"] += given is not None
    for engine, names in sorted(formats.items(), reverse=True):
        terminalreporter.write_line(
            f"bit-exact with ggml, {engine}: {len(names)} formats; {counts[engine, False]} pairs of format and input, "
            f"{counts[engine, True]} of format, input and importance"
        )
