"""``edgedocs embed``, and ``edgedocs measure`` of models that give embeddings."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edgedocs import converters
from tests.cli.test_models import edgedocs
from tests.reference import minilm
from tests.reference.families import ENCODER
from tests.requirements import require

TEXTS = ("two words", "other words", "something else")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ENCODER.write(tmp_path_factory.mktemp("encoder") / "bert")


@pytest.fixture(scope="module")
def folder(encoder: Path) -> Path:
    return converters.convert(encoder, encoder.with_name("onnx"), to="onnx").path


@pytest.fixture(scope="module")
def means(folder: Path) -> np.ndarray:
    """The mean of what the model itself gives for the tokens of each text, float32 [texts, width]."""
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = []
    for text in TEXTS:
        given = np.array([tokenizer.encode(text).ids])
        fed = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
        found.append(session.run(None, fed)[0][0].mean(axis=0))
    return np.stack(found)


def embedded(*arguments: str | Path) -> tuple[dict, np.ndarray]:
    done = edgedocs("embed", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return document, np.array([one["embedding"] for one in document["embeddings"]])


def test_vectors_have_length_one_or_are_raw(folder: Path, means: np.ndarray) -> None:
    document, vectors = embedded(folder, *TEXTS)
    assert (document["model"], document["backend"], document["dimensions"]) == (str(folder), "onnxruntime", 256)
    assert [one["text"] for one in document["embeddings"]] == list(TEXTS)
    lengths = np.linalg.norm(means, axis=1)
    np.testing.assert_allclose(vectors, means / lengths[:, None], atol=1e-6)
    raw, vectors = embedded(folder, *TEXTS, "--raw")
    assert (document["normalized"], raw["normalized"]) == (True, False)
    np.testing.assert_allclose(vectors, means, rtol=1e-5, atol=1e-5)
    assert np.abs(lengths - 1).min() > 0.1


def test_a_file_has_a_text_in_each_line(encoder: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n\n".join(TEXTS) + "\n", encoding="utf-8")
    document, vectors = embedded(encoder, "--file", tmp_path / "texts.txt")
    assert [one["text"] for one in document["embeddings"]] == list(TEXTS)
    np.testing.assert_allclose(vectors, embedded(folder, *TEXTS)[1], atol=1e-6)


def test_people_see_dimensions_norms_and_cosines(folder: Path, means: np.ndarray) -> None:
    done = edgedocs("embed", folder, *TEXTS, "--raw")
    assert done.returncode == 0, done.stderr
    first, _, *lines = done.stdout.splitlines()
    assert first == "256 dimensions, by onnxruntime"
    lengths = np.linalg.norm(means, axis=1)
    assert [float(line.split()[1]) for line in lines[1:4]] == pytest.approx(lengths, abs=2e-4)
    cosines = (means @ means.T) / np.outer(lengths, lengths)
    shown = np.array([[float(cell) for cell in line.split()[1:]] for line in lines[6:9]])
    np.testing.assert_allclose(shown, cosines, atol=1e-4)
    assert "cosine" not in edgedocs("embed", folder, "alone").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["bert"], 2, "nothing to embed"),
        (["bert", "a", "--file", "b"], 2, "texts and --file"),
        (["bert", "--file", "nowhere.txt"], 2, "nowhere.txt"),
        (["bert", "many words " * 200], 2, "1 to 160, the context length"),
        (["bert", ""], 2, "0 tokens"),
        (["bert", "a", "--address", "http://127.0.0.1:9"], 2, "--address without --backend"),
        (["bert", "a", "--backend", "vllm", "--address", "http://127.0.0.1:9/v1"], 3, "no server answers"),
        (["tiny", "a"], 2, "predicts tokens and gives no embeddings"),
        (["tiny", "a", "--backend", "mlx"], 3, "runner mlx"),
        (["nowhere", "a"], 2, "no such model"),
    ],
)
def test_what_cannot_be_embedded_is_one_clear_error(
    encoder: Path, arguments: list[str], code: int, complaint: str
) -> None:
    model = str(encoder) if arguments[0] == "bert" else arguments[0]
    done = edgedocs("embed", model, *arguments[1:], "--json")
    assert done.returncode == code, done.stderr
    assert complaint in " ".join(str(value) for value in json.loads(done.stderr).values())


def test_texts_of_one_meaning_are_near_each_other() -> None:
    require(minilm.PACKAGE)
    _, wanted = minilm.recorded()
    _, vectors = embedded(minilm.folder(), *minilm.TEXTS[:3])
    np.testing.assert_allclose(vectors, wanted[:3], atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]


def test_embeddings_are_measured_beside_a_reference(encoder: Path, folder: Path, tmp_path: Path) -> None:
    small = converters.convert(encoder, tmp_path / "small", to="onnx", type="nbits4").path
    for name, content in (("en", "a line\n\nanother line of words\nthe last\n"), ("cs", "kůň\nřeka teče\n")):
        (tmp_path / f"{name}.txt").write_text(content, encoding="utf-8")
    both = ("--text", tmp_path / "en.txt", "--text", tmp_path / "cs.txt")
    same = json.loads(edgedocs("measure", folder, "--reference", encoder, *both, "--json").stdout)
    assert same["cosine"] == pytest.approx(1, abs=1e-6)
    done = edgedocs("measure", small, "--reference", encoder, *both, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    lines = (tmp_path / "en.txt").read_text().split("\n") + (tmp_path / "cs.txt").read_text().split("\n")
    lines = [line for line in lines if line]
    ours, theirs = (embedded(model, *lines)[1] for model in (small, encoder))
    cosines = (ours * theirs).sum(axis=1)
    assert found["cosine"] == pytest.approx(cosines.mean(), abs=1e-6)
    assert found["languages"]["cs"]["cosine"] == pytest.approx(cosines[3:].mean(), abs=1e-6)
    assert cosines.min() <= found["cosine_low"] < found["cosine"] < found["cosine_high"] <= cosines.max()
    assert (found["texts"], found["languages"]["en"]["texts"], found["measurement"]) == (5, 3, "similarity")
    shown = edgedocs("measure", small, "--reference", encoder, *both).stdout
    assert f"cosine           {found['cosine']:.6f}  (95 % interval" in shown
    assert f"cs    {found['languages']['cs']['cosine']:.6f}" in shown


def test_what_cannot_be_measured_of_embeddings_is_told(encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("a line\n", encoding="utf-8")
    (tmp_path / "blank.txt").write_text(" \n", encoding="utf-8")
    text = ("--text", tmp_path / "en.txt")
    for arguments, complaint in (
        (text, "the model gives embeddings, which have no perplexity"),
        ((*text, "--reference", encoder, "--context", "32"), "context is 32 for a model that gives embeddings"),
        ((*text, "--reference", "tiny"), "the reference predicts tokens"),
        (("--text", tmp_path / "blank.txt", "--reference", encoder), "the text has no lines"),
    ):
        done = edgedocs("measure", encoder, *arguments)
        assert done.returncode == 2, done.stderr
        assert complaint in done.stderr


def test_lines_longer_than_the_context_are_cut_at_blanks(encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("many words " * 200, encoding="utf-8")
    done = edgedocs("measure", encoder, "--reference", encoder, "--text", tmp_path / "long.txt", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["texts"] > 1
    assert found["cosine"] == pytest.approx(1, abs=1e-6)
