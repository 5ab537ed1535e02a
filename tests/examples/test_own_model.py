"""The reader's own model: ``EDGEDOCS_MODEL=path pytest docs/…``, run for real."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import require

ROOT = Path(__file__).parents[2]
OTHER = ROOT / "tests" / "reference" / "llama-random"


@pytest.fixture
def named(site, monkeypatch):
    """A page whose examples print the model's name, recorded with the one that comes along."""
    monkeypatch.delenv("EDGEDOCS_MODEL", raising=False)
    code = "import os\nfrom pathlib import Path\n\nname = Path(os.environ['EDGEDOCS_MODEL']).name\nprint('on', name)\n"
    site.python(
        code,
        'facts="name"',
        '```text {output-of="x"}\n--8<-- "a/x.out"\n```\n\n```python {#same}\nassert 1 + 1 == 2\n```\n\n'
        '```python {#time output="environment" reason="it depends"}\nprint("now")\n```\n\n'
        '```text {output-of="time"}\nthen\n```\n\n'
        "```console {#command}\n$ python -c \"print('tiny')\"\ntiny\n```\n",
    )
    assert site.pytest("docs", "--update-outputs").returncode == 0
    (site.root / "mine").mkdir()
    monkeypatch.setenv("EDGEDOCS_MODEL", "mine")
    return site


def recorded(site):
    return {path: path.read_bytes() for path in site.snippets.rglob("*") if path.is_file()}


def test_what_differs_is_shown_and_not_compared(named):
    before, verdicts = recorded(named), named.read(".pytest_cache/v/edgedocs/verdicts")
    result = named.pytest()
    assert result.returncode == 0, result.stdout
    assert "4 verified (2 passed, 0 environment, 2 own-model, 0 failed)" in result.stdout
    shown = result.stdout.partition("your model")[2]
    assert str(named.root / "mine") in shown
    assert "a#x (differs on your model: shown, not compared)\non mine\nname = 'mine'\n" in shown
    assert "a#time (" in shown
    assert "a#same" not in shown
    assert "a#command" not in shown
    assert recorded(named) == before
    assert named.read(".pytest_cache/v/edgedocs/verdicts") == verdicts


def test_it_is_shown_when_examples_run_in_parallel(named):
    require("xdist")
    assert "on mine\nname = 'mine'\n" in named.pytest("docs", "-n", "2").stdout


def test_assertions_and_consoles_must_hold(named):
    page = named.read("docs/a.md").replace("1 + 1 == 2", "1 + 1 == 3").replace("print('tiny')", "print('mine')")
    named.page(page)
    result = named.pytest()
    assert result.returncode == 1
    assert "FAILED docs/a.md::a#same" in result.stdout
    assert "FAILED docs/a.md::a#command" in result.stdout
    assert "2 own-model, 2 failed" in result.stdout


def test_recording_is_refused(named):
    before = recorded(named)
    result = named.pytest("docs", "--update-outputs")
    assert result.returncode == 4
    assert "nothing is recorded from a model of your own" in result.stderr
    assert "remedy: unset EDGEDOCS_MODEL" in result.stderr
    assert recorded(named) == before


def test_a_model_that_is_not_there_is_one_error(named, monkeypatch):
    monkeypatch.setenv("EDGEDOCS_MODEL", "missing")
    result = named.pytest()
    assert result.returncode == 4
    assert result.stderr.count("EDGEDOCS_MODEL names a model that is not there") == 1
    assert "a#x" not in result.stdout


@pytest.mark.parametrize("name", ["", "tiny"])
def test_the_shipped_model_is_compared(named, monkeypatch, name):
    (named.root / "tiny").mkdir()
    monkeypatch.setenv("EDGEDOCS_MODEL", name)
    result = named.pytest()
    assert result.returncode == 0, result.stdout
    assert "4 verified (3 passed, 1 environment, 0 failed)" in result.stdout
    assert "your model" not in result.stdout


def run_on_another_model(*pages):
    """What pytest prints of the handbook's pages on a model of another shape than the one that comes along."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--require-all", *pages],
        cwd=ROOT,
        env={**os.environ, "EDGEDOCS_MODEL": str(OTHER)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_chapter_04_runs_on_a_model_of_another_shape():
    require("llama_cpp")
    require("matplotlib")
    printed = run_on_another_model("docs/04-gguf.md")
    assert "12 verified (4 passed, 0 environment, 8 own-model, 0 failed), 0 not run" in printed
    assert "tensors  30\n" in printed


def test_chapters_02_and_03_run_on_a_model_of_another_shape():
    for package in ("matplotlib", "openvino", "openvino_tokenizers", "nncf", "transformers"):
        require(package)
    printed = run_on_another_model("docs/02-bits.md", "docs/03-containers.md")
    assert "29 verified (15 passed, 0 environment, 14 own-model, 0 failed), 0 not run" in printed
    assert "lm_head.weight" in printed  # which `tiny` does not have


def test_chapter_05_runs_on_a_model_of_another_shape():
    require("llama_cpp")
    require("matplotlib")
    printed = run_on_another_model("docs/05-importance.md")
    assert "10 verified (8 passed, 0 environment, 2 own-model, 0 failed), 0 not run" in printed
    assert "blk.0.ffn_down.weight        112" in printed
