"""Trees as Co-op Translator leaves them: a whole project as the source, with ``translations`` in it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.cli import main
from edgedocs.translation import Tree
from tests.translation.trees import write

SOURCE = """# Small boards

A board has *one* core and 256 MB.

## Power

- Ask `uptime` first.
- Then [read on](https://example.org/power).

```python
watts = 3  # measured
```

It stays cool.
"""

CZECH = """# Malé desky

Deska má *jedno* jádro a 256 MB.

## Napájení

- Nejdřív se zeptejte `uptime`.
- Pak [čtěte dál](https://example.org/power).

```python
watts = 3  # measured
```

Zůstává chladná.
"""

SEGMENTS = 6
"""In each of them: two headings, two paragraphs, two items."""

DATE = "2025-09-18T16:39:44+00:00"
FOOTER = "**Prohlášení**:  \nPřeložil to stroj, [Co-op Translator](https://github.com/Azure/co-op-translator)."


def md5(text: str) -> str:
    """As the tool hashes: of the file's bytes, whatever they are."""
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def entry(source: str, name: str, language: str = "cs", **others: object) -> dict[str, object]:
    """The four keys, for a source with this text."""
    keys = {"original_hash": md5(source), "translation_date": DATE, "source_file": name, "language_code": language}
    return {**keys, **others}


def inline(document: dict[str, object], body: str, *, label: bool = True, ascii_only: bool = False) -> str:
    """A page of an older version, with the header at its top."""
    name = "CO_OP_TRANSLATOR_METADATA:\n" if label else ""
    return f"<!--\n{name}{json.dumps(document, indent=2, ensure_ascii=ascii_only)}\n-->\n{body}"


def notebook(prose: str, code: str = "print(1)", **metadata: object) -> str:
    """A notebook of two cells."""
    cells = [
        {"cell_type": "markdown", "id": "a1", "metadata": {}, "source": prose.splitlines(keepends=True)},
        {"cell_type": "code", "execution_count": 1, "id": "b2", "metadata": {}, "outputs": [], "source": [code]},
    ]
    known = {"language_info": {"name": "python"}}
    document = {"cells": cells, "metadata": {**known, **metadata}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def make_coop_tree(
    root: Path,
    sources: dict[str, str],
    translated: dict[str, str],
    state: dict[str, object] | str | None = None,
    language: str = "cs",
) -> Tree:
    """A project in ``root`` with one language, and its state file, if it has one."""
    write(root, sources)
    write(root / "translated_images", {"cs/picture.md": "no page"})
    folder = root / "translations" / language
    write(folder, translated)
    if state is not None:
        text = state if isinstance(state, str) else json.dumps(state, indent=2, ensure_ascii=False)
        write(folder, {".co-op-translator.json": text})
    return Tree.open(root, root / "translations")


def commit(root: Path, date: str) -> None:
    """Commit everything at a moment, in a repository made if need be."""
    identity = {"NAME": "a", "EMAIL": "a@example.org", "DATE": date}
    environment = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
    environment |= {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "a step"]):
        subprocess.run(["git", *command], cwd=root, env=environment, check=True, capture_output=True)


def run(monkeypatch: pytest.MonkeyPatch, tree: Tree, *arguments: str) -> int:
    """Exit code of ``edgedocs translate`` on a tree."""
    folders = ["--source", str(tree.source), "--translations", str(tree.translations)]
    monkeypatch.setattr(sys, "argv", ["edgedocs", "translate", *arguments, *folders])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)
