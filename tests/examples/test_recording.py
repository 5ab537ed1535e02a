import json

import pytest

from edgedocs.examples.outcome import ExampleError
from tests.examples.conftest import OUTPUT


def failure(site):
    with pytest.raises(ExampleError) as caught:
        site.check()
    return str(caught.value)


def test_what_is_recorded_verifies(site):
    site.python("a = 0.5\nprint('a', a)\nopen('t.csv', 'w').write('1,2')\n", 'facts="a" files="t.csv"', OUTPUT)
    site.update()
    site.check()
    assert site.read("snippets/a/x.out") == "a 0.5\n"
    assert site.read("snippets/a/t.csv") == "1,2"
    document = json.loads(site.read("snippets/a/x.facts.json"))
    assert document["a"] == {"value": 0.5, "kind": "exact"}
    assert {"date", "python", "processor", "versions"} <= document["provenance"].keys()


def test_what_is_not_recorded_is_told_with_the_remedy(site):
    site.python("a = 1\nprint(a)\n", 'facts="a" files="t.csv"', OUTPUT)
    site.write("snippets/a/x.py", "a = 1\nprint(a)\nopen('t.csv', 'w')\n")
    message = failure(site)
    assert message.startswith("docs/a.md:3: the output of example a#x is not recorded: there is no snippets/a/x.out")
    assert "there is no snippets/a/x.facts.json" in message
    assert "there is no snippets/a/t.csv" in message
    assert "remedy: if the new result is right, record it: pytest docs/ --update-outputs" in message


def test_a_changed_digit_is_told_with_a_difference(site):
    site.python("print('one')\nprint(0.71875)\n", "", OUTPUT)
    site.update()
    site.write("snippets/a/x.out", "one\n0.71876\n")
    message = failure(site)
    assert "docs/a.md:3: example a#x printed something else than snippets/a/x.out shows" in message
    assert "2 -0.71876\n2 +0.71875" in message


def test_a_changed_fact_and_a_changed_file_are_told(site):
    site.python("a = 1\nopen('t.csv', 'w').write('1')", 'facts="a" files="t.csv"')
    site.update()
    site.write("snippets/a/x.py", "a = 2\nopen('t.csv', 'w').write('2')")
    message = failure(site)
    assert "the fact a#x.a is 2; snippets/a/x.facts.json has 1" in message
    assert "example a#x wrote another t.csv than snippets/a/t.csv" in message


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('facts="a b"', "the fact a#x.b is not recorded"),
        ('facts="b"', "has a fact 'a' that the example does not record"),
        ('facts="a:environment"', "the fact a#x.a is recorded in snippets/a/x.facts.json as"),
    ],
)
def test_a_record_of_other_facts_is_told_and_recorded_anew(site, attributes, message):
    site.python("a = b = 1", 'facts="a"')
    site.update()
    site.python("a = b = 1", attributes)
    assert message in failure(site)
    site.update()
    site.check()


def test_a_crlf_checkout_verifies_and_stays(site):
    site.python("print('one')\nprint('two')\n", "", OUTPUT)
    site.update()
    site.write("snippets/a/x.out", "one\r\ntwo\r\n")
    site.page(site.read("docs/a.md").replace("\n", "\r\n"))
    site.check()
    site.update()
    assert site.read("snippets/a/x.out") == "one\r\ntwo\r\n"


def test_what_still_verifies_is_not_written_again(site):
    site.python("import time\na = time.time()\nprint('a', a)\n", 'output="approx" rtol="0.01" facts="a"', OUTPUT)
    site.update()
    before = site.read("snippets/a/x.out"), site.read("snippets/a/x.facts.json")
    site.update()
    site.check()
    assert (site.read("snippets/a/x.out"), site.read("snippets/a/x.facts.json")) == before


def test_what_depends_on_the_environment_is_shown_and_not_compared(site):
    site.python("import time\na = time.time()\nprint(a)\n", 'output="environment" reason="time" facts="a"', OUTPUT)
    assert "is not recorded" in failure(site)
    site.update()
    before = site.read("snippets/a/x.out")
    site.check()
    site.update()
    assert site.read("snippets/a/x.out") != before
    assert json.loads(site.read("snippets/a/x.facts.json"))["a"]["kind"] == "environment"


@pytest.mark.parametrize("attributes", ['output="environment" reason="time"', 'output="approx" rtol="0.05"'])
def test_an_edit_that_a_comparison_would_let_pass_is_told(site, attributes):
    site.python("print('12.50 s')\n", attributes, OUTPUT)
    site.update()
    site.write("snippets/a/x.out", "12.51 s\n")
    assert "a/x.out was changed by hand: it is not what example a#x printed" in failure(site)
    site.update()
    site.check()
    assert site.read("snippets/a/x.out") == "12.50 s\n"


@pytest.mark.parametrize(
    "attributes", ['facts="n:environment"', 'facts="n:bounded:2"', 'output="approx" rtol="0.05" facts="n"']
)
def test_an_edited_fact_is_told_although_no_run_contradicts_it(site, attributes):
    site.python("n = 12.5\nprint('n')\n", attributes, OUTPUT)
    site.update()
    site.check()
    recorded = site.read("snippets/a/x.facts.json")
    site.write("snippets/a/x.facts.json", recorded.replace("12.5", "12.6"))
    assert "x.facts.json was changed by hand: its facts are not what example a#x gave" in failure(site)
    site.update()
    site.check()
    assert json.loads(site.read("snippets/a/x.facts.json"))["n"]["value"] == 12.5


def test_output_written_on_the_page_is_compared_and_never_rewritten(site):
    site.python("print(1)", "", '```text {output-of="x"}\n2\n```\n')
    assert "docs/a.md:8 shows" in failure(site)
    with pytest.raises(ExampleError, match="1 -2\n1 \\+1"):
        site.update()
    site.python("print(1)", "", '```text {output-of="x"}\n1\n```\n')
    site.check()


def test_bounds_are_written_by_hand(site):
    site.python("print('error', 0.25)", 'output="bound"', OUTPUT)
    with pytest.raises(ExampleError, match="correct what is written by hand"):
        site.update()
    site.write("snippets/a/x.out", "error <= 0.3\n")
    site.update()
    site.check()
    site.write("snippets/a/x.out", "error <= 0.2\n")
    assert "(compared as bound)" in failure(site)


def test_each_command_of_a_console_is_compared(site):
    site.page('```console {#x}\n$ python -c "print(1)"\n1\n$ python -c "print(2)"\n3\n```\n')
    message = failure(site)
    assert "1 -3\n1 +2" in message
    assert "print(2)" in message
    site.page('```console {#x}\n$ python -c "print(1)"\n```\n')
    assert "+1" in failure(site)


def test_a_console_with_recorded_output(site):
    site.page(f'```console {{#x}}\n$ python -c "print(1)"\n$ python -c "print(2)"\n```\n\n{OUTPUT}')
    site.update()
    site.check()
    assert site.read("snippets/a/x.out") == "1\n2\n"


def test_a_damaged_record_is_told(site):
    site.python("a = 1", 'facts="a"')
    site.update()
    site.write("snippets/a/x.facts.json", "{")
    assert "x.facts.json:1:2: no JSON" in failure(site)


def test_a_long_difference_is_cut(site):
    site.python("for n in range(1000): print(n)", "", OUTPUT)
    site.write("snippets/a/x.out", "\n")
    site.write("snippets/a/x.facts.json", '{"provenance": {}}')
    assert "more lines" in failure(site)
