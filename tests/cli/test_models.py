import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import require

HELD_OUT = Path(__file__).parents[2] / "edgedocs" / "tiny" / "heldout" / "en.txt"


def edgedocs(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgedocs", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)


@pytest.fixture(scope="module")
def short_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "short.txt"
    path.write_text(HELD_OUT.read_text(encoding="utf-8")[:6000], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def q4_0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "out.gguf"
    done = edgedocs("convert", "tiny", path, "--to", "gguf", "--type", "q4_0")
    assert done.returncode == 0, done.stderr
    return path


def test_run_continues_the_prompt_on_the_base_install() -> None:
    done = edgedocs("run", "tiny", "--prompt", "The", "--max-tokens", "20", "--backend", "onnxruntime")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The ")
    assert len(done.stdout.split()) > 5


def test_run_as_json() -> None:
    done = edgedocs("run", "tiny", "--prompt", "The", "--max-tokens", "5", "--json")
    answer = json.loads(done.stdout)
    assert answer["prompt"] == "The"
    assert answer["text"]


def test_convert_then_run_on_llama_cpp(q4_0: Path) -> None:
    require("llama_cpp")
    done = edgedocs("run", q4_0, "--prompt", "The", "--max-tokens", "20")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The ")


def test_measure_gives_perplexity_size_and_bits(q4_0: Path, short_text: Path) -> None:
    require("llama_cpp")
    done = edgedocs("measure", q4_0, "--text", short_text, "--json")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert 1 < measured["perplexity_low"] < measured["perplexity"] < measured["perplexity_high"]
    assert 4.5 < measured["bits_per_weight"] < 6.5
    assert measured["size_bytes"] == q4_0.stat().st_size


def test_quantize_gives_what_convert_gives(q4_0: Path, tmp_path: Path) -> None:
    assert edgedocs("convert", "tiny", tmp_path / "f32.gguf", "--type", "f32").returncode == 0
    done = edgedocs("quantize", tmp_path / "f32.gguf", tmp_path / "out.gguf", "--type", "q4_0", "--json")
    assert done.returncode == 0, done.stderr
    direct = json.loads(edgedocs("inspect", q4_0, "--json").stdout)
    two_steps = json.loads(edgedocs("inspect", tmp_path / "out.gguf", "--json").stdout)
    assert two_steps["tensors"] == direct["tensors"]
    assert json.loads(done.stdout)["size_bytes"] == (tmp_path / "out.gguf").stat().st_size


def test_inspect_onnx_and_checkpoint_agree_on_the_weights(tmp_path: Path) -> None:
    assert edgedocs("convert", "tiny", tmp_path / "onnx", "--to", "onnx").returncode == 0
    onnx = json.loads(edgedocs("inspect", tmp_path / "onnx", "--json").stdout)
    checkpoint = json.loads(edgedocs("inspect", "tiny", "--json").stdout)
    assert onnx["format"] == "onnx"
    assert checkpoint["bits_per_weight"] == 16
    assert onnx["bits_per_weight"] == 32
    assert onnx["weights"] == checkpoint["weights"]


def test_tables_for_people(q4_0: Path) -> None:
    shown = edgedocs("inspect", q4_0, "--tensors").stdout
    assert "bits per weight" in shown
    assert "token_embd.weight" in shown
    assert "onnxruntime" in edgedocs("backends").stdout
    assert "Q6_K" in edgedocs("catalog").stdout


def test_backends_and_catalog_as_json() -> None:
    runners = {runner["name"]: runner for runner in json.loads(edgedocs("backends", "--json").stdout)["runners"]}
    assert runners["onnxruntime"]["available"] is True
    assert {"formats", "recipes", "architectures", "converters", "runners", "availability"} <= set(
        json.loads(edgedocs("catalog", "--json").stdout)
    )


def test_diff_compares_and_its_exit_code_tells(q4_0: Path) -> None:
    done = edgedocs("diff", "tiny", q4_0)
    assert done.returncode == 0, done.stderr
    assert "SQNR dB" in done.stdout
    assert "38 tensors compared, 9 identical; 20 shown, worst first" in done.stdout
    strict = edgedocs("diff", "tiny", q4_0, "--min-sqnr", "100", "--json")
    assert strict.returncode == 1
    assert len(json.loads(strict.stdout)["findings"]) == 38 - 9
    assert edgedocs("diff", "tiny", q4_0, "--max-error", "0").returncode == 1


def test_split_files_are_written_inspected_and_run(tmp_path: Path) -> None:
    done = edgedocs("convert", "tiny", tmp_path / "m.gguf", "--type", "q8_0", "--split-max-size", "2M")
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in tmp_path.glob("*.gguf"))
    assert names == ["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"]
    shown = edgedocs("inspect", tmp_path / names[1], "--metadata").stdout
    assert "gguf, 3 files" in shown
    assert "gpt2 (" in shown
    assert "llama.embedding_length" in shown
    done = edgedocs(
        "quantize", tmp_path / names[2], tmp_path / "one.gguf", "--type", "copy", "--split-max-tensors", "9"
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("one-*-of-00005.gguf"))) == 5


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["convert", "tiny", "out.gguf", "--split-max-size", "many"], 2, "the size 'many'"),
        (["diff", "tiny", "nowhere"], 2, "nowhere"),
        (["run", "nowhere", "--prompt", "x"], 2, "nowhere"),
        (["run", "tiny"], 2, "--prompt"),
        (["run", "tiny", "--prompt", "x", "--backend", "nonsense"], 2, "unknown runner 'nonsense'"),
        (["convert", "tiny", "out", "--to", "nonsense"], 2, "unknown converter 'nonsense'"),
        (["convert", "tiny", "out.gguf", "--type", "q9_9"], 2, "q9_9"),
        (["convert", "tiny", "missing/out.gguf"], 3, "missing"),
        (["measure", "tiny", "--text", "missing.txt"], 2, "missing.txt"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: list[str], code: int, complaint: str) -> None:
    done = edgedocs(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    as_json = edgedocs(*arguments, "--json")
    assert as_json.returncode == code
    assert json.loads(as_json.stderr)["exit_code"] == code


def test_every_command_has_help_with_an_example() -> None:
    import click

    from edgedocs.cli import cli

    commands = [(name, command) for name, command in cli.commands.items() if not isinstance(command, click.Group)]
    assert len(commands) == 15
    for name, command in commands:
        assert f"edgedocs {name}" in (command.help or ""), name


def test_onnx_types_have_options_of_their_own(tmp_path: Path) -> None:
    done = edgedocs("convert", "tiny", tmp_path / "a", "--to", "onnx", "--type", "nbits4", "--block-size", "64")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nbits4" in done.stdout
    zeros = ("--type", "nbits2", "--zero-points", "--json")
    done = edgedocs("convert", "tiny", tmp_path / "b", "--to", "ort-genai", *zeros)
    assert json.loads(done.stdout)["format"] == "ort_genai"
    done = edgedocs("convert", "tiny", tmp_path / "c", "--to", "onnx", "--type", "int8_static")
    assert done.returncode == 2
    assert "error: int8_static needs a calibration text\nremedy: give one, such as --calibration" in done.stderr
    done = edgedocs("convert", "tiny", tmp_path / "c", "--type", "q8_0", "--block-size", "64")
    assert done.returncode == 2
    assert "error: converter gguf has no option 'block_size'; expected none" in done.stderr
    assert not (tmp_path / "c").exists()


def test_a_genai_folder_runs_in_both_engines(tmp_path: Path) -> None:
    require("onnxruntime_genai")
    assert edgedocs("convert", "tiny", tmp_path / "genai", "--to", "ort-genai").returncode == 0
    command = ("run", tmp_path / "genai", "--prompt", "The", "--max-tokens", "20", "--temperature", "0")
    texts = [edgedocs(*command, "--backend", name).stdout for name in ("onnxruntime", "ort_genai")]
    assert texts[0] == texts[1] == edgedocs("run", "tiny", *command[2:]).stdout
    assert len(texts[0]) > 20
    assert "ort_genai" in edgedocs("inspect", tmp_path / "genai").stdout
