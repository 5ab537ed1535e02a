"""An attribute that is computed when it is first asked for, and once."""

from edgedocs.core.lazy import lazy


class _Counted:
    def __init__(self) -> None:
        self.times = 0

    @lazy
    def value(self) -> int:
        """What it is."""
        self.times += 1
        return 7


def test_it_is_computed_once_and_for_each_instance() -> None:
    first, second = _Counted(), _Counted()
    assert first.times == 0
    assert (first.value, first.value, first.times) == (7, 7, 1)
    assert (second.value, second.times) == (7, 1)


def test_the_class_has_it_with_its_documentation() -> None:
    assert isinstance(_Counted.value, lazy)
    assert _Counted.value.__doc__ == "What it is."
