"""Small trees to test with: one page in English and in Czech that has every kind of piece."""

from pathlib import Path

from edgedocs.translation import Tree

SOURCE = """---
description: Sizes of files.
tags: [size]
---

# Sizes { #sizes }

A block holds **32** weights.

- It saves [[sizes.saving|.1%]].
- It costs little.

```python {#sizes facts="saving"}
--8<-- "sizes/sizes.py"
```

!!! note "A word"

    Inside there is a paragraph.

| Type | Bits |
|---|---|
| Q4_0 | 4.5 |

The end.
"""

CZECH = """---
description: Velikosti souborů.
tags: [size]
---

# Velikosti { #sizes }

Blok má **32** vah.

- Ušetří [[sizes.saving|.1%]].
- Stojí málo.

```python {#sizes facts="saving"}
--8<-- "sizes/sizes.py"
```

!!! note "Slovo"

    Uvnitř je odstavec.

| Typ | Bity |
|---|---|
| Q4_0 | 4,5 |

Konec.
"""

SEGMENTS = 9
"""In each of them: description, heading, paragraph, two items, admonition with its paragraph, table, paragraph."""

LANGUAGE = """name = "Čeština"
direction = "ltr"
plural = "nplurals=1; plural=0;"

[notices]
stale = "a"
untranslated = "b"
machine = "c"
"""


def make_tree(root: Path, pages: dict[str, str] | None = None, czech: dict[str, str] | None = None) -> Tree:
    """A tree in ``root``; without arguments it has the page ``sizes.md`` in both languages, not recorded yet."""
    write(root / "docs", {"sizes.md": SOURCE} if pages is None else pages)
    write(root / "translations" / "cs", {"sizes.md": CZECH} if czech is None else czech)
    write(root / "translations" / "cs", {"language.toml": LANGUAGE})
    return Tree.open(root / "docs", root / "translations")


def write(folder: Path, texts: dict[str, str]) -> None:
    """Write files with the line ends that the texts have."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place where ``old`` stands."""
    text = path.read_bytes().decode("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_bytes(text.replace(old, new).encode("utf-8"))
