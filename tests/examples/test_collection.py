import pytest

from tests.examples.conftest import OUTPUT


def test_every_block_has_a_kind(site):
    site.write("snippets/a/x.py", "# --8<-- [start:top]\nprint(1)\n# --8<-- [end:top]\n")
    site.page(
        '```python {#x}\n--8<-- "a/x.py"\n```\n'
        '```text {output-of="x"}\n1\n```\n'
        '```python {part-of="x"}\n--8<-- "a/x.py:top"\n```\n'
        "```py {#inline}\nx = 1\n```\n"
        "```pycon {#d}\n>>> 1 + 1\n2\n```\n"
        "```console {#c}\n$ edgedocs --version\n```\n"
        '```cpp {shown="a template"}\n{}\n```\n'
        '```json {#j shown="a template"}\n{}\n```\n'
    )
    found = site.collect()
    assert not found.problems
    assert [(block.kind, block.example) for block in found.blocks] == [
        ("python", "x"),
        ("output", "x"),
        ("part", "x"),
        ("python", "inline"),
        ("doctest", "d"),
        ("console", "c"),
        ("shown", None),
        ("shown", None),
    ]
    assert [block.id for block in found.shown] == ["a#j"]
    assert [example.id for example in found.examples] == ["a#x", "a#inline", "a#d", "a#c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\n1\n```\n", "docs/a.md:3: a python block without an id; expected ```python {#name}"),
        ("```pycon\n>>> 1\n```\n", "a pycon block without an id"),
        ("```pyhton {#y}\n1\n```\n", "docs/a.md:3: nothing says what this pyhton block is for"),
        ("```\ntext\n```\n", "nothing says what this plain block is for"),
        ("```json {#y}\n{}\n```\n", "nothing says what this json block is for"),
        ('```yml {shown="why"}\n{}\n```\n', "docs/a.md:3: a shown yml block without an id"),
        ('```yml {#y shown="why"}\na: 1\n--8<-- "a/x.py"\n```\n', "an include and something else"),
        ('```json {shown=""}\n{}\n```\n', "shown says nothing"),
        ("```json {shown}\n{}\n```\n", "shown says nothing"),
        ('```json {shown="a" output-of="x"}\n{}\n```\n', "cannot have both output-of and shown"),
        ('```python {#y fact="z"}\n1\n```\n', "unknown attribute 'fact'"),
        ('```python {#y fact="z"}\n1\n```\n', "did you mean 'facts'?"),
        ("```python {#Big}\n1\n```\n", "the id 'Big' is not allowed"),
        ("```python {#y}\n1\n", "docs/a.md:3: this code fence is never closed"),
        ('```python {#y facts="z}\n1\n```\n', "cannot read"),
        ("```python {#y}\n1\n```\n\n```python {#y}\n2\n```\n", "docs/a.md:7: the id 'y' is taken"),
        ("## B { #y }\n\n```python {#y}\n1\n```\n", "docs/a.md:5: the id 'y' is taken"),
        ('```text {output-of="nope"}\n1\n```\n', "docs/a.md:3: no example 'nope' on this page"),
        ('```python {part-of="nope"}\n1\n```\n', "no example 'nope' on this page"),
        ('```python {#y}\n1\n```\n```python {part-of="y"}\n1\n```\n', "this is no part of 'y'"),
        ('```python {#y}\n--8<-- "a/none.py"\n```\n', "docs/a.md:4: the include 'a/none.py' does not exist"),
        ('```python {#y}\n--8<-- "../secret.py"\n```\n', "leaves the snippets folder"),
        ('--8<-- "a/none.md"\n', "docs/a.md:3: the include 'a/none.md' does not exist"),
        ('```python {#y}\nx = 1\n--8<-- "a/x.py"\n```\n', "an include and something else"),
        (
            '```python {#y}\n1\n```\n```text {output-of="y"}\n--8<-- "a/x.out"\n```\n',
            'expected one line: --8<-- "a/y.out"',
        ),
        ("```pycon {#y}\nprose\n>>> 1\n```\n", "'prose' is neither statement nor output"),
        ("```pycon {#y}\n1\n```\n", "'1' is neither statement nor output"),
        ('```pycon {#y}\n>>> 1\n1\n```\n```text {output-of="y"}\n1\n```\n', "a doctest shows its own output"),
        ("```console {#y}\nls\n```\n", "does not begin with a command"),
        ("```console {#y}\n$ a && b\n```\n", "needs a shell"),
        ("```console {#y}\n$ a 'b\n```\n", "cannot read the command"),
        ("```python {#y}\n\n```\n", "the block is empty"),
        ('```python {#y output="roughly"}\n1\n```\n', "unknown comparison 'roughly'"),
        ('```python {#y output="environment"}\n1\n```\n', "without a reason"),
        ('```python {#y output="approx"}\n1\n```\n', "the page does not show the output"),
        ('```python {#y rtol="0.1"}\n1\n```\n', 'rtol without output="approx"'),
        ('```python {#y output="approx" rtol="0.1"}\n1\n```\n', 'rtol="0.1"; expected a number from 0 to 0.05'),
        ('```python {#y facts="a a"}\n1\n```\n', "cannot record the fact 'a'"),
        ('```python {#y facts="1a"}\n1\n```\n', "cannot record the fact '1a'"),
        ('```python {#y facts="provenance"}\n1\n```\n', "cannot record the fact 'provenance'"),
        ('```python {#y facts="a:bounded:0.5"}\n1\n```\n', "is below 1"),
        ('```python {#y files="../a.svg"}\n1\n```\n', "cannot record the file '../a.svg'"),
        (
            '```python {#y files="x.py"}\n1\n```\n```python {#z}\n--8<-- "a/x.py"\n```\n',
            "docs/a.md:3: the file 'x.py' is the code of 'z', and recording would replace it",
        ),
        ('```console {#y exit="2.5"}\n$ ls\n```\n', 'exit="2.5"; expected a whole number'),
        ('```python {#y files="b.svg"}\n1\n```\n```python {#z files="b.svg"}\n1\n```\n', "is recorded by 'y' too"),
        ('```python {#y time-limit="60"}\n1\n```\n', "another limit without a reason"),
        ('```python {#y time-limit="soon" reason="r"}\n1\n```\n', 'time-limit="soon"'),
    ],
)
def test_what_is_wrong_is_told_once(site, text, message):
    site.write("secret.py", "1")
    site.write("snippets/a/x.py", "1")
    site.page(f"# A\n\n{text}")
    problems = site.problems()
    assert message in problems
    assert problems.count("docs/a.md:") == 1


def test_a_record_without_its_example_is_told(site):
    site.python("a = 1", 'facts="a"')
    site.update()
    assert not site.problems()
    site.write("snippets/a/old.out", "")
    site.python("a = 1")
    assert "snippets/a/old.out: no example of its page records this" in site.problems()
    assert "snippets/a/x.facts.json: no example of its page records this" in site.problems()


def test_options_are_read(site):
    site.python(
        "pass",
        'output="approx" rtol="0.01" atol="0.001" facts="a b:environment c:bounded:2" files="p.svg" requires="numpy q"'
        ' time-limit="60" memory-limit="0.5" reason="slow"',
        OUTPUT,
    )
    example = site.example()
    assert (example.comparison.name, example.comparison.relative, example.comparison.absolute) == (
        "approx",
        0.01,
        0.001,
    )
    assert [(fact.name, fact.kind, fact.factor) for fact in example.facts] == [
        ("a", "exact", None),
        ("b", "environment", None),
        ("c", "bounded", 2.0),
    ]
    assert (example.files, example.requires) == (("p.svg",), ("numpy", "q"))
    assert (example.limits.seconds, example.limits.memory) == (60, 2**29)


def test_facts_of_an_environment_example_are_of_the_environment(site):
    site.python("pass", 'output="environment" reason="times" facts="a b:bounded:2"', OUTPUT)
    assert [fact.kind for fact in site.example().facts] == ["environment", "bounded"]


def test_indented_code_is_an_error(site):
    site.page("# A\n\ntext\n\n    run()\n\n!!! note\n\n    text\n\n        deep()\n\n- item\n\n    more text\n")
    assert [str(problem).partition(";")[0] for problem in site.collect().problems] == [
        "docs/a.md:5: an indented code block: 'run()'",
        "docs/a.md:11: an indented code block: 'deep()'",
    ]
