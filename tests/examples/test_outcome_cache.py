"""Verdicts are taken over only while nothing has changed that they depend on."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from edgedocs.examples import outcome_cache, surroundings, verdicts
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
    assert cached(site) == (True, False)
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


def test_recording_always_runs_and_vouches_for_nothing(site):
    """What is not the same each time fails at the next run, as it would without a cache."""
    site.write("snippets/a/x.py", "import random\nn = 1\nprint(random.random())\n")
    site.page(PAGE)
    assert "0 verdicts from the cache" in site.pytest("docs", "--update-outputs").stdout
    assert "0 verdicts from the cache" in site.pytest("docs", "--update-outputs").stdout
    assert site.pytest().returncode == 1


def test_it_is_said_of_each_example(verified):
    assert "docs/a.md::a#x PASSED (cached)" in verified.pytest("docs", "-vv").stdout
    assert "(cached)" not in verified.pytest("docs", "-vv", "--no-cache").stdout


def test_no_cache_runs_everything(verified):
    assert cached(verified, "--no-cache") == (True, False)
    assert cached(verified) == (True, True)


def test_workers_share_the_verdicts(verified):
    require("xdist")
    assert cached(verified, "-n", "2") == (True, True)


def test_workers_fill_the_cache(verified):
    require("xdist")
    verified.write("snippets/a/x.py", "n = 1\nprint('on' + 'e')\n")
    assert cached(verified, "-n", "2") == (True, False)
    assert cached(verified) == (True, True)


@pytest.mark.parametrize("arguments", [["docs/a.md::a#x"], ["docs", "-k", "x"], ["docs", "--lf"], ["docs/a.md"]])
def test_chosen_examples_are_taken_over(verified, arguments):
    result = verified.pytest(*arguments)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
    assert "1 verdicts from the cache" in result.stdout


def test_the_others_are_kept_when_one_runs(verified):
    verified.page("```python {#y}\n1\n```\n", "b")
    assert "1 verdicts from the cache" in verified.pytest("docs/b.md", "docs/a.md::a#x").stdout
    verified.write("snippets/a/x.py", "n = 1\nprint('on' + 'e')\n")
    assert "0 verdicts from the cache" in verified.pytest("docs/a.md").stdout
    assert "2 verdicts from the cache" in verified.pytest().stdout


def test_sessions_at_the_same_time_do_no_harm(verified):
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: verified.pytest("docs", "--no-cache"), range(4)))
    assert [result.returncode for result in results] == [0] * 4
    assert list(json.loads(verified.read(".pytest_cache/v/edgedocs/verdicts"))) == ["a#x"]
    assert cached(verified) == (True, True)


def test_a_failure_without_the_cache_counts_with_it(verified):
    """What the key does not cover, such as a file of an absolute path, is found out by a run without the cache."""
    verified.write("outside", "one")
    verified.write("snippets/a/x.py", f"n = 1\nprint(open({str(verified.root / 'outside')!r}).read())\n")
    assert cached(verified) == (True, False)
    verified.write("outside", "two")
    assert verified.pytest("docs", "--no-cache").returncode == 1
    assert verified.pytest().returncode == 1


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace('facts="n"', 'facts="n" title="X"'),
        PAGE.replace('facts="n"', 'facts="n" time-limit="20" reason="it is slow"'),
        PAGE + '\n```text {output-of="x"}\none\n```\n',
        PAGE.replace('--8<-- "a/x.py"', "n = 1\nprint('one')"),
    ],
    ids=["title", "limit", "output", "place"],
)
def test_a_changed_block_runs(verified, page):
    verified.page(page)
    assert cached(verified) == (True, False)
    assert cached(verified) == (True, True)


def test_code_on_the_page_runs_when_its_lines_move(verified):
    verified.page(PAGE.replace('--8<-- "a/x.py"', "n = 1\nprint('one')"))
    assert cached(verified) == (True, False)
    verified.page("new\n\n" + verified.read("docs/a.md"))
    assert cached(verified) == (True, False)


def test_a_changed_record_fails(verified):
    facts = json.loads(verified.read("snippets/a/x.facts.json"))
    facts["n"]["value"] = 2
    verified.write("snippets/a/x.facts.json", json.dumps(facts))
    assert verified.pytest().returncode == 1


def test_a_changed_file_fails(site):
    site.python("open('t.txt', 'w').write('one')\n", 'files="t.txt"')
    for arguments in (["--update-outputs"], [], []):
        result = site.pytest("docs", *arguments)
        assert result.returncode == 0, result.stdout
    assert "1 verdicts from the cache" in result.stdout
    site.write("snippets/a/t.txt", "two")
    assert site.pytest().returncode == 1


def test_another_environment_runs(verified, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert cached(verified) == (True, False)
    assert cached(verified) == (True, True)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert cached(verified) == (True, False)


def test_a_changed_library_runs(verified, tmp_path, monkeypatch):
    library = tmp_path / "library"
    shutil.copytree(surroundings.PACKAGE, library / "edgedocs", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("PYTHONPATH", str(library))
    cached(verified)
    assert cached(verified) == (True, True)
    weights = library / "edgedocs" / "tiny" / "model.safetensors"
    status, data = weights.stat(), bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert cached(verified) == (True, False)
    assert cached(verified) == (True, True)
    (library / "edgedocs" / "__main__.py").write_text("")
    assert cached(verified) == (True, False)


def test_another_version_of_a_program_runs(site, tmp_path, monkeypatch):
    if os.name != "posix":
        pytest.skip("the program of this test is a script")
    program = site.write("bin/greet", "#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{site.root / 'bin'}{os.pathsep}{os.environ['PATH']}")
    site.page("```console {#x}\n$ greet\nhello\n```\n")
    assert "0 verdicts from the cache" in site.pytest().stdout
    assert "1 verdicts from the cache" in site.pytest().stdout
    site.write("bin/greet", "#!/bin/sh\necho good evening\n")
    assert site.pytest().returncode == 1


def test_nothing_is_kept_if_the_library_changes_during_a_run(monkeypatch):
    monkeypatch.setattr(outcome_cache, "at_start", lambda: "before")
    verdicts = {"a#x": {"key": "k", "name": "passed"}, "a#y": {"key": "k", "name": "passed", "cached": True}}
    outcome_cache.disown_if_changed(verdicts)
    assert not any("key" in verdict for verdict in verdicts.values())


def test_nothing_is_kept_if_the_record_changes_during_a_run(site):
    output = site.root / "snippets" / "a" / "x.out"
    site.write(
        "snippets/a/x.py", f"n = 1\nwith open({str(output)!r}, 'a') as file:\n    file.write('')\nprint('one')\n"
    )
    site.page(PAGE)
    assert site.pytest("docs", "--update-outputs").returncode == 0
    site.write("snippets/a/x.py", site.read("snippets/a/x.py").replace("write('')", "write('\\n')"))
    site.pytest()
    assert "key" not in json.loads(site.read(".pytest_cache/v/edgedocs/verdicts"))["a#x"]


def test_without_pytests_cache_everything_runs(verified):
    assert cached(verified, "-p", "no:cacheprovider") == (True, False)


def test_the_oldest_verdicts_are_dropped(verified, monkeypatch):
    config = SimpleNamespace(rootpath=verified.root, getini=lambda name: ".pytest_cache", cache=None)
    monkeypatch.setattr(verdicts, "LARGEST_NUMBER", 3)
    known = {f"a#{number}": {"name": "passed"} for number in range(3)}
    verdicts.keep_verdicts(config, known, {"a#0": {"name": "failed", "docs": "d"}, "a#new": {"name": "passed"}})
    kept = json.loads(verified.read(".pytest_cache/v/edgedocs/verdicts"))
    assert kept == {"a#2": {"name": "passed"}, "a#0": {"name": "failed"}, "a#new": {"name": "passed"}}


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


def test_it_works_from_the_folder_of_the_pages(site):
    site.page("```python {#x}\n1\n```\n")
    for reused in (0, 1):
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q"], cwd=site.docs, capture_output=True, encoding="utf-8", check=False
        )
        assert f"{reused} verdicts from the cache" in result.stdout
    known = verdicts.known_verdicts(site.project)
    assert known["a#x"]["name"] == "passed"


def test_it_works_in_another_folder(site):
    site.page("```python {#x}\n1\n```\n")
    for reused in (0, 1):
        assert f"{reused} verdicts from the cache" in site.pytest("docs", "-o", "cache_dir=elsewhere").stdout


def test_what_was_written_last_is_listed(site):
    """A run in the folder of the pages keeps its verdicts there, one above it elsewhere."""
    for when, (folder, name) in enumerate([("docs/", "failed"), ("", "passed"), ("docs/", "unverified")]):
        file = site.write(f"{folder}.pytest_cache/v/edgedocs/verdicts", json.dumps({"a#x": {"name": name}}))
        os.utime(file, ns=(10**18 + when, 10**18 + when))
        assert verdicts.known_verdicts(site.project) == {"a#x": {"name": name}}


def test_text_that_moves_from_one_record_to_the_next_is_a_change(site):
    """Each file's end counts, not only what all of them hold together."""
    site.python("open('a.txt', 'w').write('12')\nopen('b.txt', 'w').write('3')\n", 'files="a.txt b.txt"')
    for arguments in (["--update-outputs"], [], []):
        result = site.pytest("docs", *arguments)
        assert result.returncode == 0, result.stdout
    assert "1 verdicts from the cache" in result.stdout
    site.write("snippets/a/a.txt", "1")
    site.write("snippets/a/b.txt", "23")
    assert site.pytest().returncode == 1
