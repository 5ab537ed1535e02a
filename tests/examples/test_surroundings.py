"""What an outcome depends on beside its example: a change of any of it is seen."""

import json
import os
import sys

import pytest

from edgedocs.examples import surroundings as module
from edgedocs.examples.surroundings import (
    distributions,
    editable_roots,
    program_stamp,
    surroundings,
    tree_digest,
    variables,
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in place of ``edgedocs``."""
    folder = tmp_path / "edgedocs"
    (folder / "tiny").mkdir(parents=True)
    (folder / "code.py").write_text("x = 1\n")
    (folder / "tiny" / "weights").write_bytes(b"abc")
    monkeypatch.setattr(module, "PACKAGE", folder)
    return folder


def test_they_are_the_same_while_nothing_changes(package):
    before = surroundings()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "code.cpython-311.pyc").write_bytes(b"compiled")
    assert surroundings() == before


def test_the_content_of_the_package_counts_with_its_data(package):
    seen = [surroundings()]
    (package / "code.py").write_text("x = 2\n")
    seen.append(surroundings())
    (package / "tiny" / "weights").write_bytes(b"abd")
    seen.append(surroundings())
    (package / "code.py").rename(package / "other.py")
    seen.append(surroundings())
    (package / "tiny" / "weights").unlink()
    seen.append(surroundings())
    assert len(set(seen)) == len(seen)


def test_content_counts_when_size_and_time_of_change_stay(package):
    path = package / "tiny" / "weights"
    status = path.stat()
    before = surroundings()
    path.write_bytes(b"abd")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert surroundings() != before


def test_large_data_of_the_package_count_whole(package, monkeypatch):
    monkeypatch.setattr(module, "_LARGE", 2)
    test_content_counts_when_size_and_time_of_change_stay(package)


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (sys, "version", "3.99.0"),
        (sys, "prefix", "/elsewhere"),
        (module.platform, "machine", lambda: "riscv128"),
        (module, "_processor", lambda: "another processor"),
        (module, "distributions", lambda: ["numpy-9.9.dist-info 1"]),
    ],
)
def test_python_machine_and_packages_count(package, monkeypatch, owner, name, value):
    before = surroundings()
    monkeypatch.setattr(owner, name, value)
    assert surroundings() != before


def test_environment_variables_count(package, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = surroundings()
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert surroundings() != before


@pytest.mark.parametrize(
    "name", ["ORT_SESSION_THREADS", "CONTEXT_WINDOW", "HISTOGRAM_BINS", "MAKE_MODEL", "XDG_DATA_HOME"]
)
def test_a_variable_that_sounds_like_a_terminals_counts(monkeypatch, name):
    before = variables()
    monkeypatch.setenv(name, "anything")
    assert variables() != before


def test_terminals_and_runs_do_not_count(monkeypatch):
    before = variables()
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "SSH_AUTH_SOCK", "TERM", "SHLVL", "PWD", "COLUMNS"):
        monkeypatch.setenv(name, "anything")
    for name in ("XDG_SESSION_ID", "WINDOWID", "MAKEFLAGS", "LS_COLORS", "PYTHONHASHSEED", "TMPDIR"):
        monkeypatch.setenv(name, "anything")
    assert variables() == before


def test_a_version_and_an_installation_count(tmp_path):
    folder = tmp_path / "site-packages"
    (folder / "thing-1.0.dist-info").mkdir(parents=True)
    (folder / "thing").mkdir()
    first = distributions([str(folder)])
    assert [line.split()[0] for line in first] == ["thing-1.0.dist-info"]
    os.utime(folder / "thing-1.0.dist-info", ns=(1, 1))
    installed_again = distributions([str(folder)])
    (folder / "thing-1.0.dist-info").rename(folder / "thing-1.1.dist-info")
    assert len({str(first), str(installed_again), str(distributions([str(folder)]))}) == 3


def test_the_packages_here_are_seen():
    names = " ".join(distributions())
    assert "pytest-" in names
    assert "sybil-" in names


@pytest.fixture
def editable(tmp_path):
    """A folder of installed packages, of which one is installed for editing, and that one's source."""
    source = tmp_path / "my project"
    for name in ("mine/__init__.py", "mine/data.bin", "tests/__init__.py", "docs/conf.py", "tool.py", ".venv/a.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    info = tmp_path / "site-packages" / "mine-1.0.dist-info"
    info.mkdir(parents=True)
    document = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(document))
    return tmp_path


def test_packages_installed_for_editing_count_with_their_content(editable):
    roots = editable_roots([str(editable / "site-packages")])
    source = editable / "my project"
    assert roots == [source / "mine", source / "tool.py"]
    before = [tree_digest(root) for root in roots]
    (source / "mine" / "data.bin").write_text("other")
    (source / "tool.py").write_text("other")
    assert not set(before) & {tree_digest(root) for root in roots}


def test_packages_in_a_source_folder_are_found(editable):
    source = editable / "my project"
    (source / "src" / "space" / "part").mkdir(parents=True)
    roots = editable_roots([str(editable / "site-packages")])
    assert source / "src" / "space" in roots


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "file:///x"}', '{"url": 1, "dir_info": {"editable": true}}'])
def test_other_packages_and_damage_are_passed_over(editable, text):
    (editable / "site-packages" / "mine-1.0.dist-info" / "direct_url.json").write_text(text)
    assert editable_roots([str(editable / "site-packages")]) == []


def test_a_program_is_told_from_its_next_version(tmp_path):
    program = tmp_path / "tool"
    program.write_text("one")
    before = program_stamp(str(program))
    program.write_text("another")
    assert program_stamp(str(program)) != before
    assert program_stamp("no/such/program") == "no/such/program"


def test_a_file_that_cannot_be_read_is_no_error(tmp_path):
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert tree_digest(tmp_path)
