"""The model that tells languages apart: as its package reads it, once, in a thread or not."""

from __future__ import annotations

import sys
import threading
from functools import cache
from pathlib import Path

import pytest

from edgedocs.core.errors import CannotRun
from edgedocs.translation import identifier as module
from edgedocs.translation.identification import likeliest
from edgedocs.translation.identifier import identifier
from tests import requirements

TEXTS = ["Blok má třicet dva vah.", "A block holds weights.", "Блок содержит веса.", "重み", "", "123", "ŠČŘ " * 40]


@pytest.fixture(autouse=True)
def _needed() -> None:
    requirements.require("py3langid")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been read yet."""
    monkeypatch.setattr(module, "_loaded", [])
    monkeypatch.setattr(module, "_threads", [])


@cache
def as_the_package_reads_it() -> module.Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    theirs: module.Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return theirs


def test_it_is_that_of_its_package() -> None:
    theirs = as_the_package_reads_it()
    assert [identifier().rank(text) for text in TEXTS] == [theirs.rank(text) for text in TEXTS]
    assert [identifier().classify(text) for text in TEXTS] == [theirs.classify(text) for text in TEXTS]
    assert list(identifier().nb_classes) == list(theirs.nb_classes)


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize("error", [KeyError, TypeError])
def test_a_model_that_is_kept_otherwise_is_left_to_its_package(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def other(*_: object) -> None:
        raise error("another version")

    monkeypatch.setattr(module, "_unpacked", other)
    assert identifier().classify("A block holds weights.") == as_the_package_reads_it().classify(
        "A block holds weights."
    )


@pytest.mark.usefixtures("anew")
def test_a_thread_reads_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    started, goes_on = threading.Event(), threading.Event()
    real = module._load
    loads: list[str] = []

    def slowly() -> module.Identifier:
        loads.append(threading.current_thread().name)
        started.set()
        assert goes_on.wait(60)
        return real()

    monkeypatch.setattr(module, "_load", slowly)
    module.start()
    module.start()
    assert started.wait(60)
    assert module.is_under_way()
    goes_on.set()
    assert identifier().classify("A block holds weights.")[0] == "en"
    module.finish()
    assert not module.is_under_way()
    module.start()
    assert not module.is_under_way()
    assert loads == ["identifier"]


@pytest.mark.usefixtures("anew")
def test_without_its_package_only_the_question_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    module.start()
    module.finish()
    with pytest.raises(CannotRun, match="py3langid") as caught:
        likeliest("A block holds weights.")
    assert "edgedocs[translate]" in str(caught.value)


def test_its_file_is_there() -> None:
    """What is unpacked here without the package's help."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    assert Path(MODEL_DIR, MODEL_FILE).is_file()
