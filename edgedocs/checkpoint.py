"""Checkpoint: a model folder in the Hugging Face layout, its weights read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Any

from edgedocs import architectures
from edgedocs.architectures.base import Architecture, ModelSpec
from edgedocs.containers.safetensors import SafetensorsFile, Tensor
from edgedocs.containers.scaled import are_scaled, with_scales
from edgedocs.core import files
from edgedocs.core.errors import BadInput

SHIPPED = "tiny"
"""The name that means the checkpoint that comes along, wherever a checkpoint is asked for."""
ENVIRONMENT = "EDGEDOCS_MODEL"
"""The environment variable that names the checkpoint to use where none is given."""

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
FLOATS = ("F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
"""The types of weights that can be converted, each exact in float32."""
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
REMEDY = "check that the download is complete"


class Checkpoint:
    """A model as it was trained: weights, configuration, tokenizer.

    Attributes:
        path: the folder.
        name: what to call the model: the folder's name.
        config: ``config.json``.
        tensors: the weights by their Hugging Face names; only their headers have been read.
    """

    def __init__(self, path: Path, config: dict[str, Any], tensors: Mapping[str, Tensor]) -> None:
        self.path = path
        self.name = path.resolve().name
        self.config = config
        self.tensors = tensors

    @classmethod
    def open(cls, source: str | Path | None = None) -> Checkpoint:
        """Open a checkpoint folder.

        Args:
            source: a folder with ``config.json`` and safetensors weights, in one file or in shards with an index;
                ``"tiny"`` is the model that comes along; None is what the environment variable EDGEDOCS_MODEL
                names, or ``tiny``.

        Raises:
            BadInput: if there is no such folder, it is no checkpoint, its weights are pickled, or a file in it is
                malformed.
            CannotRun: if a file cannot be read.

        Example:
            >>> Checkpoint.open("tiny").spec.hidden_size
            256
        """
        if source is None:
            source = os.environ.get(ENVIRONMENT) or SHIPPED
        path = Path(__file__).parent / SHIPPED if source == SHIPPED else Path(source)
        _check_folder(path)
        _check_links(path)
        config = files.read_json_object(path / "config.json", REMEDY)
        tensors = with_scales(_tensors(path), config)
        if are_scaled(tensors.values()):
            # They are read as plain floats now, so it would be wrong to say that they are quantized.
            config = {key: value for key, value in config.items() if key != "quantization_config"}
        return cls(path, config, MappingProxyType(tensors))

    @cached_property
    def architecture(self) -> Architecture:
        """The family that ``config.json`` names.

        Raises:
            BadInput: if it is none that EdgeDocs knows.
        """
        return architectures.for_config(self.config, self.path / "config.json")

    @cached_property
    def spec(self) -> ModelSpec:
        """The model's shape, with every tensor checked against it.

        Raises:
            BadInput: if ``config.json`` cannot be right, or a tensor is missing, superfluous, of another shape or
                quantized.
        """
        spec = self.architecture.spec(self.config, self.path / "config.json")
        self.architecture.check(spec, self.tensors, self.path)
        for role in self.architecture.tensors(spec):
            if (dtype := self.tensors[role.name].dtype) not in FLOATS:
                raise BadInput(
                    f"tensor {role.name} is {dtype}",
                    where=self.tensors[role.name].path,
                    expected=f"weights in {', '.join(FLOATS)}",
                    remedy="use the checkpoint that was not quantized",
                )
        return spec

    @property
    def tokenizer_json(self) -> Path:
        """The tokenizer's file.

        Raises:
            BadInput: if the checkpoint has none.
        """
        path = self.path / "tokenizer.json"
        if not path.is_file():
            raise BadInput(
                "no tokenizer.json", where=self.path, expected="a tokenizer as the `tokenizers` library writes it"
            )
        return path

    @cached_property
    def tokenizer_config(self) -> dict[str, Any]:
        """``tokenizer_config.json``; empty where there is none."""
        return self._optional("tokenizer_config.json")

    @cached_property
    def generation_config(self) -> dict[str, Any]:
        """``generation_config.json``; empty where there is none."""
        return self._optional("generation_config.json")

    @cached_property
    def chat_template(self) -> str | None:
        """The Jinja template that turns messages into a prompt: a file of its own, or from the tokenizer's config."""
        if (path := self.path / "chat_template.jinja").is_file():
            return files.read_text(path)
        template = self.tokenizer_config.get("chat_template")
        if isinstance(template, list):
            named = {one.get("name"): one.get("template") for one in template if isinstance(one, dict)}
            template = named.get("default")
        if template is not None and not isinstance(template, str):
            raise BadInput(
                "chat_template is malformed",
                where=self.path / "tokenizer_config.json",
                expected="a text, or a list of named ones with a default",
            )
        return template

    @cached_property
    def license(self) -> str | None:
        """The licence that the model card's front matter (``README.md``) names, for example ``mit``."""
        path = self.path / "README.md"
        if not path.is_file():
            return None
        lines = files.read_text(path).splitlines()
        if not lines or lines[0].strip() != "---":
            return None
        for line in lines[1:]:
            if line.strip() == "---":
                break
            key, _, value = line.partition(":")
            if key == "license" and value.strip():
                return value.strip().strip("\"'")
        return None

    def _optional(self, name: str) -> dict[str, Any]:
        path = self.path / name
        return files.read_json_object(path, REMEDY) if path.is_file() else {}


def _check_folder(path: Path) -> None:
    """Raise unless ``path`` is a folder with a configuration and weights that are safe to read."""
    if path.suffix.lower() in PICKLES and not path.is_dir():
        raise _pickled(path)
    if path.is_file():
        raise BadInput(
            "a file, not a checkpoint folder",
            where=path,
            expected="a folder with config.json and safetensors weights",
            remedy="name the folder that holds it; a .gguf file can be run, measured or quantized as it is",
        )
    if not path.is_dir():
        raise BadInput("no such checkpoint", where=path, expected=f"a checkpoint folder, or {SHIPPED!r}")
    if not any((path / name).is_file() for name in (SINGLE, INDEX)):
        if pickled := sorted(one for one in path.iterdir() if one.suffix.lower() in PICKLES):
            raise _pickled(pickled[0])
        raise BadInput(
            "not a checkpoint folder: no safetensors weights",
            where=path,
            expected=f"{SINGLE} or {INDEX}",
            remedy=REMEDY,
        )
    if not (path / "config.json").is_file():
        raise BadInput("not a checkpoint folder: no config.json", where=path, expected="config.json", remedy=REMEDY)


def _check_links(path: Path) -> None:
    """Raise if a link in the folder leads out of it: its content would end up in what is made of the folder.

    In a cache of Hugging Face, a snapshot's files are links to the ``blobs`` of the same model.
    """
    folder = path.resolve()
    allowed = [folder]
    if folder.parent.name == "snapshots":
        allowed.append(folder.parent.parent / "blobs")
    for entry in sorted(path.iterdir()):
        if not entry.is_symlink():
            continue
        target = Path(os.path.realpath(entry))
        if not any(target.is_relative_to(one) for one in allowed):
            raise BadInput(
                "a link that leads out of the folder",
                where=entry,
                expected="files in the folder itself, or a snapshot in a cache of Hugging Face",
                remedy="copy the file into the folder, if it belongs there",
            )


def _pickled(path: Path) -> BadInput:
    return BadInput(
        "weights in a pickle file are refused: loading one runs whatever code it holds",
        where=path,
        expected="safetensors weights",
        remedy="get the model's safetensors files; if there are none, convert it on a machine you can lose: "
        'python -c "import torch, safetensors.torch; safetensors.torch.save_file('
        f"torch.load('{path.name}', map_location='cpu', weights_only=True), 'model.safetensors')\"",
    )


def _tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of the single file, or of the shards that the index names."""
    if (path / SINGLE).is_file():
        return SafetensorsFile.open(path / SINGLE).tensors
    weight_map = files.read_json_object(path / INDEX, REMEDY, unique=True).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise BadInput("no weight_map", where=path / INDEX, expected="tensor names, each with its shard", remedy=REMEDY)
    tensors: dict[str, Tensor] = {}
    for shard in dict.fromkeys(map(str, weight_map.values())):
        # transformers too takes what a shard holds beyond what the index names.
        for name, tensor in SafetensorsFile.open(_shard(path, shard)).tensors.items():
            if name in tensors:
                raise BadInput(
                    f"tensor {name!r} is in {tensors[name].path.name} too", where=path / shard, remedy=REMEDY
                )
            tensors[name] = tensor
    for name, shard in weight_map.items():
        if name not in tensors or tensors[name].path.name != shard:
            raise BadInput(
                f"the index says that tensor {name!r} is in {shard}, and it is not", where=path / INDEX, remedy=REMEDY
            )
    return tensors


def _shard(folder: Path, name: str) -> Path:
    """A shard's path; the name must be a plain one on every system, so an index cannot point out of the folder."""
    if name != PureWindowsPath(name).name or not name.endswith(".safetensors") or not name.isprintable():
        raise BadInput(
            f"the shard name {name[:80]!r} is refused",
            where=folder / INDEX,
            expected="a *.safetensors file in the folder",
        )
    return folder / name
