"""The importance matrix is what hooks in a plain forward pass see, and what the quantizers and llama.cpp read."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from edgedocs import converters, runners
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.converters.gguf import quantize
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.measurement import Importance, importance
from edgedocs.tiny import held_out
from tests.oracles import llama, numpy_decoder
from tests.reference.families import FAMILIES
from tests.reference.recorded import FLOAT32_BOUND, error
from tests.requirements import require

CONTEXT = 64


@pytest.fixture(autouse=True, scope="module")
def _needs_llama_cpp() -> None:
    require("llama_cpp")


@pytest.fixture(scope="module")
def measured() -> Importance:
    return importance("tiny", held_out("en")[:2000], context=CONTEXT, chunks=3, threads=1)


def hooked(checkpoint: Checkpoint, tokens: list[int], chunks: int) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """Sums of squares and counts by the matrix' name, by hooks in the NumPy forward pass."""
    sums: dict[str, np.ndarray] = {}
    counts: dict[str, int] = {}

    def hook(name: str, inputs: np.ndarray) -> None:
        sums[name] = sums.get(name, 0) + np.square(inputs).sum(axis=0)
        counts[name] = counts.get(name, 0) + len(inputs)

    for number in range(chunks):
        numpy_decoder.logits(checkpoint, tokens[number * CONTEXT : (number + 1) * CONTEXT], hook)
    return sums, counts


def test_tiny_is_what_hooks_in_a_plain_forward_pass_see(measured: Importance) -> None:
    with runners.load("tiny", threads=1) as runner:
        tokens = runner.tokenize(held_out("en")[:2000])
        direct = runner.logits(tokens[:CONTEXT])
    checkpoint = Checkpoint.open("tiny")
    assert error(numpy_decoder.logits(checkpoint, tokens[:CONTEXT]), direct) <= FLOAT32_BOUND
    sums, counts = hooked(checkpoint, tokens, 3)
    del sums["output.weight"]  # measured only when asked for
    assert measured.sums.keys() == sums.keys()
    assert len(sums) == 4 * 7
    for name, wanted in sums.items():
        assert measured.counts[name].item() == counts[name] == 3 * CONTEXT
        np.testing.assert_allclose(measured.sums[name][0], wanted, rtol=1e-3, err_msg=name)


def test_experts_are_counted_each_for_itself(tmp_path: Path) -> None:
    family = FAMILIES["mixtral"]
    checkpoint = Checkpoint.open(family.write(tmp_path / "mixtral"))
    tokens, places, wanted = family.recorded()
    assert error(numpy_decoder.logits(checkpoint, tokens)[places], wanted) <= FLOAT32_BOUND
    text = held_out("en")[:600]
    found = importance(checkpoint, text, context=CONTEXT, chunks=2, output=True, threads=1)
    with runners.load(checkpoint, threads=1) as runner:
        sums, counts = hooked(checkpoint, runner.tokenize(text), 2)
    for name, values in found.sums.items():
        for expert, row in enumerate(values):
            key = f"{name}#{expert}" if len(values) > 1 else name
            assert found.counts[name][expert].item() == counts[key]
            np.testing.assert_allclose(row, sums[key], rtol=1e-3, err_msg=key)
    assert {"output.weight", "blk.2.ffn_down_exps.weight", "blk.0.ffn_gate_inp.weight"} <= found.sums.keys()
    assert sum(len(values) for values in found.sums.values()) == len(sums)


def test_the_file_has_what_llama_imatrix_writes(measured: Importance, tmp_path: Path) -> None:
    path = tmp_path / "tiny.imatrix.gguf"
    measured.write(path, ["en.txt"])
    file = gguf.GGUFReader(path)
    assert file.get_field("general.type").contents() == "imatrix"
    assert file.get_field("imatrix.datasets").contents() == ["en.txt"]
    assert (file.get_field("imatrix.chunk_count").contents(), file.get_field("imatrix.chunk_size").contents()) == (
        3,
        64,
    )
    shapes = {tensor.name: tensor.shape.tolist() for tensor in file.tensors}
    assert shapes["blk.3.ffn_down.weight.in_sum2"] == [768, 1]
    assert shapes["blk.3.ffn_down.weight.counts"] == [1, 1]
    assert len(shapes) == 2 * 28
    found = ImportanceMatrix.open(path)
    assert (found.datasets, found.chunks) == (("en.txt",), 3)
    name = "blk.0.attn_q.weight"
    np.testing.assert_array_equal(found.entries[name], measured.sums[name][0] / np.float32(3 * CONTEXT))


def test_quantizing_with_it_gives_what_llama_cpp_gives(measured: Importance, tmp_path: Path) -> None:
    measured.write(tmp_path / "imatrix.gguf", ["en.txt"])
    source = converters.convert("tiny", tmp_path / "f32.gguf", type="f32").path
    ours = quantize(source, tmp_path / "ours.gguf", "iq2_s", imatrix=tmp_path / "imatrix.gguf").path
    entries = ImportanceMatrix.open(tmp_path / "imatrix.gguf").entries
    theirs = tmp_path / "theirs.gguf"
    from llama_cpp import llama_cpp

    assert llama.quantize(source, theirs, llama_cpp.LLAMA_FTYPE_MOSTLY_IQ2_S, importance=entries)
    wanted, found = llama.read(theirs).tensors, llama.read(ours).tensors
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert found[name].type == tensor.type
        np.testing.assert_array_equal(found[name].data, tensor.data, err_msg=name)
    direct = converters.convert("tiny", tmp_path / "direct.gguf", type="iq2_s", imatrix=tmp_path / "imatrix.gguf")
    assert (
        llama.read(direct.path).tensors["blk.0.attn_q.weight"].data.tolist()
        == found["blk.0.attn_q.weight"].data.tolist()
    )


def test_progress_and_the_same_on_every_run(measured: Importance) -> None:
    seen: list[tuple[int, int]] = []
    again = importance(
        "tiny", held_out("en")[:2000], CONTEXT, 3, threads=1, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    for name, values in measured.sums.items():
        np.testing.assert_array_equal(again.sums[name], values)


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        ("", {}, "the text has .* tokens; expected at least 1024"),
        ("Too short.", {"context": 64}, "at least 128"),
        ("x", {"context": 15}, "context is 15; expected 16 or more"),
        ("x", {"context": 513}, "context is 513"),
        ("x", {"chunks": 0}, "chunks is 0"),
    ],
)
def test_bad_input_is_refused(text: str, options: dict[str, int], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        importance("tiny", text, threads=1, **options)


@pytest.fixture
def _interrupting(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.measurement import ggml_tensors

    def interrupt(address: int) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(ggml_tensors, "operation", interrupt)


@pytest.mark.usefixtures("_interrupting")
def test_what_is_raised_within_llama_cpp_arrives() -> None:
    with pytest.raises(KeyboardInterrupt):
        importance("tiny", held_out("en")[:2000], context=CONTEXT, threads=1)


def test_infinite_activations_are_refused(tmp_path: Path) -> None:
    import safetensors.numpy

    from edgedocs.tiny import FOLDER

    folder = tmp_path / "broken"
    folder.mkdir()
    weights = {name: one.float32().copy() for name, one in Checkpoint.open("tiny").tensors.items()}
    weights["model.layers.1.input_layernorm.weight"][:] = 3e38
    safetensors.numpy.save_file(weights, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    with pytest.raises(CannotRun, match=r"blk\.1\..* infinite or no number"):
        importance(folder, held_out("en")[:2000], context=CONTEXT, threads=1)
