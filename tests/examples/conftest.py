import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.examples import recording
from edgedocs.examples.collection import collect
from edgedocs.examples.evaluation import evaluate
from edgedocs.examples.project import Project

CONFTEST = "from edgedocs.examples.pytest_plugin import wire\n\npytest_addoption = wire(__file__)\n"


_WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:anyio")
"""Plug-ins of other packages that take longer to import than a small documentation to run."""


class Site:
    """A small documentation in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.docs = root / "docs"
        self.snippets = root / "snippets"
        self.docs.mkdir()
        self.snippets.mkdir()
        self.write("docs/conftest.py", CONFTEST)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode("utf-8")

    def page(self, text: str, name: str = "a") -> Path:
        return self.write(f"docs/{name}.md", text)

    def python(self, code: str, attributes: str = "", more: str = "") -> Path:
        """A page with one example ``x``, its file, and what else is given."""
        self.write("snippets/a/x.py", code)
        return self.page(f'# A\n\n```python {{#x {attributes}}}\n--8<-- "a/x.py"\n```\n\n{more}')

    @property
    def project(self) -> Project:
        return Project.open(self.docs)

    def collect(self, name: str = "a"):
        return collect(self.project, self.project.page(self.docs / f"{name}.md"))

    def problems(self, name: str = "a") -> str:
        return "\n".join(str(problem) for problem in self.collect(name).problems)

    def example(self, name: str = "x"):
        found = self.collect()
        found.raise_problems()
        return next(example for example in found.examples if example.name == name)

    def evaluate(self, name: str = "x"):
        return evaluate(self.example(name))

    def update(self, name: str = "x") -> None:
        example = self.example(name)
        recording.update(self.project, example, evaluate(example))

    def check(self, name: str = "x") -> None:
        example = self.example(name)
        recording.check(self.project, example, evaluate(example))

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest over the pages, as a person would."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *_WITHOUT, *(arguments or ("docs",))],
            cwd=self.root,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


OUTPUT = '```text {output-of="x"}\n--8<-- "a/x.out"\n```\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)
