import shutil
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs import converters
from edgedocs.artifact import Artifact
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, ValueType
from edgedocs.containers.gguf_split import SplitLimit, open_gguf, parse_size, part_name, sibling_parts
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.converters.gguf import quantize
from edgedocs.core.errors import BadInput
from tests.reference_folder import REFERENCE
from tests.requirements import require


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converters.convert(REFERENCE, tmp_path_factory.mktemp("whole") / "m.gguf", type="q8_0").path


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    artifact = converters.convert(REFERENCE, tmp_path / "m.gguf", type="q8_0", split=SplitLimit(tensors=12))
    assert artifact.path == tmp_path / "m-00001-of-00003.gguf"
    return sorted(tmp_path.glob("*.gguf"))


def contents(file: GGUFFile) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (one.type, one.shape, one.data.tobytes()) for name, one in file.tensors.items()}


def test_parts_are_found_from_any_of_them_and_are_the_whole(whole: Path, parts: list[Path]) -> None:
    assert [path.name for path in parts] == [part_name("m", number, 3) for number in (1, 2, 3)]
    expected = open_gguf(whole)
    for path in parts:
        found = open_gguf(path)
        assert list(contents(found).items()) == list(contents(expected).items())
        assert found.fields == expected.fields
        assert (found.path, list(found.parts)) == (parts[0], parts)


def test_llama_cpp_loads_the_parts_and_computes_the_same(whole: Path, parts: list[Path]) -> None:
    require("llama_cpp")
    from edgedocs import runners

    tokens = list(range(1, 20))
    with runners.load(whole, backend="llama_cpp") as one, runners.load(parts[1], backend="llama_cpp") as several:
        np.testing.assert_array_equal(one.logits(tokens), several.logits(tokens))


def test_parts_of_the_gguf_package_are_read_and_have_our_names_and_keys(tmp_path: Path, parts: list[Path]) -> None:
    writer = gguf.GGUFWriter(tmp_path / "theirs.gguf", "llama", split_max_tensors=2)
    tensors = {f"t{number}": np.full((2, 3), number, np.float32) for number in range(5)}
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = open_gguf(tmp_path / "theirs-00002-of-00003.gguf")
    assert found.metadata == {"general.architecture": "llama"}
    assert {name: one.data.view(np.float32)[0, 0] for name, one in found.tensors.items()} == {
        f"t{number}": number for number in range(5)
    }
    for number, path in enumerate(parts):
        ours, theirs = GGUFFile.open(path), GGUFFile.open(tmp_path / part_name("theirs", number + 1, 3))
        keys = ("split.no", "split.count", "split.tensors.count")
        assert [ours.fields[key].type for key in keys] == [theirs.fields[key].type for key in keys]
        assert [ours.fields[key].value for key in keys] == [number, 3, 30]
        assert [theirs.fields[key].value for key in keys] == [number, 3, 5]


def test_what_fits_is_one_file(whole: Path, tmp_path: Path) -> None:
    artifact = converters.convert(REFERENCE, tmp_path / "m.gguf", type="q8_0", split=SplitLimit(size=10**9))
    assert artifact.path == tmp_path / "m.gguf"
    assert artifact.path.read_bytes() == whole.read_bytes()


def test_splitting_and_joining_gives_the_same_bytes(whole: Path, parts: list[Path], tmp_path: Path) -> None:
    joined = quantize(parts[2], tmp_path / "joined.gguf", "copy")
    assert joined.path.read_bytes() == whole.read_bytes()
    again = quantize(whole, tmp_path / "again.gguf", "copy", split=SplitLimit(tensors=12))
    assert [path.read_bytes() for path in sorted(tmp_path.glob("again-*.gguf"))] == [one.read_bytes() for one in parts]
    assert again.manifest()["source"]["files"] == {"m.gguf": Artifact.describe(whole).sha256}
    assert joined.manifest()["source"]["files"].keys() == {path.name for path in parts}


def test_a_model_in_parts_is_described_as_one(parts: list[Path]) -> None:
    artifact = Artifact.describe(parts[0])
    assert artifact.recipe == "q8_0"
    assert artifact.size_bytes == sum(path.stat().st_size for path in parts)
    parts[2].write_bytes(parts[2].read_bytes()[:-1])
    assert Artifact.describe(parts[0]).sha256 != artifact.sha256


def test_parts_are_not_written_over_their_source(parts: list[Path]) -> None:
    before = [path.read_bytes() for path in parts]
    with pytest.raises(BadInput, match="source and target are the same file"):
        quantize(parts[0], parts[0].with_name("m.gguf"), "copy", split=SplitLimit(tensors=12))
    assert [path.read_bytes() for path in parts] == before


def test_only_gguf_is_split(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="onnx is not split"):
        converters.convert(REFERENCE, tmp_path / "m", to="onnx", split=SplitLimit(tensors=1))


def test_a_missing_part(parts: list[Path]) -> None:
    parts[1].unlink()
    with pytest.raises(BadInput, match="part 2 of 3 is missing") as caught:
        open_gguf(parts[0])
    assert caught.value.where == str(parts[1])


def test_a_part_that_is_a_copy_of_another_or_links_to_it(parts: list[Path]) -> None:
    shutil.copyfile(parts[0], parts[1])
    with pytest.raises(BadInput, match=r"split\.no and split\.count are \(0, 3\), its name says \(1, 3\)"):
        open_gguf(parts[0])
    parts[1].unlink()
    parts[1].symlink_to(parts[0])
    with pytest.raises(BadInput, match=r"its name says \(1, 3\)"):
        open_gguf(parts[2])


@pytest.mark.parametrize("name", ["other.gguf", "m-00001-of-00002.gguf", "m-1-of-3.gguf", "-00001-of-00003.gguf"])
def test_a_part_that_is_called_otherwise(parts: list[Path], name: str) -> None:
    with pytest.raises(BadInput, match="says that it is one of 3 parts"):
        open_gguf(parts[0].rename(parts[0].with_name(name)))


def split(number: object, count: object, total: object) -> dict[str, Field]:
    kinds = (ValueType.UINT16, ValueType.UINT16, ValueType.INT32)
    values = zip(("split.no", "split.count", "split.tensors.count"), kinds, (number, count, total), strict=True)
    return {key: Field(kind, value) for key, kind, value in values}


def write(path: Path, fields: dict[str, Field], *names: str) -> Path:
    write_gguf(path, fields, [PlannedTensor(name, "F32", (1,), lambda: np.zeros(4, np.uint8)) for name in names])
    return path


@pytest.mark.parametrize(
    ("second", "names", "message"),
    [
        (split(1, 2, 2), ("a",), "tensor 'a' is in an earlier part too"),
        (split(1, 2, 2), ("b", "c"), "split.tensors.count is 2, and the parts hold 3 tensors"),
        (split(1, 3, 2), ("b",), r"are \(1, 3\), its name says \(1, 2\)"),
        (split([1], 2, 2), ("b",), r"are \(\[1\], 2\)"),
        ({}, ("b",), r"are \(None, None\)"),
    ],
)
def test_parts_that_contradict_each_other(
    tmp_path: Path, second: dict[str, Field], names: tuple[str, ...], message: str
) -> None:
    first = write(tmp_path / "m-00001-of-00002.gguf", split(0, 2, 2), "a")
    write(tmp_path / "m-00002-of-00002.gguf", second, *names)
    with pytest.raises(BadInput, match=message):
        open_gguf(first)


@pytest.mark.parametrize("count", [0, 2**16 - 1, [2], [0] * 50])
def test_a_count_that_cannot_be(tmp_path: Path, count: object) -> None:
    with pytest.raises(BadInput, match="says that it is one of"):
        open_gguf(write(tmp_path / "m-00001-of-00002.gguf", split(0, count, 1), "a"))


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=30),
    st.integers(1, 100) | st.none(),
    st.integers(1, 6) | st.none(),
)
def test_parts_keep_the_order_and_the_limits(sizes: list[int], size: int | None, tensors: int | None) -> None:
    planned = [PlannedTensor(str(number), "I8", (size,), bytes) for number, size in enumerate(sizes)]
    parts = SplitLimit(size, tensors).divide(planned)
    assert [one for part in parts for one in part] == planned
    for part in parts:
        assert part
        assert tensors is None or len(part) <= tensors
        assert size is None or len(part) == 1 or sum(one.nbytes for one in part) <= size


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("3K", 3000), ("500M", 5 * 10**8), ("2G", 2 * 10**9)])
def test_sizes(text: str, value: int) -> None:
    assert parse_size(text) == value


@pytest.mark.parametrize("text", ["", "0", "M", "1.5G", "-1G", "1g", "1GB", "१", "9" * 20])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(BadInput, match="the size"):
        parse_size(text)


def test_limits_that_cannot_be() -> None:
    with pytest.raises(BadInput, match="a part of at most 0"):
        SplitLimit(tensors=0)


@pytest.mark.parametrize("name", ["a.gguf", "a-00000-of-00002.gguf", "a-00003-of-00002.gguf", "a-00001-of-00002.bin"])
def test_what_is_called_otherwise_is_no_part(name: str) -> None:
    assert sibling_parts(Path(name)) == (Path(name),)
