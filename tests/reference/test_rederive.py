"""The recorded logits again, and those of ``tiny``, from transformers itself (extra ``reference``)."""

from pathlib import Path

import numpy as np
import pytest

from edgedocs import Checkpoint, runners
from edgedocs.tiny import held_out
from tests.reference import make_families, minilm
from tests.reference.families import ENCODER, FAMILIES, Family
from tests.reference.make_reference import logits_of
from tests.reference.recorded import FLOAT32_BOUND, FOLDER, error, recorded
from tests.requirements import require


def test_transformers_gives_the_recorded_logits_again() -> None:
    require("torch")
    require("transformers")
    tokens, wanted = recorded()
    assert error(logits_of(FOLDER, tokens), wanted) <= 1e-5


ALL = [*FAMILIES.values(), ENCODER]


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_transformers_gives_what_was_recorded_of_a_family_again(tmp_path: Path, family: Family) -> None:
    require("torch")
    require("transformers")
    tokens, places, wanted = family.recorded()
    folder = family.write(tmp_path / "model")
    assert error(make_families.logits_of(family, folder, tokens)[places], wanted) <= 1e-5
    for feature, change in (family.changes | family.refused).items():
        found = make_families.logits_of(family, family.write(tmp_path / "changed", change), tokens)[places]
        assert error(found, wanted) == pytest.approx(family.record["effects"][feature], rel=0.01, abs=1e-3)


@pytest.mark.parametrize("family", [one for one in ALL if one.has_gelu], ids=lambda family: family.name)
def test_transformers_with_a_gelu_of_float16_gives_what_was_recorded(tmp_path: Path, family: Family) -> None:
    require("torch")
    require("transformers")
    tokens, places, wanted = family.recorded(table=True)
    found = make_families.logits_of(family, family.write(tmp_path / "model"), tokens, table=True)[places]
    assert error(found, wanted) <= FLOAT32_BOUND


def test_transformers_gives_the_recorded_embeddings_again() -> None:
    for module in ("torch", "transformers", minilm.PACKAGE):
        require(module)
    ids, wanted = minilm.recorded()
    again, found = minilm.compute()
    assert again == ids
    assert error(found, wanted) <= 1e-5


def test_tiny_in_onnx_runtime_is_what_transformers_computes() -> None:
    require("torch")
    require("transformers")
    with runners.load("tiny") as runner:
        tokens = runner.tokenize(held_out("pl"))[: runner.context_length]
        found = runner.logits(tokens)
    wanted = logits_of(Checkpoint.open("tiny").path, tokens)
    assert error(found, wanted) <= FLOAT32_BOUND
    assert np.array_equal(found.argmax(axis=-1), wanted.argmax(axis=-1))


def test_the_tokenizers_agree() -> None:
    require("torch")
    require("transformers")
    from transformers import AutoTokenizer

    for folder in (FOLDER, Checkpoint.open("tiny").path):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        with runners.load(folder) as runner:
            text = held_out("et")[:5000]
            assert runner.tokenize(text) == tokenizer.encode(text)


def test_the_chat_prompt_is_that_of_transformers() -> None:
    require("torch")
    require("transformers")
    from transformers import AutoTokenizer

    from edgedocs.runners.chat import render

    checkpoint = Checkpoint.open("tiny")
    messages = [{"role": "user", "content": "Kde je <b> tlačítko?"}, {"role": "assistant", "content": "Tam."}]
    tokenizer = AutoTokenizer.from_pretrained(checkpoint.path)
    wanted = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert render(checkpoint.chat_template, messages, {}, checkpoint.path) == wanted
