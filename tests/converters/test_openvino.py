"""OpenVINO: the folder in OpenVINO GenAI's own pipeline, its tokenizer, and what NNCF made of the weights."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgedocs import Artifact, converters, runners
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.signals import stack_kept
from edgedocs.tiny import held_out
from tests.contract.runners import TEXTS
from tests.reference.families import FAMILIES, Family
from tests.requirements import require


@pytest.fixture(autouse=True)
def needs() -> None:
    for package in ("openvino", "openvino_tokenizers", "transformers", "nncf"):
        require(package)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    require("openvino")
    return converters.convert("tiny", tmp_path_factory.mktemp("openvino") / "tiny", to="openvino", type="f32")


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "calibration.txt"
    path.write_text(held_out("en")[:12_000], encoding="utf-8")
    return path


def stored(folder: Path) -> Counter[str]:
    """How many weights of each type the model holds, of those that matter for its size."""
    import openvino

    found: Counter[str] = Counter()
    for operation in openvino.Core().read_model(folder / "openvino_model.xml").get_ops():
        if operation.get_type_name() == "Constant" and (size := int(np.prod(list(operation.shape)))) >= 2**15:
            found[operation.get_element_type().to_string()] += size
    return found


def divergence(folder: Path) -> float:
    """The mean Kullback-Leibler divergence from float32, in nats."""
    with runners.load("tiny", backend="onnxruntime") as exact, runners.load(folder) as runner:
        tokens = exact.tokenize(held_out("en"))[2000:2300]
        wanted, found = (np.float64(one.logits(tokens)) for one in (exact, runner))
    wanted, found = (one - np.logaddexp.reduce(one, axis=1, keepdims=True) for one in (wanted, found))
    return float((np.exp(wanted) * (wanted - found)).sum(axis=1).mean())


def test_the_folder_is_whole(artifact: Artifact) -> None:
    assert (artifact.format, artifact.recipe) == ("openvino", "f32")
    assert sorted(path.name for path in artifact.path.iterdir()) == [
        "config.json",
        "generation_config.json",
        "openvino_detokenizer.bin",
        "openvino_detokenizer.xml",
        "openvino_model.bin",
        "openvino_model.xml",
        "openvino_tokenizer.bin",
        "openvino_tokenizer.xml",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert set(artifact.manifest()["source"]["files"]) >= {"model.safetensors", "config.json", "tokenizer.json"}


def test_genai_loads_it_and_gives_the_same_text(artifact: Artifact) -> None:
    """In a process of its own: the package's library and ours keep what is exact there."""
    require("openvino_genai")
    script = (
        "import sys\nfrom edgedocs.core import telemetry\ntelemetry.off()\nimport openvino_genai\n"
        "settings = {'INFERENCE_PRECISION_HINT': 'f32', 'KV_CACHE_PRECISION': 'f32', 'ATTENTION_BACKEND': 'SDPA'}\n"
        "pipeline = openvino_genai.LLMPipeline(sys.argv[1], 'CPU', **settings)\n"
        "options = {'max_new_tokens': 20, 'do_sample': False, 'apply_chat_template': False}\n"
        "sys.stdout.buffer.write(pipeline.generate('The', **options).encode())\n"
    )
    command = [sys.executable, "-c", script, os.fspath(artifact.path)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    with runners.load("tiny", backend="onnxruntime") as runner:
        assert done.stdout.decode() == runner.generate("The", max_tokens=20)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_a_family_s_logits_are_those_of_transformers(tmp_path: Path, family: Family) -> None:
    source = family.write(tmp_path / "source")
    tokens, places, wanted = family.recorded()
    try:
        artifact = converters.convert(source, tmp_path / "out", to="openvino", type="f32")
    except BadInput as error:
        if "cannot be converted to ONNX yet" not in str(error):
            raise
        pytest.skip(error.what)
    with runners.load(artifact, threads=1) as runner:
        found = runner.logits(tokens)[places]
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("name", ["llama-llama3", "gemma3", "qwen3moe"])
def test_texts_of_a_batch_do_not_touch_each_other(tmp_path: Path, name: str) -> None:
    """Two texts, the second padded on the left, then one more token each from the state, rows swapped by beam_idx."""
    import openvino

    tokens, places, wanted = FAMILIES[name].recorded()
    folder = converters.convert(FAMILIES[name].write(tmp_path / name), tmp_path / "out", to="openvino", type="f32").path
    length, shorter = len(tokens), 60
    batch, mask, positions = (np.zeros((2, length), np.int64) for _ in range(3))
    for row, size in enumerate((length, shorter)):
        batch[row, length - size :], mask[row, length - size :] = tokens[:size], 1
        positions[row, length - size :] = np.arange(size)
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32", "INFERENCE_NUM_THREADS": "1"}
    with stack_kept():
        request = core.compile_model(folder / "openvino_model.xml", "CPU", settings).create_infer_request()

    def logits(part: slice, order: list[int]) -> np.ndarray:
        feeds = {"input_ids": batch[order, part], "attention_mask": mask[order, : part.stop]}
        feeds |= {"position_ids": positions[order, part], "beam_idx": np.array(order, np.int32)}
        request.infer(feeds)
        return np.array(request.get_tensor("logits").data)[np.argsort(order)]

    before, last = logits(slice(0, length - 1), [0, 1]), logits(slice(length - 1, length), [1, 0])
    found = np.concatenate([before, last], axis=1)
    for row, size in enumerate((length, shorter)):
        held = places < size
        assert held.sum() > 5
        assert np.abs(found[row, length - size :][places[held]] - wanted[held]).max() <= 1e-5 * np.abs(wanted).max()


def test_its_own_tokenizer_gives_the_same_tokens(artifact: Artifact) -> None:
    import openvino
    import openvino_tokenizers  # noqa: F401 - adds the operations

    core = openvino.Core()
    encode = core.compile_model(core.read_model(artifact.path / "openvino_tokenizer.xml"), "CPU")
    decode = core.compile_model(core.read_model(artifact.path / "openvino_detokenizer.xml"), "CPU")
    texts = [text for text in TEXTS if "\0" not in text and "<|" not in text] + [held_out("cs")[:2000]]
    assert len(texts) == 6
    with runners.load("tiny", backend="onnxruntime") as runner:
        for text in texts:
            tokens = encode([text])["input_ids"]
            assert tokens[0].tolist() == runner.tokenize(text)
            assert decode(tokens)["string_output"][0] == text


@pytest.mark.parametrize(
    ("kind", "options", "types", "bound"),
    [
        ("f16", {}, {"f16"}, 1e-4),
        ("int8", {}, {"u8", "f16"}, 2e-3),
        ("int8", {"symmetric": True}, {"i8", "f16"}, 2e-3),
        ("int4", {}, {"u4", "u8", "f16"}, 0.1),
        ("int4", {"symmetric": True, "group_size": 32}, {"i4", "u8", "f16"}, 0.1),
    ],
)
def test_weights_have_the_type_asked_for(
    tmp_path: Path, kind: str, options: dict[str, Any], types: set[str], bound: float
) -> None:
    artifact = converters.convert("tiny", tmp_path / "m", to="openvino", type=kind, **options)
    assert stored(artifact.path).keys() <= types
    assert (types - {"f16"}).issubset(stored(artifact.path))
    assert 0 < divergence(artifact.path) <= bound


def test_the_ratio_is_the_share_of_four_bits(tmp_path: Path) -> None:
    shares = []
    for ratio in (0.3, 0.9):
        artifact = converters.convert("tiny", tmp_path / "m", to="openvino", type="int4", group_size=32, ratio=ratio)
        found = stored(artifact.path)
        shares.append(found["u4"] / (found["u4"] + found["u8"]))
    assert 0.05 < shares[0] < shares[1] - 0.2


def test_a_text_to_calibrate_with_brings_it_nearer(tmp_path: Path, calibration: Path) -> None:
    options = {"to": "openvino", "type": "int4", "group_size": 32, "ratio": 0.5}
    plain = divergence(converters.convert("tiny", tmp_path / "plain", **options).path)
    artifact = converters.convert("tiny", tmp_path / "aware", calibration=calibration, **options)
    assert list(artifact.manifest()["source"]["options"]["calibration"]) == ["calibration.txt"]
    assert 0 < divergence(artifact.path) < plain


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("f16", {"symmetric": True}, "symmetric is True for f16; expected none, or int8 or int4"),
        ("int8", {"ratio": 0.5}, "ratio is 0.5 for int8; expected none, or int4"),
        ("int8", {"group_size": 32}, "group_size is 32 for int8; expected none, or int4"),
        ("int4", {"ratio": 1.5}, "ratio is 1.5; expected 0 to 1"),
        ("int4", {"group_size": 1}, "group_size is 1; expected 2 or more"),
        ("int4", {"group_size": 100}, "group_size is 100, which does not divide the rows"),
        ("int4", {"bits": 4}, "converter openvino has no option 'bits'"),
        ("q4_0", {}, "unknown type 'q4_0' for openvino"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, kind: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        converters.convert("tiny", tmp_path / "m", to="openvino", type=kind, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "message"), [("", "the calibration text is empty"), (None, "no such file")])
def test_a_text_that_cannot_be_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "text.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=message):
        converters.convert("tiny", tmp_path / "m", to="openvino", type="int4", calibration=path)
    assert not (tmp_path / "m").exists()


def test_where_a_package_is_missing_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(type(converters.registry.get("openvino")), "requires", ("missing_package",))
    with pytest.raises(CannotRun, match=r"missing_package is not installed\nremedy: .* pip install '\.\[openvino\]'"):
        converters.convert("tiny", tmp_path / "m", to="openvino")
