"""The lock files hold what pyproject.toml asks for, by hash, and name no place to get it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.tasks.environment import COMPILED
from tools.tasks.locks import FROM_EXTRAS, FROM_FILES, UNLOCKED, reference_requirements

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted([*FROM_EXTRAS, *FROM_FILES, "reference"])


def entries(name: str) -> dict[str, list[Requirement]]:
    """The pinned requirements of a lock file by package; one package may have several, with markers."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line)
            assert hashes, f"no hash: {line}"
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value.strip()) for value in hashes)
            pinned = Requirement(requirement)
            found.setdefault(pinned.name, []).append(pinned)
    return found


def version(requirement: Requirement) -> Version:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return Version(specifier.version)


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    """The base requirements and those of extras; an extra may name others."""
    requirements = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    pending = list(extras)
    for extra in pending:
        for text in PROJECT["project"]["optional-dependencies"][extra]:
            requirement = Requirement(text)
            if requirement.name == PROJECT["project"]["name"]:
                pending.extend(requirement.extras - set(pending))
            else:
                requirements.append(requirement)
    return requirements


def assert_satisfied(requirements: list[Requirement], lock: str) -> None:
    locked = entries(lock)
    for requirement in requirements:
        assert requirement.name in locked, f"locks/{lock}.txt lacks {requirement}; run tools/dev.py lock"
        for pinned in locked[requirement.name]:
            assert version(pinned) in requirement.specifier, f"locks/{lock}.txt: {pinned} is not {requirement}"


@pytest.mark.parametrize("lock", FROM_EXTRAS)
def test_extras_are_locked(lock: str) -> None:
    assert_satisfied(wanted(FROM_EXTRAS[lock]), lock)


@pytest.mark.parametrize("lock", FROM_FILES)
def test_files_are_locked(lock: str) -> None:
    lines = (ROOT / "locks" / f"{lock}.in").read_text(encoding="utf-8").splitlines()
    assert_satisfied([Requirement(line) for line in lines if line and not line.startswith("#")], lock)


def test_reference_is_locked_but_for_torch() -> None:
    requirements = [Requirement(text) for text in reference_requirements(ROOT)]
    assert [requirement.name for requirement in requirements] == ["transformers"]
    assert_satisfied(requirements, "reference")


def test_build_backend_is_the_locked_one() -> None:
    assert_satisfied([Requirement(text) for text in PROJECT["build-system"]["requires"]], "build")


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_address(lock: str) -> None:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_agree(lock: str) -> None:
    everything = entries("all")
    for name, requirements in entries(lock).items():
        if name in everything:
            assert set(map(version, requirements)) <= set(map(version, everything[name]))


@pytest.mark.parametrize("lock", LOCKS)
def test_torch_stays_out(lock: str) -> None:
    assert not {UNLOCKED, "triton", "nvidia-cublas"} & set(entries(lock))


def test_the_site_needs_no_compiler_and_no_backend() -> None:
    assert not {COMPILED, "cmake", "ninja", "numba"} & set(entries("site"))


def test_torch_is_pinned_to_one_version_within_what_the_extra_allows() -> None:
    lines = (ROOT / "locks" / "torch.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = [Requirement(line) for line in lines if line and not line.startswith("#")]
    extra = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["reference"]]
    (asked,) = [requirement for requirement in extra if requirement.name == UNLOCKED]
    assert version(pin) in asked.specifier
