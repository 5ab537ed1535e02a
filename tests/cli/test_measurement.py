"""The commands that measure and advise, as people run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgedocs.tiny import held_out
from tests.cli.test_models import edgedocs
from tests.requirements import require


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for language in ("en", "cs"):
        (folder / f"{language}.txt").write_text(held_out(language)[:1500], encoding="utf-8")
    (folder / "empty.txt").touch()
    return folder


def test_measure_beside_a_reference(texts: Path) -> None:
    arguments = [
        "measure",
        "tiny",
        "--reference",
        "tiny",
        "--text",
        texts / "en.txt",
        "--text",
        f"x={texts / 'cs.txt'}",
    ]
    done = edgedocs(*arguments, "--context", "64", "--windows", "3", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["kl_divergence"], found["top1_agreement"], list(found["languages"])) == (0, 1, ["en", "x"])
    assert found["command"].startswith("edgedocs measure tiny --reference tiny")
    shown = edgedocs(*arguments, "--context", "64", "--windows", "3").stdout
    assert "KL divergence    0 nats" in shown
    assert "6 windows of 64, stride 63, overlapping" in shown


def test_imatrix_then_quantize_and_convert(texts: Path, tmp_path: Path) -> None:
    require("llama_cpp")
    matrix = tmp_path / "tiny.imatrix.gguf"
    done = edgedocs("imatrix", "tiny", "--text", texts / "en.txt", "--output", matrix, "--context", "64", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["matrices"], told["context"]) == (28, 64)
    assert matrix.is_file()
    for verb in ("quantize", "convert"):
        without = edgedocs(verb, "tiny", tmp_path / "out.gguf", "--type", "iq2_xs")
        assert without.returncode == 2, without.stderr
        done = edgedocs(verb, "tiny", tmp_path / f"{verb}.gguf", "--type", "iq2_xs", "--imatrix", matrix)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "quantize.gguf").read_bytes() == (tmp_path / "convert.gguf").read_bytes()


def test_compare_prints_a_table_and_draws(texts: Path, tmp_path: Path) -> None:
    require("llama_cpp")
    require("matplotlib")
    arguments = ["compare", "tiny", "--types", "q8_0, Q2_K", "--text", texts / "en.txt", "--context", "64"]
    arguments += ["--work", tmp_path / "work"]
    done = edgedocs(*arguments, "--plot", tmp_path / "pareto.svg")
    assert done.returncode == 0, done.stderr
    assert "q2_k  llama_cpp" in done.stdout
    assert (tmp_path / "pareto.svg").is_file()
    found = json.loads(edgedocs(*arguments, "--json").stdout)
    needed = {"type", "backend", "size_bytes", "bits_per_weight", "perplexity", "kl_divergence", "top1_agreement"}
    assert all(needed <= row.keys() for row in found["rows"])
    failing = edgedocs(*arguments[:3], "q8_0,iq2_xxs", *arguments[4:])
    assert failing.returncode == 3
    assert "q8_0  llama_cpp" in failing.stdout
    assert failing.stderr.startswith("error: iq2_xxs on llama_cpp: 1 of 2 rows could not be measured")


def test_bench_prints_a_table() -> None:
    done = edgedocs("bench", "tiny", "--threads", "1", "--prompt-tokens", "8", "--generate", "2", "--repeats", "1")
    assert done.returncode == 0, done.stderr
    assert "decode tok/s" in done.stdout
    assert "2,097,152 bytes by formula for 512 tokens" in done.stdout


def test_advise() -> None:
    done = edgedocs("advise", "--ram", "8GB", "--device", "cpu", "--task", "chat", "--model", "tiny", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["commands"][0] == "edgedocs convert tiny tiny-q8_0.gguf --to gguf --type q8_0"
    assert edgedocs("advise", "--ram", "8GB", "--device", "cpu", "--task", "chat", "--params", "70B").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["measure", "tiny", "--text", "empty.txt"], 2, "is empty"),
        (["measure", "tiny", "--text", "en.txt", "--stride", "512"], 2, "stride is 512"),
        (["measure", "tiny", "--text", "en.txt", "--reference-backend", "x"], 2, "without --reference"),
        (["measure", "tiny", "--text", "en.txt", "--method", "llama.cpp"], 2, "at least 1024, two windows"),
        (["imatrix", "tiny", "--text", "en.txt", "--output", "x.dat"], 2, "ends in .gguf"),
        (["imatrix", "tiny", "--text", "en.txt", "--output", "none/x.gguf"], 3, "no such folder"),
        (["compare", "tiny", "--types", "q9_9", "--text", "en.txt"], 2, "unknown type 'q9_9'"),
        (["compare", "tiny", "--types", ",", "--text", "en.txt"], 2, "no names in ','"),
        (["compare", "tiny", "--types", "q8_0", "--text", "en.txt", "--backends", "x"], 2, "unknown runner 'x'"),
        (["compare", "tiny", "--types", "q8_0", "--text", "en.txt", "--plot", "x.pdf"], 2, ".svg or .png"),
        (["bench", "tiny", "--threads", "many"], 2, "--threads has 'many'"),
        (["bench", "tiny", "--prompt-tokens", "600"], 2, "at most 512 together"),
        (["advise", "--ram", "8GB", "--device", "cpu", "--task", "chat"], 2, "give --params or --model"),
        (["advise", "--ram", "8", "--device", "cpu", "--task", "chat", "--params", "7B"], 2, "ram is '8'"),
    ],
)
def test_bad_input_is_one_clear_error(
    arguments: list[str], code: int, complaint: str, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(texts)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    done = edgedocs(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    from edgedocs.cli import main
    from edgedocs.measurement import report

    def exhausted(*arguments: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(report, "measure", exhausted)
    monkeypatch.setattr(sys, "argv", ["edgedocs", "measure", "tiny", "--text", __file__])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 3
    assert capsys.readouterr().err == "error: out of memory\nremedy: take a smaller model, type or context\n"
