from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.folders import atomic_folder

OURS = frozenset({"a", "b"})


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "new", OURS) as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new" / "a").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("present", [[], ["a"], ["a", "b"]])
def test_a_folder_of_ours_is_replaced(tmp_path: Path, present: list[str]) -> None:
    (tmp_path / "new").mkdir()
    for name in present:
        (tmp_path / "new" / name).write_text("old")
    with atomic_folder(tmp_path / "new", OURS) as folder:
        (folder / "b").write_text("new")
    assert {path.name: path.read_text() for path in (tmp_path / "new").iterdir()} == {"b": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_appeared_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="something else here already"), atomic_folder(tmp_path / "new", OURS):
        (tmp_path / "new").write_text("mine")
    assert (tmp_path / "new").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_failed_move_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a").write_text("old")
    rename = Path.rename

    def fail_for_the_new_one(self: Path, target: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise OSError("no space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(CannotRun, match="cannot write: no space"), atomic_folder(tmp_path / "new", OURS):
        pass
    assert (tmp_path / "new" / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "there", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets no one make links")
    with pytest.raises(BadInput, match="something else here already"), atomic_folder(tmp_path / "link", OURS):
        pass
