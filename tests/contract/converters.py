"""The kit that every converter must pass: a test class derives from ConverterContract and gives the name."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgedocs.artifact import Artifact
from edgedocs.converters import convert, registry
from edgedocs.core.errors import BadInput, CannotRun
from tests.reference_folder import REFERENCE, copy_of_reference

SUFFIXES = {"gguf": ".gguf"} | dict.fromkeys(("mlx", "onnx", "openvino", "ort_genai", "qnn", "safetensors"), "")
SLOW = """
import sys, time
from edgedocs import converters

def stall(done, total):
    print(done, total, flush=True)
    if 3 * done > total:
        time.sleep(600)

converters.convert("tiny", sys.argv[1], to=sys.argv[2], progress=stall)
"""


@contextmanager
def stalled_conversion(name: str, target: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has written a third of ``target`` and waits."""
    command = [sys.executable, "-c", SLOW, str(target), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                done, total = map(int, line.split())
                if 3 * done > total:
                    break
            else:
                pytest.fail("the conversion ended before it could be killed")
            yield process
        finally:
            process.kill()


class ConverterContract:
    """What every converter does alike, on the reference folder."""

    @pytest.fixture
    def target(self, name: str, tmp_path: Path) -> Path:
        (tmp_path / "out").mkdir()
        return tmp_path / "out" / f"model{SUFFIXES[name]}"

    def test_it_is_registered_under_its_name(self, name: str) -> None:
        converter = registry.get(name)
        assert converter.name == name
        assert converter.default_type in converter.types
        assert converter.checked_type(None) == converter.default_type
        assert converter.checked_type(converter.default_type.upper()) == converter.default_type

    def test_every_type_is_written_recorded_and_repeatable(self, name: str, target: Path) -> None:
        """Or refused for a reason that lies in the model, not in the converter."""
        written = []
        for kind in registry.get(name).types:
            try:
                artifact = convert(REFERENCE, target, to=name, type=kind)
            except BadInput as error:
                if not re.search("needs importance|does not fit rows|needs a calibration text", str(error)):
                    raise
                continue
            written.append(kind)
            assert (artifact.path, artifact.format, artifact.recipe) == (target, name, kind)
            assert Artifact.describe(target) == artifact
            assert artifact.manifest()["source"]["name"] == REFERENCE.name
            assert convert(REFERENCE, target, to=name, type=kind).sha256 == artifact.sha256
        assert registry.get(name).default_type in written
        assert len(written) > len(registry.get(name).types) / 2
        assert sorted(path.name for path in target.parent.iterdir()) == [target.name, f"{target.name}.manifest.json"]

    def test_an_unknown_type_is_refused(self, name: str, target: Path) -> None:
        with pytest.raises(BadInput, match=f"unknown type 'q9_9' for {name}; expected one of"):
            convert(REFERENCE, target, to=name, type="q9_9")
        assert not target.exists()

    def test_an_unknown_option_is_refused(self, name: str, target: Path) -> None:
        with pytest.raises(BadInput, match=f"converter {name} has no option 'bogus'; expected"):
            convert(REFERENCE, target, to=name, bogus=1)
        assert not target.exists()

    def test_progress_rises_to_the_total(self, name: str, target: Path) -> None:
        seen: list[tuple[int, int]] = []
        convert(REFERENCE, target, to=name, progress=lambda done, total: seen.append((done, total)))
        assert len(seen) > 10
        assert seen == sorted(seen)
        assert len({total for _, total in seen}) == 1
        assert seen[-1][0] == seen[-1][1]

    def test_a_failure_leaves_nothing_behind(self, name: str, target: Path) -> None:
        def fail(done: int, total: int) -> None:
            raise RuntimeError("on purpose")

        with pytest.raises(RuntimeError, match="on purpose"):
            convert(REFERENCE, target, to=name, progress=fail)
        assert list(target.parent.iterdir()) == []

    def test_a_killed_conversion_leaves_no_half_written_target(self, name: str, target: Path) -> None:
        with stalled_conversion(name, target) as process:
            during = list(target.parent.iterdir())
            process.kill()
            process.wait(timeout=30)
        assert process.returncode != 0
        assert len(during) == 1, "the conversion writes beside its target, so that it can be renamed"
        assert during[0].name.startswith(f".{target.name}.")
        assert not target.exists()

    def test_a_killed_conversion_leaves_what_was_there(self, name: str, target: Path) -> None:
        old = convert(REFERENCE, target, to=name)
        with stalled_conversion(name, target) as process:
            process.kill()
            process.wait(timeout=30)
        assert Artifact.describe(target) == old

    def test_cut_off_weights_are_refused(self, name: str, target: Path, tmp_path: Path) -> None:
        folder = copy_of_reference(tmp_path, "cut")
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1])
        with pytest.raises(BadInput) as caught:
            convert(folder, target, to=name)
        assert str(weights) in str(caught.value)
        assert list(target.parent.iterdir()) == []

    def test_a_missing_folder_cannot_be_written_to(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(CannotRun):
            convert(REFERENCE, tmp_path / "none" / f"model{SUFFIXES[name]}", to=name)
