"""The registry of formats and the checks of bits and savings."""

import pytest

from edgedocs import precision, quantizers
from edgedocs.core.errors import BadInput


def test_names() -> None:
    names = quantizers.names()
    assert names == sorted(names)
    assert {"bf16", "f16", "f32", "iq4_xs", "mxfp4", "q4_0", "q4_k", "q6_k", "q8_0", "tq2_0"} <= set(names)


def test_case_does_not_matter() -> None:
    assert quantizers.get("Q6_K") is quantizers.get("q6_k") is quantizers.get("q6_K")
    assert "Q6_K" in quantizers.registry


def test_unknown_format_lists_those_there_are() -> None:
    with pytest.raises(
        BadInput, match=r"unknown quantizer 'q4_9'; expected one of bf16, .*q8_0, .*\nremedy: did you mean"
    ):
        quantizers.get("Q4_9")
    for name in ("base", "recipes", "rounding", "", "__init__"):
        with pytest.raises(BadInput, match="unknown quantizer"):
            quantizers.get(name)


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("f32", 32),
        ("f16", 16),
        ("bf16", 16),
        ("q8_0", 8.5),
        ("q6_k", 6.5625),
        ("q4_0", 4.5),
        ("q2_k", 2.625),
        ("tq1_0", 1.6875),
    ],
)
def test_bits_per_weight(name: str, bits: float) -> None:
    assert quantizers.get(name).bits_per_weight == bits


@pytest.mark.parametrize(
    ("bits", "name"),
    [
        (1, "ultra-low"),
        (1.75, "ultra-low"),
        (2.625, "ultra-low"),
        (3.4375, "low"),
        (4.5, "low"),
        (5.5, "medium"),
        (6.5625, "medium"),
        (8.5, "medium"),
        (16, "half"),
        (32, "full"),
    ],
)
def test_precision_classes(bits: float, name: str) -> None:
    assert precision.precision_class(bits).name == name


@pytest.mark.parametrize("bits", [0, 0.5, -4, 9, 12, 64])
def test_no_precision_class(bits: float) -> None:
    with pytest.raises(BadInput, match="no precision class"):
        precision.precision_class(bits)


def test_bits_and_saving() -> None:
    assert precision.bits_per_weight(210, 256) == 6.5625
    assert precision.saving(4.5, 16) == 0.71875
    assert precision.saving(32, 16) == -1
    for nbytes, weights in ((1, 0), (1, -1), (-1, 1)):
        with pytest.raises(BadInput, match="weights"):
            precision.bits_per_weight(nbytes, weights)
    with pytest.raises(BadInput, match="baseline"):
        precision.saving(1, 0)
