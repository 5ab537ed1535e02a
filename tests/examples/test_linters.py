"""Each linter: what is right, what is wrong and where; none runs anything, none is made to hang."""

import json as standard_json
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.examples.linters import bash, linter_for, linters
from edgedocs.examples.linters.base import LARGEST
from tests.requirements import require

RIGHT = {
    "json": [
        '{"a": [1, 2.5e3, null], "b": {"a": "NaN"}}',
        '[{"a": 1}, {"a": 2}]',
        '"{\\"a\\": 1, \\"a\\": 2}"',
        "9" * 5000,
    ],
    "yaml": [
        "a: &x [1, 2]\nb: *x\nc:\n  <<: {d: 1}\n  <<: {e: 2}\n",
        "emoji: !!python/name:material.extensions.emoji.twemoji\nkey: !ENV [A, b]\n",
        "---\na: 2026-11-21\n---\nb: 0x1F\n",
        "&loop [*loop]",
        "",
    ],
    "toml": ['[a]\nb = "c"\n[[d]]\ne = 1\n[[d]]\ne = 2\n'],
    "python": ["x = 1\n", "async def f():\n    await g()\n", "raise SystemExit\n"],
    "bash": ['for each in *; do\n  echo "$each"\ndone\n', "cat <<EOF\n$(\nEOF\n", "touch /nowhere/at/all; exit 3\n"],
    "dockerfile": [
        "# syntax=docker/dockerfile:1\nARG VERSION=3.13\nFROM --platform=linux/amd64 python:$VERSION AS base\n",
        'from scratch\nrun a \\\n  # note\n\n  && b\ncmd ["a", "b"]\n',
        "FROM a\nRUN <<EOF\nFROM no instruction\nNONE\nEOF\nCOPY <<-'ONE' <<TWO /there/\n1\n\tONE\n2\nTWO\nUSER me\n",
        "# escape=`\nFROM a\nRUN b `\n  c\nCOPY d c:\\\nRUN e\n",
        "FROM a\nHEALTHCHECK --interval=5s CMD curl -f x\nHEALTHCHECK NONE\nONBUILD RUN x\nENV A=b C=d\nENV A b\n",
        'FROM a\nRUN [ -f x ] && echo $((1<<2))\nCOPY --from=b --chown=me ["c d", "e"]\nSHELL ["a", "-c"]\n',
    ],
}
WRONG = [
    ("json", '{"a": 1,\n "b": 2,\n "a": 3}', 3, "the key 'a' stands in line 1 already"),
    ("json", '{"a": 1, "\\u0061": 2}', 1, "the key 'a' stands in line 1 already"),
    ("json", '{"x": [{\n"b": {},\n"b": 1}]}', 3, "the key 'b' stands in line 2 already"),
    ("json", '{\n"a": "NaN",\n"b": NaN}', 3, "NaN is no JSON"),
    ("json", "[1,\n2,]", 2, "Illegal trailing comma|Expecting value"),
    ("json", '{\n// a note\n"a": 1}', 2, "Expecting property name"),
    ("yaml", "a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands in line 1 already"),
    ("yaml", "a:\n\tb: 1\n", 2, "cannot start any token"),
    ("yaml", "a: *gone\n", 1, "undefined alias"),
    ("yml", "---\na: 1\n---\nb: [1\n", 4, "expected"),
    ("yaml", "a: 1\nday: 2026-13-01\n", 2, "month must be in 1..12"),
    ("yaml", "a: \x07\n", 1, "special characters are not allowed"),
    ("toml", "a = 1\n\na = 2\n", 3, "Cannot overwrite a value"),
    ("toml", "a = 1\nb = [1,\n", 2, "Invalid value"),
    ("toml", "a = " + "1" * 5000, 1, "5000 digits"),
    ("python", "x = 1\nprint(x\n", 2, "never closed"),
    ("py", "x = 1\ny = '\\d'\n", 2, "invalid escape sequence"),
    ("python", "return 1\n", 1, "outside function"),
    ("bash", "echo a\nif true; then\n  echo b\n", 3, "unexpected end of file"),
    ("sh", "echo 'a\n", 1, "looking for matching"),
    ("bash", "a=1\ncat <<EOF\nb\n", 3, "here-document"),
    ("bash", "echo a\necho )\n", 2, "near unexpected token"),
    ("dockerfile", "FROM a\nRUNN b\n", 2, "unknown instruction RUNN"),
    ("dockerfile", "ARG A\nRUN b\nFROM c\n", 2, "FROM has to come first"),
    ("dockerfile", "# nothing\n", 1, "FROM has to come first"),
    ("dockerfile", "FROM a\nRUN b \\\n  && c \\\n", 3, "ends in a continued line"),
    ("dockerfile", "FROM a\nRUN cat <<EOF\nb\n", 2, "the here-document EOF does not end"),
    ("dockerfile", "FROM a\n\nCMD ['python']\n", 3, "the list after CMD is no JSON"),
    ("dockerfile", "FROM a AS Base Image\n", 1, "FROM takes an image"),
    ("dockerfile", "FROM a\nENTRYPOINT []\n", 2, "ENTRYPOINT takes a list of texts"),
    ("dockerfile", "FROM a\nWORKDIR\n", 2, "WORKDIR without an argument"),
    ("dockerfile", "FROM a\nCOPY --chown=me b\n", 2, "COPY takes a source and a destination"),
    ("dockerfile", "FROM a\nENV A\n", 2, "ENV takes NAME=VALUE"),
    ("dockerfile", "FROM a\nSHELL bash\n", 2, "SHELL takes a JSON list"),
    ("dockerfile", "FROM a\nHEALTHCHECK curl x\n", 2, "HEALTHCHECK takes NONE, or CMD"),
    ("dockerfile", "FROM a\nONBUILD FROM b\n", 2, "ONBUILD cannot trigger FROM"),
    ("dockerfile", "FROM a\nONBUILD RUNN b\n", 2, "unknown instruction RUNN"),
]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 30)
)
HOSTILE = [
    ("json", "[" * LARGEST, "nested too deeply"),
    ("yaml", "[" * 5000, "nested too deeply"),
    ("yaml", BOMB, "unfold to more than 100,000 nodes"),
    ("toml", "a = " + "[" * 100_000, "nested too deeply"),
    ("python", "-" * 100_000 + "1", "nested too deeply"),
    ("python", "(" * 100_000, "too many nested parentheses"),
    ("json", " " * (LARGEST + 1), "at most 200,000 are linted"),
    ("bash", "echo a\n\0", "a NUL character"),
]


def lint(language, text):
    linter = linter_for(language)
    if absent := linter.absent():
        require(absent)
    return linter.lint(text)


def test_the_registry_knows_one_linter_a_language():
    assert linters.names() == ["bash", "dockerfile", "json", "python", "toml", "yaml"]
    languages = [language for linter in linters for language in linter.languages]
    assert len(languages) == len(set(languages))
    assert set(RIGHT) == set(linters.names()) == {linter_for(language).languages[0] for language in languages}
    assert linter_for("YAML") is linter_for("yml")
    assert linter_for("cpp") is None
    assert linter_for("") is None


@pytest.mark.parametrize(("language", "text"), [(language, text) for language in RIGHT for text in RIGHT[language]])
def test_what_is_right(language, text):
    assert lint(language, text) == []


@pytest.mark.parametrize(("language", "text", "line", "what"), WRONG)
def test_what_is_wrong_and_where(language, text, line, what):
    (found,) = lint(language, text)
    assert found.line == line
    assert any(part in found.what for part in what.split("|")), found


@pytest.mark.parametrize(("language", "text", "what"), HOSTILE)
def test_nothing_hangs_and_nothing_is_raised(language, text, what):
    started = time.perf_counter()
    (found,) = lint(language, text)
    assert what in found.what
    assert time.perf_counter() - started < 10


@given(text=st.text(max_size=300) | st.text(alphabet="{}[]:,\"'\\ \n\taEOF<-#=RUN()$&*!0", max_size=120))
@pytest.mark.parametrize("language", ["json", "yaml", "toml", "python", "dockerfile"])
def test_any_text_gives_findings_in_it(language, text):
    lines = text.rstrip("\n").count("\n") + 1
    for found in linter_for(language).lint(text):
        assert 1 <= found.line <= lines
        assert found.what


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from([None, 1, 4]),
)
def test_what_the_standard_library_writes_is_json(value, indent):
    assert lint("json", standard_json.dumps(value, indent=indent)) == []


@given(st.lists(st.text(max_size=8), min_size=1, max_size=8))
def test_keys_that_stand_twice_are_all_found(keys):
    text = "{" + ",\n".join(f"{standard_json.dumps(key)}: {{}}" for key in keys) + "}"
    found = lint("json", text)
    assert [each.line for each in found] == [place + 1 for place, key in enumerate(keys) if key in keys[:place]]


def test_bash_runs_nothing(tmp_path, monkeypatch):
    mark = tmp_path / "ran"
    start = tmp_path / "start.sh"
    start.write_text(f"touch {mark}\n")
    monkeypatch.setenv("BASH_ENV", str(start))
    assert lint("bash", f"touch {mark}\n$(touch {mark})\n: `touch {mark}`\n") == []
    assert not mark.exists()
    if linter_for("bash").absent() is None:
        subprocess.run(["bash", "-c", "true"], check=True)
        assert mark.exists(), "the variable works, so that the linter has to keep it away"


def test_a_launcher_that_is_no_bash_counts_as_missing(tmp_path, monkeypatch):
    launcher = tmp_path / "bash"
    launcher.write_text("#!/bin/sh\necho no distribution is installed\n")
    launcher.chmod(0o755)
    bash._bash.cache_clear()
    monkeypatch.setattr(bash.shutil, "which", lambda _: str(launcher))
    try:
        assert linter_for("bash").absent() == "bash"
    finally:
        bash._bash.cache_clear()
