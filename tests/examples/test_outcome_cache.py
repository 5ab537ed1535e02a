"""Verdicts are taken over only while nothing has changed that they depend on."""

import json
import os

import pytest

from edgedocs.examples import outcome_cache
from edgedocs.examples.verdicts import Verdict
from tests.examples.conftest import OUTPUT
from tests.requirements import require

PAGE = '# A\n\n```python {#x facts="n"}\n--8<-- "a/x.py"\n```\n\n' + OUTPUT


@pytest.fixture
def verified(site):
    """A documentation whose one example has verified, so that its verdict is kept."""
    site.write("snippets/a/x.py", "n = 1\nprint('one')\n")
    site.page(PAGE)
    assert site.pytest("docs", "--update-outputs").returncode == 0
    return site


def cached(site, *arguments):
    result = site.pytest("docs", *arguments)
    assert result.returncode == 0, result.stdout
    return (
        "1 verified (1 passed, 0 environment, 0 failed)" in result.stdout,
        "1 verdicts from the cache" in result.stdout,
    )


def test_an_example_that_passed_is_not_run_again(verified):
    assert cached(verified) == (True, True)
    assert cached(verified) == (True, True)


def test_recording_always_runs(site):
    site.write("snippets/a/x.py", "n = 1\nprint('one')\n")
    site.page(PAGE)
    assert "0 verdicts from the cache" in site.pytest("docs", "--update-outputs").stdout
    assert "0 verdicts from the cache" in site.pytest("docs", "--update-outputs").stdout


def test_no_cache_runs_everything(verified):
    assert cached(verified, "--no-cache") == (True, False)
    assert cached(verified) == (True, True)


def test_workers_share_the_verdicts(verified):
    require("xdist")
    assert cached(verified, "-n", "2") == (True, True)


def test_a_changed_snippet_runs(verified):
    verified.write("snippets/a/x.py", "n = 1\nprint('on' + 'e')\n")
    assert cached(verified) == (True, False)


def test_a_changed_output_fails(verified):
    verified.write("snippets/a/x.out", "two\n")
    result = verified.pytest()
    assert result.returncode == 1
    assert "a#x" in result.stdout


def test_a_failure_is_never_taken_over(verified):
    verified.write("snippets/a/x.py", "n = 1\nprint('two')\n")
    for _ in range(2):
        result = verified.pytest()
        assert result.returncode == 1
        assert "0 verdicts from the cache" in result.stdout


def test_an_own_model_is_never_cached(verified, monkeypatch):
    monkeypatch.setenv("EDGEDOCS_MODEL", str(verified.root))
    for _ in range(2):
        result = verified.pytest()
        assert "1 verified (1 passed, 0 environment, 0 own-model, 0 failed)" in result.stdout
        assert "0 verdicts from the cache" in result.stdout


@pytest.mark.parametrize("damage", ["", "[]", '{"a#x": 3}', '{"a#x": {"name": "passed", "key": 1}}', "{"])
def test_a_damaged_cache_is_no_cache(verified, damage):
    (file,) = verified.root.rglob("verdicts")
    file.write_text(damage, encoding="utf-8")
    assert cached(verified) == (True, False)


def test_a_verdict_that_was_changed_by_hand_must_still_fit_the_key(verified):
    (file,) = verified.root.rglob("verdicts")
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["a#x"]["key"] = "0" * 64
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert cached(verified) == (True, False)


@pytest.mark.parametrize("name", ["failed", "not-run", "own-model", "unverified", "shown"])
def test_only_what_was_verified_is_taken_over(name):
    assert outcome_cache.reusable({"name": name, "key": "k"}, "k") is None
    assert outcome_cache.reusable({"name": "passed", "key": "k", "seconds": 1.5}, "k") == Verdict("passed", None, 1.5)
    assert outcome_cache.reusable({"name": "passed", "key": "other"}, "k") is None


def test_the_fingerprint_sees_content_and_packages(tmp_path):
    package, folder = tmp_path / "package", tmp_path / "installed"
    (package / "data").mkdir(parents=True)
    (folder / "thing-1.0.dist-info").mkdir(parents=True)
    (package / "code.py").write_text("x = 1")
    (package / "data" / "weights").write_bytes(b"abc")
    seen = [outcome_cache.fingerprint(package, (str(folder),))]
    (package / "code.pyc").write_bytes(b"compiled")
    assert outcome_cache.fingerprint(package, (str(folder), str(tmp_path / "missing"))) == seen[0]
    status = (package / "data" / "weights").stat()
    (package / "data" / "weights").write_bytes(b"abd")
    os.utime(package / "data" / "weights", ns=(status.st_atime_ns, status.st_mtime_ns))
    seen.append(outcome_cache.fingerprint(package, (str(folder),)))
    (package / "code.py").rename(package / "other.py")
    seen.append(outcome_cache.fingerprint(package, (str(folder),)))
    (folder / "thing-1.0.dist-info").rename(folder / "thing-1.1.dist-info")
    seen.append(outcome_cache.fingerprint(package, (str(folder),)))
    assert len(set(seen)) == len(seen)
