import ml_dtypes
import numpy as np
import pytest

from edgedocs import quantizers
from edgedocs.converters import recoding
from edgedocs.converters.recoding import recoded
from edgedocs.core.errors import BadInput
from tests.oracles import ggml

ALL = np.arange(1 << 16, dtype=np.uint16)


def whole(*arguments: object, **options: object) -> np.ndarray:
    return np.concatenate([piece.reshape(-1) for piece in recoded(*arguments, where="x", **options)])


def set_at_a_time(monkeypatch: pytest.MonkeyPatch, target: str, weights: int) -> None:
    monkeypatch.setattr(type(quantizers.get(target)), "chunk_weights", weights)
    monkeypatch.setattr(recoding, "CHUNKS_AT_A_TIME", 1)


@pytest.mark.parametrize("target", ["F16", "BF16"])
@pytest.mark.parametrize("source", [np.float16, ml_dtypes.bfloat16])
def test_every_16_bit_float_becomes_what_ggml_makes_of_it(source: type, target: str) -> None:
    ggml.require()
    values = ALL.view(source)
    with np.errstate(all="ignore"):
        stored = np.isfinite(values.astype(ml_dtypes.bfloat16 if target == "BF16" else np.float16).astype(np.float32))
    finite = values[stored].reshape(1, -1)
    expected = ggml.quantize(target, finite.astype(np.float32))
    np.testing.assert_array_equal(whole(finite, target), expected.reshape(-1))
    assert finite.size > 60_000 or (source, target) == (ml_dtypes.bfloat16, "F16")


@pytest.mark.parametrize("target", ["F16", "BF16", "Q8_0", "F32"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
def test_pieces_are_the_whole(dtype: type, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(0).standard_normal((3, 37, 64), np.float32).astype(dtype)
    expected = quantizers.get(target).quantize(weights)
    for at_a_time in (1, 64, 200, 64 * 37, 10**6):
        set_at_a_time(monkeypatch, target, at_a_time)
        monkeypatch.setattr(recoding, "_CODES_AT_A_TIME", max(at_a_time // 3, 1))
        np.testing.assert_array_equal(whole(weights, target), expected.reshape(-1))


def test_each_matrix_of_a_stack_has_its_own_importance(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((2, 5, 64), np.float32)
    importance = generator.random((2, 64), np.float32)
    quantizer = quantizers.get("Q4_0")
    expected = [quantizer.quantize(weights[number], importance[number]).reshape(-1) for number in range(2)]
    set_at_a_time(monkeypatch, "Q4_0", 128)
    np.testing.assert_array_equal(whole(weights, "Q4_0", importance), np.concatenate(expected))
    assert not np.array_equal(whole(weights, "Q4_0", importance[:1]), np.concatenate(expected))


@pytest.mark.parametrize(("dtype", "target"), [(np.float32, "F16"), (ml_dtypes.bfloat16, "F16"), (np.float16, "F16")])
def test_an_error_counts_rows_from_the_first_of_the_tensor(
    dtype: type, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_at_a_time(monkeypatch, target, 64)
    weights = np.zeros((9, 32), dtype)
    weights[7, 3] = np.inf
    with pytest.raises(BadInput, match=r"x: row 7, "):
        whole(weights, target)


@pytest.mark.parametrize(("target", "value"), [("Q4_K", np.nan), ("IQ3_S", 1e30), ("Q8_0", 1e9)])
def test_so_do_errors_of_the_search_and_of_what_was_written(
    target: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_at_a_time(monkeypatch, target, 512)
    weights = np.ones((9, 256), np.float32)
    weights[7, 3] = value
    with pytest.raises(BadInput, match=r"x: row 7, "):
        whole(weights, target)


@pytest.mark.parametrize(("target", "columns", "size"), [("F16", 2, 2.0), ("Q8_0", 64, 34 / 32)])
def test_little_is_held_at_a_time(target: str, columns: int, size: float) -> None:
    most = recoding.CHUNKS_AT_A_TIME * quantizers.get(target).chunk_weights
    assert most <= 2**21
    weights = np.zeros((3, most // columns, columns), np.float32)
    sizes = [piece.nbytes for piece in recoded(weights, target, where="x")]
    assert sizes == [most * size] * 3
