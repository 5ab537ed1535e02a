import pytest

from edgedocs.core.errors import BadInput
from edgedocs.pages import Page


def test_a_page_is_named_by_its_path(tmp_path):
    docs = tmp_path / "docs"
    (docs / "guide").mkdir(parents=True)
    path = docs / "guide" / "install.md"
    path.write_bytes(b"\xef\xbb\xbf# Title *here* { #top }\r\n\r\nSecond\r\n------\r\n\r\n```python {#a}\r\n1\r\n```")
    page = Page.load(path, docs)
    assert (page.name, page.shown, page.place(3)) == (
        "guide/install",
        "docs/guide/install.md",
        "docs/guide/install.md:3",
    )
    assert [(heading.level, heading.text, heading.id, heading.line) for heading in page.headings] == [
        (1, "Title *here*", "top", 1),
        (2, "Second", None, 3),
    ]
    assert [fence.id for fence in page.fences] == ["a"]


def test_a_page_that_is_not_utf8_is_told(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"one\ntwo \xff\n")
    with pytest.raises(BadInput, match=r"a\.md:2: byte 8 \(0xff\) is not UTF-8"):
        Page.load(path, tmp_path)
