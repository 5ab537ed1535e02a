"""Grids: what they measure, what they keep, and what goes wrong in one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from edgedocs import converters, measurement
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement import plots
from edgedocs.measurement.grid import Comparison, compare
from edgedocs.measurement.texts import Texts
from edgedocs.runners.llama_cpp import LlamaCpp
from edgedocs.tiny import FOLDER, held_out
from tests.requirements import require

TYPES = ["q8_0", "q4_k_m", "q2_k"]
TEXT = held_out("en")[:4000]
SETTINGS: dict[str, Any] = {"context": 128, "windows": 6}


@pytest.fixture(autouse=True, scope="module")
def _needs_llama_cpp() -> None:
    require("llama_cpp")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def compared(work: Path) -> Comparison:
    return compare("tiny", TYPES, TEXT, work=work, command="edgedocs compare tiny", **SETTINGS)


def kept(work: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in work.rglob("*") if path.suffix in (".json", ".gguf")}


def test_fewer_bits_are_smaller_and_worse(compared: Comparison) -> None:
    rows = compared.rows
    assert [(row["type"], row["backend"]) for row in rows] == [(name, "llama_cpp") for name in TYPES]
    assert rows[0]["size_bytes"] > rows[1]["size_bytes"] > rows[2]["size_bytes"]
    assert 0 < rows[0]["kl_divergence"] < rows[1]["kl_divergence"] < rows[2]["kl_divergence"]
    assert rows[0]["top1_agreement"] > rows[2]["top1_agreement"]
    assert compared.failed == []
    assert json.loads(json.dumps(compared.document)) == compared.document


def test_a_row_is_what_measuring_the_artifact_alone_gives(compared: Comparison, work: Path) -> None:
    row = compared.rows[1]
    alone = measurement.measure(work / "models" / row["artifact"], TEXT, reference="tiny", **SETTINGS)
    # The grid's runner has a cache of the window's length, this one of the model's: the last digits may differ.
    for name in ("perplexity", "kl_divergence", "top1_agreement", "perplexity_low"):
        assert row[name] == pytest.approx(alone[name], rel=1e-3), name
    for name in ("sha256", "size_bytes", "bits_per_weight", "tokens", "windows", "text_sha256", "precision"):
        assert row[name] == alone[name], name
    of_reference = compared.document["reference"]
    plain = measurement.measure("tiny", TEXT, **SETTINGS)
    assert of_reference["perplexity"] == pytest.approx(plain["perplexity"], rel=1e-9)
    assert of_reference["sha256"] == plain["sha256"]


def test_what_is_done_is_not_done_again(compared: Comparison, work: Path) -> None:
    before = kept(work)
    assert len([name for name in before if name.endswith(".gguf")]) == 3
    seen: list[tuple[int, int]] = []
    again = compare("tiny", TYPES, TEXT, work=work, progress=lambda *at: seen.append(at), **SETTINGS)
    assert again.reused == 3
    assert again.rows == compared.rows
    assert kept(work) == before
    assert seen[-1] == (24, 24)
    other = compare("tiny", ["q2_k"], TEXT, work=work, context=64, windows=2)
    assert other.reused == 0
    assert len(kept(work)) == len(before) + 2  # a row and its reference; the model is the one that was there


def test_a_damaged_row_or_model_is_told_or_made_again(compared: Comparison, tmp_path: Path) -> None:
    settings = {"work": tmp_path, "context": 64, "windows": 2}
    first = compare("tiny", ["q4_0"], TEXT, **settings)
    model = next((tmp_path / "models").glob("*.gguf"))
    model.write_bytes(model.read_bytes()[:1000])
    again = compare("tiny", ["q4_0"], TEXT, **settings)
    assert (again.reused, again.rows) == (1, first.rows)  # the model is made again, to the same bytes
    for row in (tmp_path / "rows").iterdir():
        row.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="no JSON"):
        compare("tiny", ["q4_0"], TEXT, **settings)


def test_languages_are_measured_together_and_each(tmp_path: Path) -> None:
    texts = Texts.of({"en": held_out("en")[:1500], "cs": held_out("cs")[:1500]})
    row = compare("tiny", ["q2_k"], texts, work=tmp_path, context=64, windows=3).rows[0]
    assert list(row["languages"]) == ["en", "cs"]
    assert row["tokens"] == sum(one["tokens"] for one in row["languages"].values())
    parts = [(one["kl_divergence"], one["tokens"]) for one in row["languages"].values()]
    assert row["kl_divergence"] == pytest.approx(sum(value * count for value, count in parts) / row["tokens"])


def start(work: Path, *arguments: str) -> subprocess.Popen[str]:
    types = "f32,q8_0,q6_k,q5_k_m,q5_0,q4_k_m,q4_0,q3_k_m,q2_k"
    command = [sys.executable, "-m", "edgedocs", "compare", "tiny", "--types", types, "--work", str(work)]
    command += ["--text", str(FOLDER / "heldout" / "en.txt"), "--windows", "4", "--backends", "llama_cpp", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_rows(work: Path, running: subprocess.Popen[str], count: int) -> list[Path]:
    end = time.monotonic() + 120
    while time.monotonic() < end and running.poll() is None:
        if len(rows := list(work.glob("rows/*.json"))) >= count:
            return rows
        time.sleep(0.02)
    running.kill()
    raise AssertionError(f"only {len(list(work.glob('rows/*.json')))} rows: {running.communicate()[1]}")


def test_a_killed_grid_goes_on_where_it_was(tmp_path: Path) -> None:
    running = start(tmp_path)
    rows = wait_for_rows(tmp_path, running, 2)
    running.kill()
    running.communicate()
    done = {path: path.read_bytes() for path in tmp_path.glob("rows/*.json")}
    assert set(rows) <= set(done)
    assert len(done) < 9
    (tmp_path / "models" / ".left.gguf.abc.tmp").write_bytes(b"x")
    again = start(tmp_path, "--json")
    output, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors
    assert len(json.loads(output)["rows"]) == 9
    assert {path: path.read_bytes() for path in done} == done
    assert not [path.name for path in tmp_path.rglob(".*.tmp")]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_interrupted_by_hand_it_says_what_is_kept(tmp_path: Path) -> None:
    running = start(tmp_path)
    wait_for_rows(tmp_path, running, 1)
    os.kill(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert f"kept in {tmp_path}; the same command goes on from there" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("types", "backends", "error", "complaint"),
    [
        ([], None, BadInput, "no types"),
        (["q9_9"], None, BadInput, "unknown type 'q9_9'; expected one of"),
        (["q4_0"], ["nonsense"], BadInput, "unknown runner 'nonsense'"),
        (["q4_0"], ["onnxruntime"], BadInput, "none of the backends onnxruntime loads the type q4_0"),
        (["q4_0"], ["llama_cpp", "onnxruntime"], BadInput, "backend onnxruntime loads none of the types q4_0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    types: list[str], backends: list[str] | None, error: type[Exception], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=complaint):
        compare("tiny", types, TEXT, backends, work=tmp_path / "work", **SETTINGS)
    assert not (tmp_path / "work").exists()


def test_empty_texts_and_models_without_a_tokenizer_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the text is empty"):
        compare("tiny", ["q4_0"], "", work=tmp_path)
    with pytest.raises(BadInput, match=r"^cs: the text is empty"):
        compare("tiny", ["q4_0"], Texts.of({"en": TEXT, "cs": ""}), work=tmp_path)
    shutil.copytree(FOLDER, tmp_path / "mute", ignore=shutil.ignore_patterns("tokenizer*", "*.py", "__pycache__"))
    with pytest.raises(BadInput, match="tokenizer"):
        compare(tmp_path / "mute", ["q4_0"], TEXT, work=tmp_path)


def test_a_row_that_fails_does_not_end_the_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = LlamaCpp._forward

    def exhausted(runner: LlamaCpp, tokens: Any, every: bool) -> Any:
        if "q5_0" in runner.path.name:
            raise MemoryError
        return forward(runner, tokens, every)

    monkeypatch.setattr(LlamaCpp, "_forward", exhausted)
    # Without an importance matrix llama.cpp refuses iq2_xxs, and so do we.
    found = compare("tiny", ["iq2_xxs", "q5_0", "q4_0"], TEXT, work=tmp_path, **SETTINGS)
    assert [row["type"] for row in found.rows] == ["q4_0"]
    assert [one["type"] for one in found.failed] == ["iq2_xxs", "q5_0"]
    assert "out of memory" in found.failed[1]["error"]["error"]


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(CannotRun, match=r"logits of the reference take .* bytes, and 1,000 are free"):
        compare("tiny", ["q4_0"], TEXT, work=tmp_path, **SETTINGS)


def test_two_at_a_time_are_kept_apart(tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / "lock"), pytest.raises(CannotRun, match="another comparison"):
        compare("tiny", ["q4_0"], TEXT, work=tmp_path)


def test_backends_are_compared(tmp_path: Path) -> None:
    found = compare("tiny", ["f32"], TEXT, ["onnxruntime", "llama_cpp"], work=tmp_path, context=64, windows=2)
    ours, theirs = found.rows
    assert (ours["backend"], theirs["backend"]) == ("onnxruntime", "llama_cpp")
    assert ours["kl_divergence"] < 1e-9
    assert theirs["kl_divergence"] < 1e-5
    assert ours["bits_per_weight"] == theirs["bits_per_weight"] == 32


def test_a_gguf_file_is_compared_with_what_is_made_of_it(tmp_path: Path) -> None:
    source = converters.convert("tiny", tmp_path / "f16.gguf", type="f16").path
    found = compare(source, ["q8_0", "f16"], TEXT, work=tmp_path / "work", context=64, windows=2)
    assert found.document["reference"]["backend"] == "llama_cpp"
    assert found.rows[0]["kl_divergence"] > found.rows[1]["kl_divergence"]
    assert found.rows[0]["kl_divergence"] < 0.01
    again = compare(tmp_path / "work" / "models" / found.rows[0]["artifact"], ["q4_0"], TEXT, work=tmp_path / "again")
    assert "is Q8_0 already" in again.failed[0]["error"]["error"]
    with pytest.raises(BadInput, match="unknown type 'int8'"):
        compare(source, ["int8"], TEXT, work=tmp_path / "work")


def test_plots_are_the_same_on_every_run_and_follow_the_dark(compared: Comparison, tmp_path: Path) -> None:
    require("matplotlib")
    plots.draw(compared.rows, tmp_path / "a.svg", "tiny")
    plots.draw(compared.rows, tmp_path / "b.svg", "tiny")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert drawn == (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert drawn.count("@media (prefers-color-scheme: dark)") == 1
    for row in compared.rows:
        assert f">{row['type']}</text>" in drawn
    plots.draw(compared.rows, tmp_path / "a.png", "tiny")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadInput, match=r"ends in \.svg or \.png"):
        plots.draw(compared.rows, tmp_path / "a.pdf", "tiny")
    with pytest.raises(BadInput, match="nothing to draw"):
        plots.draw([], tmp_path / "a.svg", "tiny")


def test_the_front_holds_what_nothing_beats() -> None:
    grid = [(4, 9.0), (8, 5.0), (9, 6.0), (4, 10.0), (10, 4.0), (11, 4.0)]
    rows = [{"size_bytes": size, "perplexity": value} for size, value in grid]
    assert [(row["size_bytes"], row["perplexity"]) for row in plots.pareto(rows)] == [(4, 9.0), (8, 5.0), (10, 4.0)]


def test_names_of_texts_on_the_command_line(tmp_path: Path) -> None:
    for name in ("en.txt", "cs.txt", "a=b.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    found = Texts.named([str(tmp_path / "en.txt"), f"czech={tmp_path / 'cs.txt'}", str(tmp_path / "a=b.txt")])
    assert found.by_name == {"en": "en.txt", "czech": "cs.txt", "a=b": "a=b.txt"}
    with pytest.raises(BadInput, match="two texts are called 'en'"):
        Texts.named([str(tmp_path / "en.txt"), f"en={tmp_path / 'cs.txt'}"])
