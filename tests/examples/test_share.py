"""The share of examples whose output is not compared: counted, reported, and held at a tenth."""

import json

import pytest
from click.testing import CliRunner

from edgedocs.cli.examples import examples
from edgedocs.examples.share import EnvironmentShare

TIMED = (
    '```python {{#{0} output="environment" reason="time"}}\nprint(1)\n```\n\n```text {{output-of="{0}"}}\n1\n```\n\n'
)
PLAIN = "```python {{#{0}}}\nassert True\n```\n\n"


def documentation(site, timed, plain):
    site.page("# A\n\n" + "".join(TIMED.format(f"t{number}") for number in range(timed)))
    site.page("# B\n\n" + "".join(PLAIN.format(f"p{number}") for number in range(plain)), "b")
    return EnvironmentShare.of_project(site.project)


@pytest.mark.parametrize(
    ("timed", "plain", "allowed", "fine"),
    [(0, 0, 1, True), (1, 0, 1, True), (1, 8, 1, True), (2, 17, 1, False), (2, 18, 2, True), (3, 26, 2, False)],
)
def test_a_tenth_is_allowed_and_one_always(site, timed, plain, allowed, fine):
    share = documentation(site, timed, plain)
    assert (len(share.ids), share.examples, share.allowed) == (timed, timed + plain, allowed)
    assert (share.problem() is None) is fine


def test_too_many_fail_when_their_page_is_collected(site):
    documentation(site, 2, 3)
    site.write("docs/a/c.md", "# C\n\n" + PLAIN.format("c"))
    result = site.pytest("docs")
    assert result.returncode == 2, result.stdout
    assert "ERROR docs/a.md" in result.stdout
    assert (
        "a#t0, a#t1: the outputs of 2 of 6 examples (33.3%) depend on the machine and are not compared; "
        'too many have output="environment"; expected at most 10% of the examples, here 1' in result.stdout
    )
    assert "remedy: compare what can be compared" in result.stdout
    assert site.pytest("docs/a.md").returncode != 0
    assert site.pytest("docs/b.md").returncode == 0


def test_the_share_is_reported(site):
    documentation(site, 1, 9)
    site.page("# C\n\n" + PLAIN.format("c"), "c")
    result = site.pytest("docs/c.md")
    assert "docs: the outputs of 1 of 11 examples (9.1%) depend on the machine and are not compared" in result.stdout
    runner = CliRunner()
    listed = runner.invoke(examples, ["list", "--docs", str(site.docs)], standalone_mode=False)
    assert listed.output.endswith("the outputs of 1 of 11 examples (9.1%) depend on the machine and are not compared\n")
    linted = runner.invoke(examples, ["lint", "--docs", str(site.docs), "--json"], standalone_mode=False)
    assert linted.return_value == 0
    assert json.loads(linted.output)["environment"] == {"ids": ["a#t0"], "examples": 11, "share": 0.0909, "allowed": 1}


def test_too_many_are_a_problem_of_the_inventory(site):
    documentation(site, 2, 3)
    listed = CliRunner().invoke(examples, ["list", "--docs", str(site.docs), "--json"], standalone_mode=False)
    assert listed.return_value == 2
    (problem,) = json.loads(listed.output)["problems"]
    assert problem["where"] == "a#t0, a#t1"
