"""Every family through our ONNX converter, in ONNX Runtime and in onnxruntime-genai: the logits of transformers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs import converters, runners
from edgedocs.converters.ort_genai import ANY_DECODER
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.tiny import held_out
from tests.reference import minilm
from tests.reference.families import ENCODER, FAMILIES, Family
from tests.reference.recorded import FLOAT16_CACHE_BOUND, FLOAT32_BOUND, error
from tests.requirements import require

WINDOWED = {"mistral", "qwen2-window", "phi-short", "gemma2", "gemma3", "gemma3-images"}
LONG_ROPE = {"phi-long": 256, "phi-short": 256}
"""Families whose rotary frequencies change where a text grows longer than this."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every family as a folder for onnxruntime-genai, which ONNX Runtime runs too."""
    root = tmp_path_factory.mktemp("families")
    return {name: convert(family, root / name) for name, family in FAMILIES.items()}


def convert(family: Family, folder: Path, change: dict[str, object] | None = None) -> Path:
    checkpoint = family.write(folder, change)
    return converters.convert(checkpoint, folder.with_suffix(".onnx"), to="ort-genai", type="f32").path


class Session:
    """A model in ONNX Runtime, its cache kept from call to call."""

    def __init__(self, folder: Path, rows: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, ["CPUExecutionProvider"])
        past = [one for one in self.session.get_inputs() if one.name.startswith("past")]
        self.cache = {one.name: np.zeros((rows, one.shape[1], 0, one.shape[3]), np.float32) for one in past}
        self.mask = np.zeros((rows, 0), np.int64)

    def __call__(self, tokens: np.ndarray, mask: np.ndarray, positions: np.ndarray) -> np.ndarray:
        self.mask = np.concatenate([self.mask, mask], axis=1)
        fed = {"input_ids": tokens, "attention_mask": self.mask, "position_ids": positions, **self.cache}
        logits, *present = self.session.run(None, fed)
        self.cache = dict(zip(self.cache, present, strict=True))
        return np.asarray(logits)

    def append(self, tokens: list[int]) -> np.ndarray:
        start = self.mask.shape[1]
        given = np.array([tokens])
        return self(given, np.ones_like(given), np.arange(start, start + len(tokens))[None])[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_onnx_runtime_computes_what_transformers_does(folders: dict[str, Path], name: str) -> None:
    tokens, places, wanted = FAMILIES[name].recorded()
    with runners.load(folders[name], backend="onnxruntime", threads=1) as runner:
        assert error(runner.logits(tokens)[places], wanted) <= FLOAT32_BOUND


@pytest.mark.parametrize("name", FAMILIES)
def test_the_cache_gives_what_the_whole_text_gives(folders: dict[str, Path], name: str) -> None:
    tokens, places, wanted = FAMILIES[name].recorded()
    session, first = Session(folders[name]), 280 if name == "phi-long" else 7
    pieces = [tokens[:first], tokens[first : first + 20], *([token] for token in tokens[first + 20 :])]
    found = np.concatenate([session.append(piece) for piece in pieces if piece])
    assert len(found) == len(tokens)
    assert error(found[places], wanted) <= FLOAT32_BOUND


@pytest.mark.parametrize("name", ["gemma3", "phi-short", "qwen3moe"])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_however_a_text_is_cut_its_logits_are_the_same(folders: dict[str, Path], name: str, cuts: list[int]) -> None:
    tokens, places, wanted = FAMILIES[name].recorded()
    session, ends = Session(folders[name]), np.cumsum([0, *cuts])
    pieces = [tokens[start:end] for start, end in itertools.pairwise([*ends, len(tokens)])]
    found = np.concatenate([session.append(piece) for piece in pieces if piece])
    assert error(found[places], wanted) <= FLOAT32_BOUND


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", FAMILIES)
def test_texts_of_a_batch_do_not_touch_each_other(folders: dict[str, Path], name: str, side: str) -> None:
    """Two texts, one of them padded, then one more token each from the cache."""
    tokens, places, wanted = FAMILIES[name].recorded()
    length, shorter = len(tokens), 60
    spans = [slice(0, length), slice(length - shorter, length) if side == "left" else slice(0, shorter)]
    if name == "phi-long":  # a text is long if the batch is, so both begin where both are
        spans[1] = slice(10, length) if side == "left" else slice(0, length - 10)
    batch, mask, positions = (np.zeros((2, length), np.int64) for _ in range(3))
    for row, span in enumerate(spans):
        size = span.stop - span.start
        batch[row, span], mask[row, span], positions[row, span] = tokens[:size], 1, np.arange(size)
    session = Session(folders[name], rows=2)
    before = session(batch[:, :-1], mask[:, :-1], positions[:, :-1])
    logits = np.concatenate([before, session(batch[:, -1:], mask[:, -1:], positions[:, -1:])], axis=1)
    for row, span in enumerate(spans):
        held = places < span.stop - span.start
        assert held.sum() > 5
        assert error(logits[row, span][places[held]], wanted[held]) <= FLOAT32_BOUND


@pytest.mark.parametrize(
    ("name", "feature"), [(name, feature) for name, family in FAMILIES.items() for feature in family.changes]
)
def test_an_ignored_feature_would_show(tmp_path: Path, name: str, feature: str) -> None:
    family = FAMILIES[name]
    tokens, places, wanted = family.recorded()
    folder = convert(family, tmp_path / "changed", family.changes[feature])
    with runners.load(folder, backend="onnxruntime", threads=1) as runner:
        assert error(runner.logits(tokens)[places], wanted) > 5 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize("name", sorted(WINDOWED))
def test_a_text_that_is_continued_beyond_the_window(folders: dict[str, Path], name: str) -> None:
    """Each token that is the likeliest one by the cache is the likeliest one by the whole text."""
    family = FAMILIES[name]
    window = family.all_settings.get("text_config", family.all_settings)["sliding_window"]
    session = Session(folders[name])
    text = family.recorded()[0][: window - 10]
    row, start = session.append(text)[-1], len(text)
    for _ in range(25):
        text.append(int(row.argmax()))
        row = session.append(text[-1:])[-1]
    assert len(text) > window + 10
    whole = Session(folders[name]).append(text)
    assert whole[start - 1 : -1].argmax(axis=-1).tolist() == text[start:]


def test_a_text_that_grows_beyond_the_border_of_longrope(folders: dict[str, Path]) -> None:
    tokens, places, wanted = FAMILIES["phi-long"].recorded()
    with runners.load(folders["phi-long"], backend="onnxruntime", threads=1) as runner:
        rows = [runner._forward(tokens[:250], every=True)]
        rows += [runner._forward([token], every=True) for token in tokens[250:]]
    beyond = places >= LONG_ROPE["phi-long"]
    assert beyond.sum() > 5
    assert error(np.concatenate(rows)[places[beyond]], wanted[beyond]) <= FLOAT32_BOUND


@pytest.fixture(params=FAMILIES)
def genai(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Iterator[tuple[Family, runners.Runner]]:
    require("onnxruntime_genai")
    with runners.load(folders[request.param], backend="ort_genai", threads=1) as runner:
        yield FAMILIES[request.param], runner


def test_genai_computes_what_transformers_does(genai: tuple[Family, runners.Runner]) -> None:
    """In one piece and from its cache; where LongRoPE has a border, up to it."""
    family, runner = genai
    tokens, places, wanted = family.recorded()
    if family.name == "phi-long":
        assert runner.context_length == LONG_ROPE[family.name] < len(tokens)
        pytest.skip("the recorded logits are those of a text beyond the border, where this context ends")
    assert error(runner.logits(tokens)[places], wanted) <= FLOAT32_BOUND
    runner._begin()
    pieces = [tokens[:50], tokens[50:57], *([token] for token in tokens[57:])]
    found = np.concatenate([runner._forward(piece, every=True) for piece in pieces])
    assert error(found[places], wanted) <= FLOAT32_BOUND


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "calibration.txt"
    path.write_text(held_out("en")[:4_000], encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "least"), [("f16", 0.9999), ("int8", 0.99), ("int8_static", 0.99), ("nbits8", 0.999), ("nbits4", 0.93)]
)
@pytest.mark.parametrize("name", FAMILIES)
def test_every_type_of_every_family_is_near_transformers(
    folders: dict[str, Path], calibration: Path, tmp_path: Path, name: str, kind: str, least: float
) -> None:
    """By correlation of the logits."""
    tokens, places, wanted = FAMILIES[name].recorded()
    options = {"calibration": calibration} if kind == "int8_static" else {}
    folder = converters.convert(folders[name].with_suffix(""), tmp_path / kind, to="onnx", type=kind, **options).path
    with runners.load(folder, threads=1) as runner:
        found = runner.logits(tokens)[places]
    assert error(found, wanted) > FLOAT32_BOUND
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] >= least


def test_genai_is_told_the_family_where_it_knows_it(folders: dict[str, Path]) -> None:
    found = {name: files.read_json(folder / "genai_config.json")["model"]["type"] for name, folder in folders.items()}
    assert found["gemma3-images"] == "gemma3_text"
    assert found["llama-yarn"] == "llama"
    assert {name for name, kind in found.items() if kind == ANY_DECODER} == {
        "mixtral",
        "phi-long",
        "phi-short",
        "qwen3moe",
    }


def test_an_encoder_gives_the_vectors_of_transformers(tmp_path: Path) -> None:
    tokens, places, wanted = ENCODER.recorded()
    folder = converters.convert(ENCODER.write(tmp_path / "bert"), tmp_path / "onnx", to="onnx").path
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    batch, mask = np.zeros((2, len(tokens)), np.int64), np.zeros((2, len(tokens)), np.int64)
    batch[0], mask[0] = tokens, 1
    batch[1, :40], mask[1, :40] = tokens[:40], 1
    fed = {"input_ids": batch, "attention_mask": mask, "token_type_ids": np.zeros_like(batch)}
    (found,) = session.run(["last_hidden_state"], fed)
    assert error(found[0, places], wanted) <= FLOAT32_BOUND
    (alone,) = session.run(["last_hidden_state"], {name: one[1:, :40] for name, one in fed.items()})
    assert error(found[1, :40], alone[0]) <= FLOAT32_BOUND


def test_an_encoder_s_ignored_epsilon_would_show(tmp_path: Path) -> None:
    tokens, places, wanted = ENCODER.recorded()
    checkpoint = ENCODER.write(tmp_path / "bert", ENCODER.changes["epsilon"])
    folder = converters.convert(checkpoint, tmp_path / "onnx", to="onnx").path
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    given = np.array([tokens])
    fed = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
    assert error(session.run(["last_hidden_state"], fed)[0][0][places], wanted) > 5 * FLOAT16_CACHE_BOUND


@pytest.mark.parametrize(("kind", "least"), [("f32", 0.99999), ("f16", 0.999), ("int8", 0.98), ("nbits8", 0.999)])
def test_embeddings_of_a_real_model(tmp_path: Path, kind: str, least: float) -> None:
    """From texts on, with the model's own tokenizer."""
    require(minilm.PACKAGE)
    folder = converters.convert(minilm.folder(), tmp_path / "minilm", to="onnx", type=kind).path
    ids, wanted = minilm.recorded()
    with runners.load(folder, threads=1) as runner:
        assert runner.name == "onnxruntime"
        texts = [text for text, tokens in zip(minilm.TEXTS, ids, strict=True) if len(tokens) <= runner.context_length]
        found = np.stack([runner.embed(text) for text in texts])  # type: ignore[attr-defined]
    assert len(texts) == len(wanted)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert (found * wanted).sum(axis=1).min() >= least


def test_genai_refuses_an_encoder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"onnxruntime-genai only generates text; expected a decoder\nremedy: use --to"):
        converters.convert(ENCODER.write(tmp_path / "bert"), tmp_path / "genai", to="ort_genai")
    assert not (tmp_path / "genai").exists()
