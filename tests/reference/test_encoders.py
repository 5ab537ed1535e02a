"""Encoders through our converter and llama.cpp: the vectors of transformers, for a random and for a real model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters.gguf import plan, quantize
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import recipes
from tests.oracles import ggml, llama
from tests.oracles.llama_cpp_embeddings import embed
from tests.reference import minilm
from tests.reference.families import ENCODER
from tests.reference.recorded import FLOAT32_BOUND, error
from tests.requirements import require

GELU_TABLE_BOUND = 1e-3
FALLBACKS = {"q4_k_m": ["Q5_0", "Q8_0", "F32", "Q4_K"], "q6_k": ["Q8_0", "Q8_0", "F32", "Q6_K"]}
"""Of a matrix with rows of 384, the embeddings, the positions, and a matrix with rows of 1536."""


@pytest.fixture(scope="module")
def random(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("llama_cpp")
    folder = tmp_path_factory.mktemp("encoder")
    return converters.convert(ENCODER.write(folder / "bert"), folder / "bert.gguf", type="f32").path


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """all-MiniLM-L6-v2 as GGUF of float32."""
    require("llama_cpp")
    require(minilm.PACKAGE)
    folder = tmp_path_factory.mktemp("minilm")
    return converters.convert(minilm.copy_to(folder / "minilm"), folder / "minilm.gguf", type="f32").path


def error_of(path: Path, *, table: bool) -> float:
    tokens, places, wanted = ENCODER.recorded(table=table)
    (found,) = embed(path, [tokens], pooled=False)
    return error(found[places], wanted)


def cosines(path: Path) -> np.ndarray:
    """Of each text's embedding with that of transformers."""
    ids, wanted = minilm.recorded()
    found = np.stack(embed(path, ids))
    return np.asarray((found * wanted).sum(axis=1) / np.linalg.norm(found, axis=1))


def test_llama_cpp_gives_the_vectors_of_transformers(random: Path) -> None:
    """But for GELU, which llama.cpp has by the formula with tanh, in float16."""
    assert error_of(random, table=True) <= FLOAT32_BOUND
    assert 2 * error_of(random, table=True) < error_of(random, table=False) <= GELU_TABLE_BOUND


def test_an_ignored_epsilon_would_show(tmp_path: Path) -> None:
    require("llama_cpp")
    change = ENCODER.changes["epsilon"]
    path = converters.convert(ENCODER.write(tmp_path / "bert", change), tmp_path / "bert.gguf", type="f32").path
    assert error_of(path, table=False) > 10 * GELU_TABLE_BOUND
    assert ENCODER.record["effects"]["epsilon"] > 10 * GELU_TABLE_BOUND


def test_an_encoder_predicts_no_tokens(random: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.gguf"
    silent.write_bytes(random.read_bytes().replace(b"bert.attention.causal", b"bert.attention.casual"))
    for path in (random, silent):
        with runners.load(path, threads=1) as runner:
            assert runner.encodes
            for use in (lambda runner: runner.generate("two words"), lambda runner: runner.logits([1, 2])):
                with pytest.raises(BadInput, match="the model gives embeddings: there is no next token"):
                    use(runner)
            with pytest.raises(BadInput, match="expected 1 to 160, the context length"):
                runner.embed("many words " * 200)


@pytest.mark.parametrize("pooling", [None, 0, 2, 3], ids=["as it is", "none", "first", "last"])
def test_the_file_says_how_a_vector_is_made(sentences: Path, tmp_path: Path, pooling: int | None) -> None:
    path = tmp_path / "pooled.gguf"
    key = b"bert.pooling_type" + (4).to_bytes(4, "little")
    content = sentences.read_bytes()
    at = content.index(key) + len(key)
    path.write_bytes(content if pooling is None else content[:at] + pooling.to_bytes(4, "little") + content[at + 4 :])
    with runners.load(path, threads=1) as runner:
        found, raw = runner.embed("two words"), runner.embed("two words", normalize=False)
        tokens = runner.tokenize("two words")
    (rows,) = embed(path, [tokens], pooled=False)
    wanted = {2: rows[0], 3: rows[-1]}.get(pooling, rows.mean(axis=0))
    np.testing.assert_allclose(raw, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    np.testing.assert_allclose(found, wanted / np.linalg.norm(wanted), rtol=0, atol=1e-5)


def test_the_runner_embeds_texts_as_transformers(tmp_path: Path) -> None:
    """From texts on, with the model's own tokenizer."""
    require("llama_cpp")
    require(minilm.PACKAGE)
    path = converters.convert(minilm.folder(), tmp_path / "minilm.gguf", type="f32").path
    ids, wanted = minilm.recorded()
    with runners.load(path, threads=1) as runner:
        assert runner.encodes
        assert runner.precision == {"compute": "float32"}
        assert [runner.tokenize(text) for text in minilm.TEXTS] == ids
        found = np.stack([runner.embed(text) for text in minilm.TEXTS])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert (found * wanted).sum(axis=1).min() >= 0.999


def test_a_decoder_gives_no_embeddings(tmp_path: Path) -> None:
    require("llama_cpp")
    with (
        runners.load("tiny", backend="llama_cpp", threads=1) as runner,
        pytest.raises(BadInput, match="predicts tokens and gives no embeddings"),
    ):
        runner.embed("two words")


def test_the_real_model_is_the_one_that_was_recorded(sentences: Path) -> None:
    assert files.sha256(minilm.folder() / "model.safetensors") == minilm.SHA256
    ids, wanted = minilm.recorded()
    assert wanted.shape == (len(minilm.TEXTS), 384)
    assert max(map(len, ids)) > 200
    # The first two texts mean nearly the same, the third something else.
    assert wanted[0] @ wanted[1] > 0.5 > wanted[0] @ wanted[2]
    assert GGUFFile.open(sentences).metadata["bert.pooling_type"] == 1


def test_embeddings_of_the_real_model(sentences: Path, tmp_path: Path) -> None:
    assert cosines(sentences).min() >= 0.999
    quantize(sentences, tmp_path / "q8_0.gguf", "q8_0")
    assert cosines(tmp_path / "q8_0.gguf").min() >= 0.98


@pytest.mark.parametrize("recipe", FALLBACKS)
def test_rows_that_no_super_block_divides_take_llama_cpps_fallback(
    sentences: Path, tmp_path: Path, recipe: str
) -> None:
    ggml.require()
    assert llama.quantize(sentences, tmp_path / "theirs.gguf", recipes.recipe(recipe).file_type)
    quantize(sentences, tmp_path / "ours.gguf", recipe)
    ours, theirs = llama.read(tmp_path / "ours.gguf"), llama.read(tmp_path / "theirs.gguf")
    assert {key: one.type for key, one in ours.tensors.items()} == {k: one.type for k, one in theirs.tensors.items()}
    for name, one in theirs.tensors.items():
        np.testing.assert_array_equal(ours.tensors[name].data, one.data, name)
    choices = {one.tensor.info.name: one.choice for one in plan(sentences, recipe).tensors}
    fallen = {name for name, choice in choices.items() if choice.wanted is not None}
    assert fallen == {
        f"blk.{layer}.{kind}.weight"
        for layer in range(6)
        for kind in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up")
    }
    kinds = ("blk.1.attn_q.weight", "token_embd.weight", "position_embd.weight", "blk.1.ffn_down.weight")
    assert [choices[name].format for name in kinds] == FALLBACKS[recipe]
    assert cosines(tmp_path / "ours.gguf").min() >= 0.95
