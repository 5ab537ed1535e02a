"""How an embedding model makes one vector of a text: what ``modules.json`` of sentence-transformers says of it."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Any

from gguf.constants import Keys, PoolingType

from edgedocs.architectures.base import ModelSpec
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, uint32
from edgedocs.core import files
from edgedocs.core.errors import BadInput

MODULES = "modules.json"
POOLING_FOLDER = "1_Pooling"
"""What sentence-transformers calls the folder of the second module."""
POOLINGS = {
    "pooling_mode_mean_tokens": ("mean", PoolingType.MEAN),
    "pooling_mode_cls_token": ("cls", PoolingType.CLS),
    "pooling_mode_lasttoken": ("lasttoken", PoolingType.LAST),
}
"""The switches in older files and the names in newer ones."""
KNOWN = ("Transformer", "Pooling", "Normalize")
"""Modules that are understood; normalizing is left to who asks for an embedding, as in llama.cpp."""


def pooling_fields(checkpoint: Checkpoint) -> dict[str, Field]:
    """The way of pooling; none for a model that is not one of sentence-transformers.

    Raises:
        BadInput: if a file is malformed, or asks for what llama.cpp does not do.
    """
    found = pooling_files(checkpoint)
    if len(found) < 2:
        return {}
    config = found[1]
    return {Keys.LLM.POOLING_TYPE: uint32(int(_pooling(files.read_json_object(config), config)))}


def pooling_files(checkpoint: Checkpoint) -> list[Path]:
    """``modules.json`` and the configuration of pooling; none for a model that is not one of sentence-transformers.

    Raises:
        BadInput: if a module is malformed, or would be left out.
    """
    path = checkpoint.path / MODULES
    if not path.is_file():
        return []
    modules = files.read_json(path)
    if not isinstance(modules, list) or not all(isinstance(one, dict) for one in modules):
        raise BadInput("malformed", where=path, expected="a list of modules")
    kinds = [str(module.get("type")).rpartition(".")[2] for module in modules]
    if unknown := [kind for kind in kinds if kind not in KNOWN]:
        raise BadInput(
            f"the model has a module {unknown[0][:40]!r}, which would be left out",
            where=path,
            expected=f"none but {', '.join(KNOWN)}",
        )
    pooling = [module for module, kind in zip(modules, kinds, strict=True) if kind == "Pooling"]
    if len(pooling) > 1:
        raise BadInput("the model pools twice", where=path, expected="one module for pooling")
    return [path, *(_folder(checkpoint.path, module.get("path"), path) / "config.json" for module in pooling)]


def pooling_documents(file: GGUFFile, spec: ModelSpec) -> dict[str, Any]:
    """The same files again, by their names, from what a GGUF file says of pooling; none if it says nothing.

    Raises:
        BadInput: if it says what sentence-transformers has no name for.
    """
    kind = file.metadata.get(Keys.LLM.POOLING_TYPE.format(arch=spec.architecture))
    if kind is None or kind == PoolingType.NONE:
        return {}
    if kind not in [known for _, known in POOLINGS.values()]:
        raise BadInput(
            f"pooling of the type {str(kind)[:40]!r} is not turned back",
            where=file.path,
            expected=f"one of {', '.join(name for name, _ in POOLINGS.values())}",
            remedy="use the checkpoint that the file was made from",
        )
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{name}"}
        for number, (name, path) in enumerate((("Transformer", ""), ("Pooling", POOLING_FOLDER)))
    ]
    switches = {switch: known == kind for switch, (_, known) in POOLINGS.items()}
    config = {"word_embedding_dimension": spec.hidden_size, **switches}
    return {MODULES: modules, f"{POOLING_FOLDER}/config.json": config}


def _folder(root: Path, name: Any, where: Path) -> Path:
    """A module's folder; the name must be a plain one, so that the file cannot point out of the checkpoint."""
    text = name if isinstance(name, str) else ""
    if text in ("", ".", "..") or text != PureWindowsPath(text).name or not text.isprintable():
        raise BadInput(f"the folder {str(name)[:80]!r} is refused", where=where, expected="a folder of the checkpoint")
    return root / text


def _pooling(config: dict[str, Any], where: Path) -> PoolingType:
    chosen = [kind for switch, (_, kind) in POOLINGS.items() if config.get(switch) is True]
    chosen += [kind for name, kind in POOLINGS.values() if config.get("pooling_mode") == name]
    others = [key for key, value in config.items() if value is True and key.startswith("pooling_mode_")]
    if len(chosen) != 1 or len(others) > 1:
        raise BadInput(
            "this way of pooling is not known",
            where=where,
            expected=f"one of {', '.join(name for name, _ in POOLINGS.values())}",
        )
    return chosen[0]
