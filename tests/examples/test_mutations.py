"""Mutations: whatever is broken in a documentation that verifies, ``pytest docs/`` fails and names page and example.

Each case breaks one thing of one kind of block in a copy, and runs pytest for real.
"""

import shutil

import pytest

from tests.examples.conftest import Site

PAGE = """\
# A

```python {#included}
--8<-- "a/included.py"
```

```text {output-of="included"}
--8<-- "a/included.out"
```

```python {#inline}
total = 2 + 2
assert total == 4
print("total", total)
```

```text {output-of="inline"}
total 4
```

```pycon {#session}
>>> 6 * 7
42
```

```console {#command}
$ python -c "print('first')"
first
$ python -c "print('second')"
second
```

```python {#sections}
--8<-- "a/sections.py:begin"
```

```python {part-of="sections"}
--8<-- "a/sections.py:end"
```

```python {#measured facts="size share:bounded:2" files="plot.txt"}
size, share = 12, 0.5
open("plot.txt", "w").write("a plot\\n")
```

```python {#close output="approx" rtol="0.01"}
print("about", 3.1416)
```

```text {output-of="close"}
--8<-- "a/close.out"
```

```cpp {#never shown="needs a compiler"}
int main() { return 0; }
```

The size is [[measured.size]], and elsewhere [[a#measured.share|.0%]].
"""
FILES = {
    "docs/a.md": PAGE,
    "docs/b.md": '# B\n\n```python {#alone}\nprint("b")\n```\n',
    "snippets/a/included.py": "values = [3, 1, 2]\nprint(sorted(values))\n",
    "snippets/a/sections.py": "# --8<-- [start:begin]\nx = 1\n# --8<-- [end:begin]\n"
    "# --8<-- [start:end]\nassert x == 1\n# --8<-- [end:end]\n",
}
RUN = "docs: 13 code blocks rendered, 8 examples, 8 verified (8 passed, 0 environment, 0 failed), 0 not run"


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """A documentation with a block of each kind, recorded."""
    site = Site(tmp_path_factory.mktemp("verified"))
    for name, text in FILES.items():
        site.write(name, text)
    result = site.pytest("docs", "--update-outputs")
    assert result.returncode == 0, result.stdout
    result = site.pytest()
    assert result.returncode == 0, result.stdout
    assert RUN in result.stdout
    return site


@pytest.fixture
def broken(verified, tmp_path):
    """A copy to break."""
    (tmp_path / "copy").mkdir()
    site = Site(tmp_path / "copy")
    shutil.copytree(verified.root, site.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return site


FACTS = "snippets/a/measured.facts.json"
RUNTIME = {
    "an included file prints something else": ("snippets/a/included.py", "[3, 1, 2]", "[3, 1, 4]", "included"),
    "an included file raises": ("snippets/a/included.py", "print", "1 / 0\nprint", "included"),
    "an included file has a syntax error": ("snippets/a/included.py", "print", "print(", "included"),
    "recorded output is edited": ("snippets/a/included.out", "3", "4", "included"),
    "recorded output has a line more": ("snippets/a/included.out", "[1", "0\n[1", "included"),
    "recorded output loses its record": ("snippets/a/included.facts.json", "output_sha256", "sha", "included"),
    "code on the page prints something else": ("docs/a.md", '"total", total', '"sum", total', "inline"),
    "an assertion fails": ("docs/a.md", "total == 4", "total == 5", "inline"),
    "output on the page is edited": ("docs/a.md", "total 4", "total 5", "inline"),
    "a session's input is edited": ("docs/a.md", "6 * 7", "6 * 8", "session"),
    "a session's output is edited": ("docs/a.md", "\n42\n", "\n43\n", "session"),
    "a command prints something else": ("docs/a.md", "'second'", "'third'", "command"),
    "the first command's output is edited": ("docs/a.md", "\nfirst\n", "\nfirst!\n", "command"),
    "a command fails": ("docs/a.md", "print('second')", "raise SystemExit(1)", "command"),
    "a command does not exist": ("docs/a.md", "$ python -c \"print('first')\"", "$ no-such-command", "command"),
    "a hidden part of a file fails": ("snippets/a/sections.py", "x == 1", "x == 2", "sections"),
    "a fact is edited": (FACTS, '"value": 12', '"value": 13', "measured"),
    "a bounded fact leaves its bounds": (FACTS, '"value": 0.5', '"value": 1.5', "measured"),
    "a bounded fact is edited within its bounds": (FACTS, '"value": 0.5', '"value": 0.6', "measured"),
    "a fact changes its kind": (FACTS, '"kind": "bounded"', '"kind": "environment"', "measured"),
    "a fact's variable is renamed": ("docs/a.md", "size, share =", "sizes, share =", "measured"),
    "a fact gets another value": ("docs/a.md", "12, 0.5", "13, 0.5", "measured"),
    "a recorded file is edited": ("snippets/a/plot.txt", "a plot", "another plot", "measured"),
    "a file is not written": ("docs/a.md", 'open("plot.txt"', 'open("other.txt"', "measured"),
    "approximate output leaves its tolerance": ("docs/a.md", "3.1416", "3.2416", "close"),
    "approximate output is edited within its tolerance": ("snippets/a/close.out", "3.1416", "3.1417", "close"),
}


@pytest.mark.parametrize("mutation", RUNTIME)
def test_a_broken_example_fails_and_is_named(broken, mutation):
    name, old, new, example = RUNTIME[mutation]
    mutate(broken, name, old, new)
    result = broken.pytest()
    assert result.returncode == 1, result.stdout
    assert f"FAILED docs/a.md::a#{example}" in result.stdout
    assert "1 failed, 7 passed" in result.stdout
    assert f"docs/a.md:{line_of(broken, example)}: " in result.stdout


MISSING = {
    "recorded output is deleted": ("snippets/a/included.out", "included"),
    "a record is deleted": (FACTS, "measured"),
    "a recorded file is deleted": ("snippets/a/plot.txt", "measured"),
}


@pytest.mark.parametrize("mutation", MISSING)
def test_what_is_not_recorded_fails(broken, mutation):
    name, example = MISSING[mutation]
    (broken.root / name).unlink()
    result = broken.pytest()
    assert result.returncode != 0, result.stdout
    assert f"a#{example}" in result.stdout or f"docs/a.md:{line_of(broken, example)}" in result.stdout


STATIC = {
    "a language is misspelled": ("```python {#inline}", "```pyhton {#inline}", "docs/a.md:11: "),
    "an id is taken away": ("```pycon {#session}", "```pycon", "docs/a.md:21: a pycon block without an id"),
    "an id is used twice": ("{#inline}", "{#included}", "docs/a.md:11: the id 'included' is taken"),
    "a fence is not closed": ("42\n```\n", "42\n", "docs/a.md"),
    "an attribute is misspelled": ("facts=", "fact=", "docs/a.md:41: unknown attribute 'fact'"),
    "an included file is misspelled": ("included.py", "include.py", "docs/a.md:4: "),
    "a section is misspelled": ("sections.py:end", "sections.py:ends", "docs/a.md:38: "),
    "output belongs to no example": ('output-of="inline"', 'output-of="inlin"', "docs/a.md:17: no example 'inlin'"),
    "output of another example is shown": ('"a/close.out"', '"a/included.out"', "docs/a.md:50: "),
    "a part belongs to no example": ('part-of="sections"', 'part-of="section"', "docs/a.md:37: no example 'section'"),
    "a reason is taken away": ('shown="needs a compiler"', "", "nothing says what this cpp block is for"),
    "an unknown comparison": ('output="approx" rtol="0.01"', 'output="similar"', "unknown comparison 'similar'"),
    "too wide a tolerance": ('rtol="0.01"', 'rtol="0.5"', "docs/a.md:46: "),
    "prose refers to no fact": ("[[measured.size]]", "[[measured.sizes]]", "unknown fact a#measured.sizes"),
    "prose formats a fact wrongly": ("share|.0%]]", "share|.0q]]", "docs/a.md:58: "),
}


@pytest.mark.parametrize("mutation", STATIC)
def test_a_broken_page_fails_and_its_line_is_named(broken, mutation):
    old, new, message = STATIC[mutation]
    mutate(broken, "docs/a.md", old, new)
    result = broken.pytest()
    assert result.returncode not in (0, 5), result.stdout
    assert message in result.stdout
    assert "Traceback" not in result.stdout


def test_a_page_that_is_renamed_has_no_records(broken):
    (broken.docs / "a.md").rename(broken.docs / "c.md")
    result = broken.pytest()
    assert result.returncode != 0
    assert "docs/c.md:7: the output of 'included' is recorded elsewhere" in result.stdout


def mutate(site, name, old, new):
    text = site.read(name)
    assert text.count(old) >= 1, (name, old)
    site.write(name, text.replace(old, new, 1))


def line_of(site, example):
    lines = site.read("docs/a.md").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if f"{{#{example}" in line)
