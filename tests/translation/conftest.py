"""A folder for what these tests keep; the table of recall and false alarms, at the end of a run of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgedocs.core import caching

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "recall of the translation checks"
"""The property of a test's report under which the table comes here, also from another process."""


@pytest.fixture(scope="session")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(autouse=True)
def _keeps_apart(_kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caching.VARIABLE, str(_kept))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, table in getattr(report, "user_properties", ()):
                if name == TABLE and report.when == "call":
                    terminalreporter.section(TABLE)
                    terminalreporter.write_line(table)
