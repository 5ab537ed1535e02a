"""Artifact: a converted model on disk, and the manifest beside it that says what it is and where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgedocs.containers import layouts
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import sibling_parts
from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.core.provenance import provenance

MANIFEST_SUFFIX = ".manifest.json"


@dataclass(frozen=True)
class Artifact:
    """A model file or folder that a converter wrote.

    Attributes:
        path: the file or folder.
        format: a converter's name, such as ``gguf`` or ``onnx``.
        sha256: of the file's bytes; of a folder or of a model in parts, over every file's relative name and hash in
            sorted order.
        recipe: the precision asked for, such as ``q4_0``; None where no manifest tells.
        size_bytes: bytes of the file, or of the folder's files together.
    """

    path: Path
    format: str
    sha256: str
    recipe: str | None
    size_bytes: int

    @classmethod
    def describe(cls, path: str | Path) -> Artifact:
        """Describe what is at ``path``: hash and size are measured; the recipe is the manifest's, if that fits them.

        Raises:
            BadInput: if there is neither a GGUF file nor a folder that a converter might have written.
        """
        path = Path(path)
        parts = _parts(path)
        artifact = cls(path, _format(path), _sha256(path, parts, {}), None, size_of(path))
        recipe = artifact.manifest().get("recipe")
        return replace(artifact, recipe=recipe) if isinstance(recipe, str) else artifact

    @classmethod
    def record(
        cls,
        path: Path,
        recipe: str,
        source: Mapping[str, Any],
        packages: tuple[str, ...] = (),
        hashes: Mapping[Path, str] | None = None,
    ) -> Artifact:
        """Describe a newly written model and write its manifest.

        Args:
            path: the file or folder.
            recipe: the precision asked for.
            source: what it was made from, JSON-ready; see :func:`source_of`.
            packages: distributions whose versions belong into the provenance.
            hashes: the SHA-256 of every file, if whoever wrote them knows; otherwise they are read again.
        """
        digest = _sha256(path, _parts(path), hashes or {})
        artifact = cls(path, _format(path), digest, recipe, size_of(path))
        document = artifact.as_dict() | {"source": dict(source), "provenance": provenance(*packages)}
        del document["path"]
        files.write_json(artifact.manifest_path, document)
        return artifact

    @property
    def manifest_path(self) -> Path:
        """Where the manifest is: beside the artifact, its name with ``.manifest.json`` at the end."""
        return self.path.with_name(self.path.name + MANIFEST_SUFFIX)

    def manifest(self) -> dict[str, Any]:
        """The manifest; empty where there is none, or where it belongs to other bytes than these."""
        if not self.manifest_path.is_file():
            return {}
        document = files.read_json(self.manifest_path)
        return document if isinstance(document, dict) and document.get("sha256") == self.sha256 else {}

    def as_dict(self) -> dict[str, Any]:
        """The artifact as JSON-ready data."""
        return {
            "path": str(self.path),
            "format": self.format,
            "recipe": self.recipe,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
        }


def source_of(*paths: Path) -> dict[str, Any]:
    """Name and SHA-256 of each file that a model is made from, for a manifest."""
    return {"files": {path.name: files.sha256(path) for path in paths}}


def size_of(path: Path) -> int:
    """Bytes of a file, or of a folder's files together."""
    return sum(part.stat().st_size for part in _parts(path))


MODEL_FILES = ("*.safetensors", "*.safetensors.index.json", "config.json", "tokenizer.json", "tokenizer.model")
"""Of a checkpoint's folder, what decides what the model computes; a card or a picture beside it does not."""


def sha256_of(path: Path) -> str:
    """The SHA-256 that :class:`Artifact` gives a model; for a checkpoint's folder, over the files of MODEL_FILES."""
    parts = _parts(path)
    is_written_by_us = path.with_name(path.resolve().name + MANIFEST_SUFFIX).is_file()
    if path.is_dir() and not is_written_by_us:
        named = {part for pattern in MODEL_FILES for part in path.glob(pattern)}
        parts = [part for part in parts if part in named] or parts
    return _sha256(path, parts, {})


def _format(path: Path) -> str:
    if is_gguf(path):
        return "gguf"
    if found := layouts.format_of(path):
        return found
    if any((path / name).is_file() for name in ("model.safetensors", "model.safetensors.index.json")):
        return "safetensors"
    raise BadInput(
        "no converted model here",
        where=path,
        expected="a GGUF file, or a folder with model.onnx, openvino_model.xml or model.safetensors",
    )


def _parts(path: Path) -> list[Path]:
    """The files of a model: those in its folder, those that it is split into, or itself."""
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    return [part for part in sibling_parts(path) if part.is_file()] if path.is_file() else []


def _sha256(path: Path, parts: list[Path], hashes: Mapping[Path, str]) -> str:
    def hashed(part: Path) -> str:
        return hashes[part] if part in hashes else files.sha256(part)

    if parts == [path]:
        return hashed(path)
    folder = path if path.is_dir() else path.parent
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part.relative_to(folder).as_posix()}\0{hashed(part)}\n".encode())
    return digest.hexdigest()
