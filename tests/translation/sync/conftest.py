import os

import pytest

pytest.register_assert_rewrite("tests.contract.translators")


@pytest.fixture(autouse=True)
def without_flushing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of flushes to disk take minutes on a busy machine, and nothing here is about a loss of power."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
