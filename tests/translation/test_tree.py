from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.translation import Tree
from tests.translation.trees import make_tree, write


def test_pages_and_languages(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    write(tree.source, {"a/b.md": "", "conftest.py": "", ".hidden.md": "", ".x/c.md": "", "image.png": ""})
    write(tree.translations, {"sl/index.md": "", "x-pseudo/index.md": "", "pt-BR/index.md": "", "glossaries/a.md": ""})
    assert tree.pages() == ["a/b.md", "sizes.md"]
    assert tree.languages() == ["cs", "pt-BR", "sl", "x-pseudo"]
    assert tree.translated_pages("cs") == ["sizes.md"]


def test_excluded_pages(tmp_path: Path) -> None:
    make_tree(tmp_path)
    write(tmp_path / "docs", {"project/a.md": "", "project/b/c.md": "", "projects.md": ""})
    write(tmp_path / "translations", {"translate.toml": 'exclude = ["project/*"]\n'})
    assert Tree.open(tmp_path / "docs", tmp_path / "translations").pages() == ["projects.md", "sizes.md"]


@pytest.mark.parametrize("settings", ["exclude = 1", "exclude = [1]", "include = []", "exclude = [", "\ufeff"])
def test_malformed_settings(tmp_path: Path, settings: str) -> None:
    make_tree(tmp_path)
    write(tmp_path / "translations", {"translate.toml": settings})
    with pytest.raises(BadInput, match=r"translate\.toml"):
        Tree.open(tmp_path / "docs", tmp_path / "translations")


@pytest.mark.parametrize("missing", ["docs", "translations"])
def test_missing_folder(tmp_path: Path, missing: str) -> None:
    make_tree(tmp_path)
    (tmp_path / missing).rename(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match=f"{missing}: no such folder"):
        Tree.open(tmp_path / "docs", tmp_path / "translations")


def test_a_person_may_name_a_page_in_several_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    written = ["sizes.md", "docs/sizes.md", "translations/cs/sizes.md", str(tmp_path / "docs" / "sizes.md")]
    assert [tree.page_name(argument, "cs") for argument in written] == ["sizes.md"] * 4


@pytest.mark.parametrize("argument", ["none.md", "../docs/none.md", "translations/cs/language.toml", "/etc/passwd"])
def test_names_that_are_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str) -> None:
    tree = make_tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput):
        tree.page_name(argument, "cs")


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    write(tmp_path / "outside", {"secret.md": "# Secret\n"})
    try:
        (tree.source / "link.md").symlink_to(tmp_path / "outside" / "secret.md")
        (tree.source / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert "folder/secret.md" not in tree.pages()
    with pytest.raises(BadInput, match="leaves the folder"):
        tree.source_path("link.md")
    with pytest.raises(BadInput, match="leaves the folder"):
        tree.source_path("folder/secret.md")


def test_name_of_the_source_does_not_depend_on_the_machine(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    assert tree.source_name("a/b.md") == "docs/a/b.md"
    write(tmp_path / "elsewhere" / "handbook", {"index.md": ""})
    assert (
        Tree(tmp_path / "elsewhere" / "handbook", tree.translations).source_name("index.md")
        == "elsewhere/handbook/index.md"
    )
    assert Tree(tmp_path, tree.translations / "cs").source_name("index.md") == f"{tmp_path.name}/index.md"
