"""Templates: those of the theme, compiled once for all languages and all builds of a process.

MkDocs makes a new environment for each language, and Material a further one for each word of its search. A compiled
template is used again where the environment compiles the same source in the same way. For each environment MkDocs lists
all files of the theme, to take those into the site that are no templates.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from mkdocs.theme import Theme

if TYPE_CHECKING:
    from types import CodeType

    from jinja2.bccache import Bucket
    from jinja2.environment import Environment

_SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "line_statement_prefix", "line_comment_prefix"),
    *("trim_blocks", "lstrip_blocks", "newline_sequence", "keep_trailing_newline", "optimized", "autoescape"),
)


class Compiled(jinja2.BytecodeCache):
    """Compiled templates, by place, source and the settings that they were compiled with."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template if it was compiled before."""
        bucket.code = self._kept.get(_place(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        if bucket.code is not None:
            self._kept[_place(bucket)] = bucket.code


def _place(bucket: Bucket) -> tuple[object, ...]:
    environment = bucket.environment
    settings = tuple(getattr(environment, name) for name in _SYNTAX)
    return (bucket.key, bucket.checksum, settings, tuple(sorted(environment.extensions)))


_COMPILED = Compiled()


class Visible(jinja2.FileSystemLoader):
    """Templates in folders; what lies in hidden ones is found by its name and not listed.

    MkDocs takes none of it into the site, and Material keeps 14,000 icons there.
    """

    def list_templates(self) -> list[str]:
        """The paths of all templates that are not hidden."""
        found: set[str] = set()
        for root in self.searchpath:
            for folder, folders, names in os.walk(root, followlinks=self.followlinks):
                folders[:] = [name for name in folders if not name.startswith(".")]
                place = Path(folder).relative_to(root)
                found.update((place / name).as_posix() for name in names)
        return sorted(found)


def share_compiled(theme: Theme) -> None:
    """Make the environments of a theme share what they compile."""
    theme.get_env = functools.partial(_environment, theme)  # type: ignore[method-assign]


def _environment(theme: Theme) -> Environment:
    environment = type(theme).get_env(theme)
    environment.bytecode_cache = _COMPILED
    environment.loader = Visible(theme.dirs)
    return environment
