"""Templates: those of the theme, listed without the hidden ones, which are found all the same."""

from pathlib import Path

import jinja2
import material

from edgedocs.publishing.templates import Visible

FOLDER = Path(material.__file__).with_name("templates")


def test_all_templates_are_listed_that_are_not_hidden(tmp_path: Path) -> None:
    """Those are all that MkDocs takes files from: it leaves out names and folders that begin with a dot."""
    (tmp_path / "own" / ".hidden").mkdir(parents=True)
    for name in ("own/.hidden/a.svg", "own/b.svg", "c.html"):
        (tmp_path / name).write_text("", encoding="utf-8")
    folders = [str(tmp_path), str(FOLDER)]
    listed = jinja2.FileSystemLoader(folders).list_templates()
    hidden = {name for name in listed if any(part.startswith(".") for part in name.split("/")[:-1])}
    assert len(hidden) > 10_000
    assert Visible(folders).list_templates() == [name for name in listed if name not in hidden]
    assert {"own/b.svg", "c.html", "base.html"} <= set(Visible(folders).list_templates())


def test_hidden_templates_are_found_by_name() -> None:
    environment = jinja2.Environment(loader=Visible([str(FOLDER)]))
    assert "<svg" in environment.get_template(".icons/material/weather-night.svg").render()
