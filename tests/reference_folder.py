"""A small checkpoint to spoil: a copy of the reference folder that transformers made."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference" / "llama-random"


def copy_of_reference(folder: Path, name: str = "model") -> Path:
    target = folder / name
    shutil.copytree(REFERENCE, target, ignore=shutil.ignore_patterns("*.npz"))
    return target


def change_json(path: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
