"""The types of ONNX models: what onnxruntime.quantization makes of the same model in float32, and what they cost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnxruntime import quantization

from edgedocs import Checkpoint, converters, runners
from edgedocs.containers.onnx_writer import OnnxWriter
from edgedocs.containers.safetensors import SafetensorsFile
from edgedocs.converters import onnx_matrices
from edgedocs.converters.onnx_calibration import WINDOW, WINDOWS
from edgedocs.core.errors import BadInput
from edgedocs.measurement.perplexity import perplexity
from edgedocs.quantizers.matmul_nbits import MatMulNBitsQuantizer
from edgedocs.tiny import held_out
from tests.quantizers.test_matmul_nbits import ort_quantize
from tests.reference.recorded import FOLDER as RANDOM
from tests.reference.recorded import error, recorded
from tests.reference_folder import copy_of_reference
from tests.requirements import require

LOSSES = {"f32": 1e-4, "f16": 1e-3, "nbits8": 2e-3, "int8": 0.01, "int8_static": 0.02, "nbits4": 0.05}
"""How much greater the shipped model's perplexity may be than in float32, as a share; 2 bits double it."""
TEXT, UNSEEN = held_out("en")[:30_000], held_out("en")[-12_000:]


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "calibration.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The random Llama in float32."""
    return converters.convert(RANDOM, tmp_path_factory.mktemp("plain") / "model", to="onnx").path


def convert(folder: Path, kind: str, calibration: Path, **options: Any) -> Path:
    if kind == "int8_static":
        options["calibration"] = calibration
    return converters.convert(RANDOM, folder / kind, to="onnx", type=kind, **options).path


def weights(folder: Path) -> dict[str, np.ndarray]:
    model = onnx.load(folder / "model.onnx" if folder.is_dir() else folder)
    return {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}


def logits(folder: Path) -> np.ndarray:
    with runners.load(folder, threads=1) as runner:
        return runner.logits(recorded()[0])


def perplexity_of(folder: Path) -> float:
    with runners.load(folder, threads=1) as runner:
        return perplexity(runner, UNSEEN, windows=3).value


@pytest.fixture(scope="module")
def best() -> float:
    """The perplexity of the shipped model in float32, by llama.cpp."""
    require("llama_cpp")
    with runners.load("tiny", backend="llama_cpp", threads=1, kv_cache="f32") as runner:
        return perplexity(runner, UNSEEN, windows=3).value


@pytest.mark.parametrize("kind", LOSSES)
def test_each_type_costs_little_and_says_what_it_computes_in(
    tmp_path: Path, calibration: Path, best: float, kind: str
) -> None:
    options = {"calibration": calibration} if kind == "int8_static" else {}
    folder = converters.convert("tiny", tmp_path / kind, to="onnx", type=kind, **options).path
    assert perplexity_of(folder) / best - 1 <= LOSSES[kind]
    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    with runners.load(folder) as runner:
        compute = {"f16": "float16", "int8": "uint8", "int8_static": "uint8"}.get(kind, "float32")
        cache = "float16" if kind == "f16" else "float32"
        assert runner.precision == {"compute": compute, "key_value_cache": cache}


@pytest.mark.parametrize("kind", ["f32", "f16", "int8", "int8_static"])
def test_all_but_blocks_is_in_standard_operators(tmp_path: Path, calibration: Path, kind: str) -> None:
    model = onnx.load(convert(tmp_path, kind, calibration) / "model.onnx", load_external_data=False)
    assert {node.domain for node in model.graph.node} == {""}
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 23)]


def test_half_precision_rounds_the_weights_once(tmp_path: Path, calibration: Path) -> None:
    found = weights(convert(tmp_path, "f16", calibration))
    checkpoint = Checkpoint.open(RANDOM)
    for name, tensor in checkpoint.tensors.items():
        wanted = tensor.float32().astype(np.float16)
        stored = found[name].T if found[name].shape != wanted.shape or "_proj" in name else found[name]
        np.testing.assert_array_equal(stored if name != "lm_head.weight" else found[name].T, wanted, name)


def test_weights_that_float16_cannot_hold_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = copy_of_reference(tmp_path)
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"][3, 5] = 70000
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(BadInput, match=r"mlp\.up_proj\.weight: a weight of 70000 does not fit float16.*\nremedy: use"):
        converters.convert(folder, tmp_path / "half", to="onnx", type="fp16")
    tensors["model.layers.1.mlp.up_proj.weight"][3, 5] = np.nan
    save_file(tensors, folder / "model.safetensors")
    for kind in ("f32", "int8", "nbits4"):
        with pytest.raises(BadInput, match=r"mlp\.up_proj\.weight: a weight is infinite or not a number"):
            converters.convert(folder, tmp_path / "bad", to="onnx", type=kind)


def test_dynamic_int8_is_what_onnx_runtimes_tool_makes(
    tmp_path: Path, plain: Path, calibration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same codes and scales, but for the zero point 128 of ours; the same logits, where embeddings are the same."""
    folder = convert(tmp_path, "int8", calibration)
    theirs_path = tmp_path / "theirs.onnx"
    quantization.quantize_dynamic(
        plain / "model.onnx",
        theirs_path,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=quantization.QuantType.QInt8,
    )
    ours, theirs = weights(folder), weights(theirs_path)
    compared = 0
    for name in theirs:
        if name.endswith("_quantized"):
            base = name.removesuffix("_quantized")
            np.testing.assert_array_equal(ours[base].astype(np.int16) - 128, theirs[name], base)
            np.testing.assert_array_equal(ours[f"{base}.scale"], theirs[f"{base}_scale"], base)
            compared += 1
    assert compared == 3 * 7 + 1
    shutil.copytree(plain, tmp_path / "theirs")
    shutil.copyfile(theirs_path, tmp_path / "theirs" / "model.onnx")
    monkeypatch.setattr(onnx_matrices.DynamicMatrices, "embed", onnx_matrices.FloatMatrices.embed)
    (tmp_path / "same").mkdir()
    assert error(logits(convert(tmp_path / "same", "int8", calibration)), logits(tmp_path / "theirs")) <= 1e-6


class Windows(quantization.CalibrationDataReader):  # type: ignore[misc]
    """The calibration text as our converter cuts it, for ONNX Runtime's tool."""

    def __init__(self, model: Path) -> None:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._past = [one for one in session.get_inputs() if one.name.startswith("past")]
        with runners.load(model.parent) as runner:
            tokens, length = runner.tokenize(TEXT), min(WINDOW, runner.context_length)
        pieces = [tokens[start : start + length] for start in range(0, min(len(tokens), WINDOWS * length), length)]
        assert len(pieces) == WINDOWS
        self._pieces: Iterator[list[int]] = iter(pieces)

    def get_next(self) -> dict[str, np.ndarray] | None:
        piece = next(self._pieces, None)
        if piece is None:
            return None
        given = np.array([piece])
        past = {one.name: np.zeros((1, one.shape[1], 0, one.shape[3]), np.float32) for one in self._past}
        places = np.arange(given.size)[None]
        return {"input_ids": given, "attention_mask": np.ones_like(given), "position_ids": places, **past}


def test_static_int8_is_what_onnx_runtimes_tool_makes(tmp_path: Path, plain: Path, calibration: Path) -> None:
    folder = convert(tmp_path, "int8_static", calibration)
    theirs_path = tmp_path / "theirs.onnx"
    quantization.quantize_static(
        plain / "model.onnx",
        theirs_path,
        Windows(plain / "model.onnx"),
        quant_format=quantization.QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )
    graph = onnx.load(folder / "model.onnx", load_external_data=False).graph
    ours = {node.output[0]: onnx.numpy_helper.to_array(node.attribute[0].t) for node in graph.node if not node.input}
    theirs = weights(theirs_path)
    scales = {name.removesuffix(".scale"): value for name, value in ours.items() if name.endswith(".scale")}
    assert len(scales) == 3 * 4 + 1, "queries, keys and values share what they are made of, gate and up too"
    for name, scale in scales.items():
        np.testing.assert_allclose(scale, theirs[f"{name}_scale"], rtol=1e-5)
        assert abs(int(ours[f"{name}.zero_point"]) - int(theirs[f"{name}_zero_point"])) <= 1
    stored = weights(folder)
    for name in Checkpoint.open(RANDOM).tensors:
        if "_proj" in name:
            np.testing.assert_array_equal(stored[name], theirs[f"{name}_quantized"], name)


@pytest.mark.parametrize("zero_points", [False, True])
@pytest.mark.parametrize("block_size", [16, 128])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_blocks_are_what_onnx_runtimes_quantizer_makes(
    tmp_path: Path, calibration: Path, bits: int, block_size: int, zero_points: bool
) -> None:
    folder = convert(tmp_path, f"nbits{bits}", calibration, block_size=block_size, zero_points=zero_points)
    quantizer = MatMulNBitsQuantizer(bits, block_size, symmetric=not zero_points)
    found = weights(folder)
    projections = [name for name in Checkpoint.open(RANDOM).tensors if "_proj" in name or "lm_head" in name]
    assert len(projections) == 3 * 7 + 1
    for name in projections:
        theirs = ort_quantize(quantizer, Checkpoint.open(RANDOM).tensors[name].float32())
        np.testing.assert_array_equal(found[name], theirs.packed, name)
        np.testing.assert_array_equal(found[f"{name}.scale"], theirs.scales, name)
        assert (theirs.zero_points is not None) == zero_points == (f"{name}.zero_point" in found)
        if theirs.zero_points is not None:
            np.testing.assert_array_equal(found[f"{name}.zero_point"], theirs.zero_points, name)


@pytest.mark.parametrize("zero_points", [False, True])
@pytest.mark.parametrize("columns", [48, 40])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_a_shared_table_is_looked_up_and_multiplied_with(
    tmp_path: Path, bits: int, columns: int, zero_points: bool
) -> None:
    """In the same blocks, or, where blocks of 16 do not divide its rows, stored twice."""
    from safetensors.numpy import save_file

    table = np.random.default_rng(bits).standard_normal((30, columns)).astype(np.float32)
    save_file({"table.weight": table}, tmp_path / "table.safetensors")
    tensor = SafetensorsFile.open(tmp_path / "table.safetensors").tensors["table.weight"]
    quantizer = MatMulNBitsQuantizer(bits, 16, symmetric=not zero_points)
    matrices, matrix = onnx_matrices.NBitsMatrices(quantizer), onnx_matrices.Matrix("table", tensor)
    with OnnxWriter(tmp_path) as writer:
        row = matrices.embed(writer, matrix, writer.input("tokens", np.dtype(np.int64), ["n"]), shared=True)
        product = matrices.multiply_embedding(writer, matrix, row)
        for name, width in ((row, columns), (product, 30)):
            writer.output(name, np.dtype(np.float32), ["n", width])
        writer.save("test", "tests")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    tokens = np.array([0, 29, 7, 7])
    rows, products = session.run([row, product], {"tokens": tokens})
    blocks = quantizer.dequantize(ort_quantize(quantizer, table))
    scales = np.abs(table).max(axis=1, keepdims=True) / np.float32(127)
    wanted = blocks if columns == 48 else np.rint(table / scales) * scales
    np.testing.assert_allclose(rows, wanted[tokens], atol=1e-6)
    np.testing.assert_allclose(products, rows @ blocks.T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["f32", "f16", "int8", "nbits4"])
def test_weights_in_pieces_give_the_same_bytes(
    tmp_path: Path, calibration: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = convert(tmp_path, kind, calibration)
    monkeypatch.setattr(onnx_matrices, "WEIGHTS_AT_A_TIME", 1000)
    (tmp_path / "pieces").mkdir()
    again = convert(tmp_path / "pieces", kind, calibration)
    for name in ("model.onnx", "model.onnx.data"):
        assert (folder / name).read_bytes() == (again / name).read_bytes()


def test_the_shipped_model_writes_the_same_text_everywhere(tmp_path: Path) -> None:
    require("onnxruntime_genai")
    require("llama_cpp")
    prompt, texts = "To insert a table, choose", {}
    for to, backend in (("onnx", "onnxruntime"), ("ort-genai", "ort_genai"), ("gguf", "llama_cpp")):
        path = converters.convert("tiny", tmp_path / f"tiny.{to}", to=to, type="f32").path
        with runners.load(path, backend=backend) as runner:
            texts[backend] = runner.generate(prompt, max_tokens=40)
    assert len(texts["onnxruntime"]) > 50
    assert texts["onnxruntime"] == texts["ort_genai"] == texts["llama_cpp"]


@pytest.mark.parametrize("kind", ["f16", "int8", "int8_static", "nbits8", "nbits4"])
def test_genai_computes_what_onnx_runtime_does(tmp_path: Path, calibration: Path, kind: str) -> None:
    require("onnxruntime_genai")
    options = {"calibration": calibration} if kind == "int8_static" else {}
    path = converters.convert("tiny", tmp_path / "tiny", to="ort_genai", type=kind, **options).path
    tokens, found = [], []
    for backend in ("onnxruntime", "ort_genai"):
        with runners.load(path, backend=backend, threads=1) as runner:
            tokens = tokens or runner.tokenize(TEXT)[:100]
            found.append(runner.logits(tokens))
    assert error(found[1], found[0]) <= 1e-3


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("int8_static", {}, r"int8_static needs a calibration text\nremedy: give one"),
        ("int8_static", {"calibration": "missing.txt"}, r"missing\.txt"),
        ("int8", {"calibration": "text.txt"}, "a calibration text for the type int8; expected the type int8_static"),
        ("f32", {"block_size": 32}, "block_size for the type f32; expected one of the types nbits8, nbits4, nbits2"),
        ("f16", {"zero_points": True}, "zero_points for the type f16"),
        ("nbits4", {"block_size": 24}, "block size.*24"),
        ("f32", {"group_size": 32}, "converter onnx has no option 'group_size'; expected one of block_size"),
        ("nbits3", {}, "unknown type 'nbits3' for onnx; expected one of f32, f16, int8, int8_static, nbits8"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_written(
    tmp_path: Path, kind: str, options: dict[str, Any], message: str
) -> None:
    if "calibration" in options:
        options = {"calibration": tmp_path / options["calibration"]}
    with pytest.raises(BadInput, match=message):
        converters.convert(RANDOM, tmp_path / "out", to="onnx", type=kind, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_calibration_text_is_refused(tmp_path: Path, content: bytes) -> None:
    text = tmp_path / "empty.txt"
    text.write_bytes(content)
    with pytest.raises(BadInput, match=r"empty\.txt: the calibration text is empty"):
        converters.convert(RANDOM, tmp_path / "out", to="onnx", type="int8_static", calibration=text)
    assert not (tmp_path / "out").exists()


def test_a_calibration_text_that_is_no_text_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "picture.txt"
    text.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(BadInput, match=r"picture\.txt"):
        converters.convert(RANDOM, tmp_path / "out", to="onnx", type="int8_static", calibration=text)


def test_the_manifest_says_how_it_was_made(tmp_path: Path, calibration: Path) -> None:
    blocks = converters.convert(RANDOM, tmp_path / "a", to="onnx", type="nbits4", block_size=64)
    assert blocks.manifest()["source"]["options"] == {"block_size": 64, "zero_points": False}
    static = converters.convert(RANDOM, tmp_path / "b", to="onnx", type="int8_static", calibration=calibration)
    assert set(static.manifest()["source"]["calibration"]) == {"calibration.txt"}
    again = converters.convert(RANDOM, tmp_path / "b", to="onnx", type="int8_static", calibration=calibration)
    assert static.sha256 == again.sha256
