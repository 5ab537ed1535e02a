import pytest

from edgedocs.core.errors import BadInput
from edgedocs.pages import find_includes

CODE = "import x\n# --8<-- [start:plot]\nplot()\n# --8<-- [end:plot]\nend()\n"


@pytest.fixture
def snippets(tmp_path):
    folder = tmp_path / "snippets"
    (folder / "04").mkdir(parents=True)
    (folder / "04" / "a.py").write_text(CODE, newline="\n")
    (tmp_path / "secret.py").write_text("secret")
    return folder


def only(text):
    (include,) = find_includes(text, 1)
    return include


def test_all_of_a_file_comes_without_the_marks_of_its_sections(snippets):
    assert only('--8<-- "04/a.py"').read(snippets, "p:1") == "import x\nplot()\nend()\n"


def test_a_section(snippets):
    assert only('  --8<-- "04/a.py:plot"').read(snippets, "p:1") == "plot()\n"


def test_ranges_of_lines(snippets):
    assert only('--8<-- "04/a.py:1:1"').read(snippets, "p:1") == "import x\n"


def test_a_sign_alone_is_no_range_of_lines(snippets):
    with pytest.raises(BadInput, match=r"04/a\.py:-' does not exist"):
        only('--8<-- "04/a.py:-"').read(snippets, "p:1")


def test_the_block_form():
    assert [include.path for include in find_includes("--8<--\na.py\n; b.py\n\nc.py\n--8<--\nd.py\n", 1)] == [
        "a.py",
        "c.py",
    ]


def test_crlf_files_give_lf(snippets):
    (snippets / "crlf.py").write_bytes(b"a\r\nb\r\n")
    assert only('--8<-- "crlf.py"').read(snippets, "p:1") == "a\nb\n"


@pytest.mark.parametrize(
    "path", ["../secret.py", "/etc/hostname", "04/../../secret.py", "https://a.b/c.py", "04\\a.py"]
)
def test_what_leaves_the_snippets_is_refused(snippets, path):
    with pytest.raises(BadInput, match=r"docs/a\.md:7: .*leaves the snippets folder"):
        only(f'--8<-- "{path}"').resolve(snippets, "docs/a.md:7")


def test_a_link_that_leaves_the_snippets_is_refused(snippets):
    (snippets / "link.py").symlink_to(snippets.parent / "secret.py")
    with pytest.raises(BadInput, match="leaves the snippets folder"):
        only('--8<-- "link.py"').resolve(snippets, "docs/a.md:7")


def test_a_missing_file_and_a_missing_section_are_told(snippets):
    with pytest.raises(BadInput, match=r"docs/a\.md:7: .*does not exist.*expected.*snippets/04/b\.py"):
        only('--8<-- "04/b.py"').resolve(snippets, "docs/a.md:7")
    with pytest.raises(BadInput, match=r"docs/a\.md:7: no section 'nope' in 04/a\.py"):
        only('--8<-- "04/a.py:nope"').read(snippets, "docs/a.md:7")
