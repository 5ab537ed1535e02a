import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edgedocs import Artifact, Checkpoint, converters
from edgedocs.converters.onnx_rotary import rotary_tables
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun

RANDOM = Path(__file__).parent.parent / "reference" / "llama-random"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return converters.convert(RANDOM, tmp_path_factory.mktemp("onnx") / "model", to="onnx")


@pytest.fixture(scope="module")
def session(artifact: Artifact) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(artifact.path / "model.onnx", providers=["CPUExecutionProvider"])


def run(
    session: onnxruntime.InferenceSession,
    tokens: np.ndarray,
    mask: np.ndarray,
    positions: np.ndarray,
    cache: dict[str, np.ndarray] | None = None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    if cache is None:
        cache = {
            f"past_key_values.{layer}.{part}": np.zeros((len(tokens), 2, 0, 32), np.float32)
            for layer in range(3)
            for part in ("key", "value")
        }
    fed = {"input_ids": tokens, "attention_mask": mask, "position_ids": positions, **cache}
    logits, *present = session.run(None, fed)
    names = [one.name.replace("present", "past_key_values") for one in session.get_outputs()[1:]]
    return logits, dict(zip(names, present, strict=True))


def reference() -> tuple[np.ndarray, np.ndarray]:
    with np.load(RANDOM / "reference.npz") as recorded:
        return recorded["tokens"], recorded["logits"]


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def test_the_folder_is_whole(artifact: Artifact) -> None:
    assert (artifact.format, artifact.recipe) == ("onnx", "f32")
    assert sorted(path.name for path in artifact.path.iterdir()) == [
        "config.json",
        "generation_config.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    for name in ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"):
        assert (artifact.path / name).read_bytes() == (RANDOM / name).read_bytes()
    assert set(artifact.manifest()["source"]["files"]) >= {"model.safetensors", "config.json", "tokenizer.json"}


def test_only_standard_operators_are_used(artifact: Artifact) -> None:
    model = onnx.load(artifact.path / "model.onnx", load_external_data=False)
    onnx.checker.check_model(str(artifact.path / "model.onnx"), full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 23)]
    assert {node.domain for node in model.graph.node} == {""}
    assert {"Attention", "RotaryEmbedding", "RMSNormalization"} <= {node.op_type for node in model.graph.node}


def test_the_weights_are_the_checkpoint_s(artifact: Artifact) -> None:
    model = onnx.load(artifact.path / "model.onnx")
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    checkpoint = Checkpoint.open(RANDOM)
    assert stored.keys() - checkpoint.tensors.keys() == {"rotary.cosine", "rotary.sine"}
    for name, tensor in checkpoint.tensors.items():
        wanted = tensor.float32()
        found = stored[name]
        assert np.array_equal(found, wanted if found.shape == wanted.shape and "embed" in name else wanted.T), name


def test_the_rotary_tables_hold_the_angles(artifact: Artifact) -> None:
    cosine, sine = rotary_tables(Checkpoint.open(RANDOM).spec)
    angles = np.arange(96)[:, None] * 50000.0 ** (-np.arange(0, 32, 2) / 32)
    assert cosine.dtype == sine.dtype == np.float32
    # The angles are rounded to float32 before the cosine is taken, as transformers does it.
    np.testing.assert_allclose(cosine, np.cos(angles), atol=1e-5)
    np.testing.assert_allclose(sine, np.sin(angles), atol=1e-5)


def test_the_cache_gives_what_the_whole_text_gives(session: onnxruntime.InferenceSession) -> None:
    tokens, wanted = reference()
    cache, start, rows = None, 0, []
    for length in (1, 20, 1, 1, 50, 23):
        end = start + length
        places = np.arange(start, end)[None]
        logits, cache = run(session, tokens[None, start:end], np.ones((1, end), np.int64), places, cache)
        rows.append(logits[0])
        start = end
    assert start == len(tokens)
    assert error(np.concatenate(rows), wanted) <= 1e-5


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_nothing(session: onnxruntime.InferenceSession, side: str) -> None:
    tokens, wanted = reference()
    batch, mask, positions = (np.zeros((2, 40), np.int64) for _ in range(3))
    spans = [slice(0, 40), slice(10, 40) if side == "left" else slice(0, 30)]
    for row, span in enumerate(spans):
        length = span.stop - span.start
        batch[row, span], mask[row, span], positions[row, span] = tokens[:length], 1, np.arange(length)
    logits, _ = run(session, batch, mask, positions)
    for row, span in enumerate(spans):
        assert error(logits[row, span], wanted[: span.stop - span.start]) <= 1e-5


def test_the_same_checkpoint_gives_the_same_bytes(artifact: Artifact, tmp_path: Path) -> None:
    again = converters.convert(RANDOM, tmp_path / "other", to="onnx", type="FP32")
    assert again.sha256 == artifact.sha256


def test_tied_embeddings_are_stored_once(tmp_path: Path) -> None:
    artifact = converters.convert("tiny", tmp_path / "tiny", to="onnx")
    checkpoint = Checkpoint.open("tiny")
    weights = sum(tensor.nbytes for tensor in checkpoint.tensors.values()) * 2
    tables, padding = 2 * 512 * 32 * 4, 4096 * (len(checkpoint.tensors) + 2)
    assert weights + tables <= (artifact.path / "model.onnx.data").stat().st_size <= weights + tables + padding


def test_one_weight_is_in_memory_at_a_time(tmp_path: Path) -> None:
    largest = 4096 * 256 * 4
    checkpoint = Checkpoint.open("tiny")
    tracemalloc.start()
    try:
        converters.convert(checkpoint, tmp_path / "tiny", to="onnx")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 2.5 * largest < 16_000_000, "the weights together take 16.8 million bytes"


def test_progress_counts_the_weights(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    converters.convert(RANDOM, tmp_path / "m", to="onnx", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 30) for done in range(1, 31)]


def test_an_earlier_conversion_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "model"
    first = converters.convert("tiny", target, to="onnx")
    second = converters.convert(RANDOM, target, to="onnx")
    assert first.sha256 != second.sha256 == Artifact.describe(target).sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "model.manifest.json"]


@pytest.mark.parametrize("make", [Path.touch, lambda path: (path.mkdir(), (path / "thesis.txt").touch())])
def test_anything_else_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "mine")
    with pytest.raises(BadInput, match="something else here already"):
        converters.convert(RANDOM, tmp_path / "mine", to="onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_without_a_folder_to_write_to_it_cannot_run(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot write here"):
        converters.convert(RANDOM, tmp_path / "missing" / "m", to="onnx")


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    before = converters.convert("tiny", tmp_path / "m", to="onnx")

    def fail(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        converters.convert(RANDOM, tmp_path / "m", to="onnx", progress=fail)
    assert Artifact.describe(tmp_path / "m") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "m.manifest.json"]


def test_a_killed_conversion_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom edgedocs import converters\n"
        "converters.convert('tiny', sys.argv[1], to='onnx', progress=lambda done, total: os._exit(9))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, os.fspath(tmp_path / "m")], timeout=60, check=False)
    assert done.returncode == 9
    assert not (tmp_path / "m").exists()


def test_unknown_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected one of f32"):
        converters.convert("tiny", tmp_path / "m", to="onnx", type="q4_0")


def test_integer_weights_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = Path(shutil.copytree(RANDOM, tmp_path / "integers"))
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"].astype(np.int8)
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(BadInput, match=r"tensor model\.norm\.weight is I8; expected weights in F32, F16, BF16"):
        converters.convert(folder, tmp_path / "m", to="onnx")
    assert not (tmp_path / "m").exists()


def test_a_context_whose_tables_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RANDOM, tmp_path / "source"))
    config = files.read_json(folder / "config.json")
    files.write_json(folder / "config.json", config | {"max_position_embeddings": 2**31 - 1})
    with pytest.raises(BadInput, match="rotary tables would take"):
        converters.convert(folder, tmp_path / "m", to="onnx")
    assert not (tmp_path / "m").exists()


def test_a_chat_template_in_a_file_comes_along(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RANDOM, tmp_path / "source"))
    files.write_text(folder / "chat_template.jinja", "{{ messages }}")
    artifact = converters.convert(folder, tmp_path / "m", to="onnx")
    assert files.read_text(artifact.path / "chat_template.jinja") == "{{ messages }}"
