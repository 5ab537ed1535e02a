import tempfile
from pathlib import Path

import pytest

from edgedocs.examples import evaluation
from edgedocs.examples.limits import Limits
from edgedocs.examples.outcome import ExampleError
from tests.requirements import require


def test_an_example_runs_as_a_program(site):
    site.python(
        "import pickle, sys\n"
        "from pathlib import Path\n"
        "class Kept: pass\n"
        "assert type(pickle.loads(pickle.dumps(Kept()))) is Kept\n"
        "assert __name__ == '__main__' and sys.argv == [__file__]\n"
        "assert sys.modules['__main__'].Kept is Kept\n"
        "print(sys.flags.isolated, sys.flags.utf8_mode, list(Path.cwd().iterdir()), 'č')\n"
    )
    assert site.evaluate().output == "1 1 [] č\n"


def test_nothing_stays_behind(site, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    site.python("import tempfile\nopen('left', 'w').close()\ntempfile.mkstemp()\nprint('x')\n")
    before = sorted(site.root.rglob("*"))
    site.evaluate()
    assert sorted(site.root.rglob("*")) == before


def test_examples_share_nothing(site):
    site.page("```python {#x}\nleft = 1\n```\n\n```python {#y}\nprint('left' in dir())\n```\n")
    site.evaluate("x")
    assert site.evaluate("y").output == "False\n"


def test_the_environment_is_the_same_everywhere(site, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("EDGEDOCS_MODEL", raising=False)
    names = "EDGEDOCS_MODEL HF_HUB_OFFLINE ORT_DISABLE_TELEMETRY COLUMNS PYTHONHASHSEED"
    site.python(f"import os\nprint(*(os.environ.get(name) for name in '{names}'.split()))\n")
    assert site.evaluate().output == "tiny 1 1 80 None\n"


def test_the_readers_model_is_found_from_the_examples_folder(site, monkeypatch):
    (site.root / "my-model").mkdir()
    monkeypatch.chdir(site.root)
    monkeypatch.setenv("EDGEDOCS_MODEL", "my-model")
    site.python("import os\nprint(os.environ['EDGEDOCS_MODEL'])\n")
    assert Path(site.evaluate().output.strip()) == (site.root / "my-model").resolve()


def test_a_picture_is_the_same_each_time(site):
    require("matplotlib")
    site.python(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2], [3, 4], 'o-')\nplt.savefig('p.svg')\n", 'files="p.svg"'
    )
    assert site.evaluate().files == site.evaluate().files


def failure(site, name="x"):
    with pytest.raises(ExampleError) as caught:
        site.evaluate(name)
    return str(caught.value)


def test_an_example_that_raises_shows_the_readers_lines(site):
    site.python("def divide(n):\n    return 1 / n\n\n\ndivide(0)\n")
    message = failure(site)
    assert message.startswith("docs/a.md:3: example a#x exited with 1")
    assert 'File "a/x.py", line 5, in <module>' in message
    assert "return 1 / n" in message
    assert "ZeroDivisionError" in message
    assert "child.py" not in message


def test_code_on_the_page_has_the_pages_line_numbers(site):
    site.page("# A\n\ntext\n\n```python {#x}\nx = 1\nraise ValueError(x)\n```\n")
    assert 'File "docs/a.md", line 7, in <module>' in failure(site)


def test_a_syntax_error_is_told(site):
    site.python("x = = 1\n")
    message = failure(site)
    assert "SyntaxError" in message
    assert "child.py" not in message


def test_a_syntax_error_in_what_an_example_reads_shows_the_readers_line(site):
    site.python("import ast\n\nast.parse('x = = 1')\n")
    message = failure(site)
    assert 'File "a/x.py", line 3' in message
    assert "child.py" not in message


@pytest.mark.parametrize(
    ("code", "status"), [("import sys; sys.exit(2)", 2), ("raise SystemExit('no')", 1), ("exit(0)", 0)]
)
def test_exit_status(site, code, status):
    site.page(f"```python {{#x}}\n{code}\n```\n")
    if status:
        assert f"exited with {status}" in failure(site)
    else:
        site.evaluate()


@pytest.mark.parametrize(
    ("code", "limits", "message"),
    [
        ("while True: pass", Limits(seconds=1), "a#x ran longer than 1 s and was ended"),
        ("k = []\nwhile True: k.append(b'x' * 2**22)", Limits(memory=2**28), "took more than 0.25 GiB of memory"),
        ("while True: print('x' * 999)", Limits(output=9999), "printed more than 9,999 bytes"),
    ],
)
def test_limits(site, monkeypatch, code, limits, message):
    site.page(f"```python {{#x}}\n{code}\n```\n")
    monkeypatch.setattr("edgedocs.examples.options.Limits", lambda: limits)
    assert message in failure(site)


def test_output_that_is_not_utf8_is_told(site):
    site.python("import sys\nprint('one')\nsys.stdout.flush()\nsys.stdout.buffer.write(b'two \\xff')\n")
    assert "printed a byte that is not UTF-8: 0xff in line 2" in failure(site)


def test_facts_are_read_after_the_end(site):
    site.python("import numpy as np\na = 0\na = np.float32(0.5)\nb = 'x'\nc = True\n", 'facts="a b c"')
    assert site.evaluate().facts == {"a": 0.5, "b": "x", "c": True}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("a = [1]", "'a' is no finite number, text or truth value but [1]"),
        ("a = float('nan')", "'a' is no finite number"),
        ("a = 10**5000", "'a' is no finite number, text or truth value but an object of int"),
        ("a = '\\ud800'", "'a' is no finite number, text or truth value but '\\ud800'"),
        ("b = 1", "the example has no variable 'a'"),
        ("import os; a = 1; os._exit(0)", "ended the process before its facts could be read"),
    ],
)
def test_facts_that_cannot_be_recorded_are_told(site, code, message):
    site.python(code, 'facts="a"')
    assert message in failure(site)


def test_a_file_that_was_not_written_is_told(site):
    site.python("pass", 'files="p.txt"')
    assert "example a#x did not write p.txt" in failure(site)


def test_a_doctest(site):
    site.page('# A\n\n```pycon {#x facts="n"}\n>>> n = 2\n>>> n + 1\n3\n```\n')
    assert site.evaluate().facts == {"n": 2}


def test_a_doctest_that_fails_names_the_line(site):
    site.page("# A\n\n```pycon {#x}\n>>> n = 2\n>>> n + 1\n4\n```\n")
    message = failure(site)
    assert "line 5: >>> n + 1" in message
    assert "Expected:\n    4\nGot:\n    3" in message


def test_a_console_session_runs_in_one_folder(site):
    site.page(
        "```console {#x}\n"
        "$ python -c \"open('made', 'w').write('hello')\"\n"
        "5\n"
        "$ python -c \"print(open('made').read())\"\n"
        "hello\n"
        "```\n"
    )
    assert site.evaluate().outputs == ("", "hello\n")


def test_a_command_that_fails_is_told(site):
    site.page("```console {#x}\n$ python -c \"raise SystemExit('because')\"\n```\n")
    message = failure(site)
    assert "of example a#x exited with 1\nbecause" in message


def test_a_command_that_is_to_fail_shows_its_errors(site):
    site.page('```console {#x exit="1"}\n$ python -c "raise SystemExit(\'because\')"\nbecause\n```\n')
    assert site.evaluate().output.strip() == "because"


def test_the_command_line_of_edgedocs(site):
    site.page("```console {#x}\n$ edgedocs --version\n```\n")
    assert site.evaluate().output.startswith("edgedocs, version ")


def test_settings_of_the_callers_python_do_not_reach_examples(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert "PYTHONPATH" not in evaluation.environment(tmp_path)
