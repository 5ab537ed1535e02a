"""What the model card promises, measured again."""

import math
import re
from pathlib import Path

import pytest

from edgedocs import runners
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.measurement.perplexity import perplexity
from edgedocs.tiny import FOLDER, held_out
from edgedocs.tiny.card import LANGUAGES, card, unigram_perplexity
from edgedocs.tiny.corpus import HelpPage, paragraphs, split


def test_the_checkpoint_has_the_promised_size_and_shape() -> None:
    config = files.read_json(FOLDER / "config.json")
    assert (FOLDER / "model.safetensors").stat().st_size <= 10 * 10**6
    assert 3e6 <= files.read_json(FOLDER / "training.json")["parameters"] <= 5e6
    assert config["hidden_size"] % 256 == 0
    assert config["num_key_value_heads"] < config["num_attention_heads"]
    assert 2048 <= config["vocab_size"] <= 4096
    assert config["max_position_embeddings"] == 512


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_text_is_long_enough(language: str) -> None:
    assert len(held_out(language).encode()) >= 20_000


def test_an_unknown_language_lists_the_known() -> None:
    with pytest.raises(BadInput, match="cs, en, et, pl, sl"):
        held_out("xx")


def test_the_card_says_what_was_measured() -> None:
    measured = files.read_json(FOLDER / "measured.json")
    text = card(files.read_json(FOLDER / "training.json"), measured["languages"], measured["provenance"])
    assert files.read_text(FOLDER / "README.md") == text


def test_perplexity_is_as_recorded_and_five_times_below_any_unigram_model() -> None:
    recorded = {row["language"]: row for row in files.read_json(FOLDER / "measured.json")["languages"]}
    assert recorded.keys() == LANGUAGES.keys()
    for row in recorded.values():
        assert row["unigram"] / row["perplexity"] >= 5
    with runners.load("tiny", backend="onnxruntime") as runner:
        for language, row in recorded.items():
            assert perplexity(runner, held_out(language)).value == pytest.approx(row["perplexity"], rel=0.002)


def test_unigram_perplexity_by_hand() -> None:
    assert unigram_perplexity([1, 2, 3, 4]) == pytest.approx(4)
    assert unigram_perplexity([1, 1, 1, 2]) == pytest.approx(math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25))))


def test_paragraphs_leave_out_what_stands_outside_the_content() -> None:
    page = (
        "<p>menu</p><div id='DisplayArea'><h1>A <b>title</b></h1><p>One\n two &amp; three</p>"
        "<table><tr><td><p>cell</p></td></tr></table><p> </p></div>"
    )
    assert paragraphs(page) == ("A title", "One two & three")


def test_a_held_out_paragraph_is_never_in_the_training_text(tmp_path: Path) -> None:
    held_out_path = next(f"{n}.html" for n in range(1000) if HelpPage(f"{n}.html", ()).held_out)
    training_path = next(f"{n}.html" for n in range(1000) if not HelpPage(f"{n}.html", ()).held_out)
    folder = tmp_path / "en-US" / "text"
    folder.mkdir(parents=True)
    shared, own = "shared " * 40, "own " * 80
    for name, texts in {training_path: [shared], held_out_path: [shared, own]}.items():
        body = "".join(f"<p>{text}</p>" for text in texts)
        (folder / name).write_text(f"<div id='DisplayArea'>{body}</div>", encoding="utf-8")
    corpus = split("en", tmp_path)
    assert corpus.held_out == own.strip() + "\n"
    assert [page.paragraphs for page in corpus.training] == [(shared.strip(),)]


def test_the_shipped_held_out_text_holds_no_markup() -> None:
    for language in LANGUAGES:
        assert not re.search(r"<[a-z]+[ >]", held_out(language))
