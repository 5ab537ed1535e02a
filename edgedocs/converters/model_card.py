"""ModelCard: what a checkpoint's README.md, LICENSE and config.json say of where the model comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from gguf.constants import Keys

from edgedocs.containers.gguf_fields import Field, text, uint32
from edgedocs.converters import front_matter
from edgedocs.converters.front_matter import Value
from edgedocs.core import files

CARD = "README.md"
LICENSES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
HUB = "https://huggingface.co/"
LONGEST_NAME = 200
MOST_SOURCES = 1000
TEXTS = {
    Keys.General.NAME: ("name", "model_name"),
    Keys.General.AUTHOR: ("author", "model_author", "model_creator"),
    Keys.General.VERSION: ("version", "model_version"),
    Keys.General.ORGANIZATION: ("organization", "model_organization"),
    Keys.General.FINETUNE: ("finetune", "model_finetune"),
    Keys.General.BASENAME: ("basename", "model_basename", "model_type"),
    Keys.General.DESCRIPTION: ("description", "model_description"),
    Keys.General.SIZE_LABEL: ("size_label", "model_size_label"),
    Keys.General.LICENSE: ("license",),
    Keys.General.LICENSE_NAME: ("license_name",),
    Keys.General.LICENSE_LINK: ("license_link",),
    Keys.General.SOURCE_URL: ("url", "model_url"),
    Keys.General.SOURCE_DOI: ("doi", "model_doi"),
    Keys.General.SOURCE_REPO_URL: ("repo_url", "model_repo_url"),
}
"""Keys of GGUF, and the names in a model card that fill them, the first that is there."""
LISTS = {
    Keys.General.TAGS: ("tags", "pipeline_tag"),
    Keys.General.LANGUAGES: ("languages", "language"),
}
BASE_MODELS, DATASETS = ("base_model", "base_models"), ("datasets", "dataset")
NAMES = frozenset(name for names in (*TEXTS.values(), *LISTS.values(), BASE_MODELS, DATASETS) for name in names)


@dataclass(frozen=True)
class ModelCard:
    """What is known of where a model comes from.

    Attributes:
        values: the front matter of README.md, the names that GGUF has keys for.
        license: what the text of LICENSE is, where the card names no licence: an identifier, or None for no such file.
        license_file: that file's name.
        identity: ``organization/name`` or a name, from which basename, size, version and finetune follow.
    """

    values: Mapping[str, Value]
    license: str | None
    license_file: str | None
    identity: str

    @classmethod
    def open(cls, folder: Path, config: Mapping[str, Any]) -> ModelCard:
        """Read the files of a folder, those that are there.

        Args:
            folder: the checkpoint.
            config: ``config.json``.

        Raises:
            BadInput: if the front matter of README.md is malformed where it matters, or a file is no text.
            CannotRun: if a file cannot be read.
        """
        path = folder / CARD
        values = front_matter.read(files.read_text(path), NAMES, path) if path.is_file() else {}
        found = next((name for name in LICENSES if (folder / name).is_file()), None)
        kind = None if found is None else license_of(files.read_text(folder / found))
        return cls(values, kind, found, _identity(folder, config))

    def fields(self, weights: int) -> dict[str, Field]:
        """The GGUF metadata.

        Args:
            weights: how many the model has; a size in its name that is far from it is no size.
        """
        texts = self._parts(weights)
        for key, names in TEXTS.items():
            if (value := next((self.values[name] for name in names if name in self.values), None)) is not None:
                texts[key] = value if isinstance(value, str) else ",".join(value)
        if Keys.General.LICENSE not in texts and self.license_file is not None:
            texts[Keys.General.LICENSE] = self.license or "other"
            if self.license is None:
                texts.setdefault(Keys.General.LICENSE_LINK, self.license_file)
        found = {key: text(value) for key, value in texts.items()}
        for key, names in LISTS.items():
            if items := [item for name in names for item in _list(self.values.get(name))]:
                found[key] = text(items)
        general = Keys.General
        found |= self._sources(BASE_MODELS, general.BASE_MODEL_COUNT, "general.base_model.{id}.{part}", weights)
        return found | self._sources(DATASETS, general.DATASET_COUNT, "general.dataset.{id}.{part}", weights)

    def _parts(self, weights: int) -> dict[str, str]:
        """What the model's name says."""
        _, organization, basename, finetune, version, size = _components(self.identity, weights)
        parts = {
            Keys.General.ORGANIZATION: _title(organization),
            Keys.General.BASENAME: basename,
            Keys.General.FINETUNE: finetune,
            Keys.General.VERSION: version,
            Keys.General.SIZE_LABEL: size,
        }
        return {key: value for key, value in parts.items() if value}

    def _sources(self, names: tuple[str, ...], count: str, key: str, weights: int) -> dict[str, Field]:
        """The models or data sets that the model was made from, numbered."""
        value = next((self.values[name] for name in names if name in self.values), None)
        sources = _list(value)
        if not sources:
            return {}
        found = {count: uint32(len(sources))}
        for number, source in enumerate(sources):
            for part, content in _source(source, weights).items():
                found[key.format(id=number, part=part)] = text(content)
        return found


def sources_of(metadata: Mapping[str, Any], count: str, kind: str) -> list[str]:
    """The models or data sets that a GGUF file names, as a model card names them: on the hub, or by their addresses.

    Args:
        metadata: the file's.
        count: the key that says how many there are.
        kind: what is in the keys of each: ``base_model`` or ``dataset``.
    """
    number = metadata.get(count)
    found = []
    for place in range(min(number, MOST_SOURCES) if isinstance(number, int) else 0):
        address, name = (metadata.get(f"general.{kind}.{place}.{part}") for part in ("repo_url", "name"))
        source = address if isinstance(address, str) else name
        if isinstance(source, str):
            found.append(source.removeprefix(HUB))
    return found


def license_of(content: str) -> str | None:
    """The identifier of the licence that a text is; None if it is none that is known here."""
    start = " ".join(content[:3000].split()).lower()
    return next((name for name, phrases in _phrases().items() if all(one in start for one in phrases)), None)


@cache
def _phrases() -> dict[str, list[str]]:
    table = tomllib.loads(resources.files(__package__).joinpath("licenses.toml").read_text(encoding="utf-8"))
    return {name: [phrase.lower() for phrase in phrases] for name, phrases in table["phrases"].items()}


def _identity(folder: Path, config: Mapping[str, Any]) -> str:
    """The name on the hub that ``config.json`` keeps, unless that is a path; else the folder's name."""
    name = config.get("_name_or_path")
    if isinstance(name, str) and name.count("/") <= 1 and name[:1] not in ("", ".", "/", "~") and "\\" not in name:
        return name
    return folder.resolve().name


def _source(source: str, weights: int) -> dict[str, str]:
    """Name, organization, version and address of a model or data set, from its name on the hub or its address."""
    address = source if source.startswith(("http://", "https://", "ssh://")) else None
    if address is not None and not (source.startswith(HUB) and source.count("/") == 4):
        return {"repo_url": address}
    name, organization, _, _, version, _ = _components(source.removeprefix(HUB), weights)
    found = {"name": _title(name), "organization": _title(organization), "version": version}
    if organization and name:
        found["repo_url"] = address or f"{HUB}{organization}/{name}"
    return {part: content for part, content in found.items() if content}


def _components(identity: str, weights: int) -> tuple[str | None, ...]:
    """Name, organization, basename, finetune, version and size, as llama.cpp's own converter takes a name apart."""
    from gguf.metadata import Metadata

    if len(identity) > LONGEST_NAME or not all(identity.strip().split("/")):
        return (identity, None, None, None, None, None)
    return tuple(Metadata.get_model_id_components(identity, weights))


def _title(name: str | None) -> str | None:
    from gguf.metadata import Metadata

    return None if name is None else str(Metadata.id_to_title(name))  # type: ignore[no-untyped-call]


def _list(value: Value | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value
