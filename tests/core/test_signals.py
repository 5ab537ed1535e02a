import signal
import threading

import pytest

from edgedocs.core.signals import NAMES, deferred


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(signal, name)])
def test_a_signal_waits_until_the_block_ends(name: str) -> None:
    number = signal.Signals[name]
    seen: list[str] = []
    before = signal.signal(number, lambda *_: seen.append("signal"))
    try:
        with deferred():
            signal.raise_signal(number)
            seen.append("block")
        assert seen == ["block", "signal"]
    finally:
        signal.signal(number, before)


def test_other_threads_go_on() -> None:
    seen: list[int] = []

    def work() -> None:
        with deferred():
            seen.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1]
