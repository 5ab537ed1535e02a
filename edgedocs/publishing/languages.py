"""Languages: which the site has, and what it says in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.publishing.labels import Labels
from edgedocs.translation import language as translated
from edgedocs.translation import plots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgedocs.translation.tree import Tree


@dataclass(frozen=True)
class SiteLanguage:
    """One language of the site.

    Args:
        code: its tag, which is its folder's name in the site.
        name: what its speakers call it.
        direction: ``ltr`` or ``rtl``.
        labels: the words that the site adds.
        notices: sentences about the state of a translation, by state; none in the source language.
        plots: the labels of plots in this language, by label.
    """

    code: str
    name: str
    direction: str
    labels: Labels
    notices: Mapping[str, str] = field(default_factory=dict)
    plots: Mapping[str, str] = field(default_factory=dict)


def find(source: str, tree: Tree | None) -> list[SiteLanguage]:
    """The source language, then those that have a folder of translations, by code.

    A code for private use, such as ``x-pseudo``, is no language of the site: no theme and no locale data know it.

    Args:
        source: code of the source language.
        tree: the translations; None if the site has one language.

    Raises:
        BadInput: if a language lacks its ``language.toml``, it or ``plots.tsv`` is malformed, or a code is no locale.
    """
    languages = [SiteLanguage(source, _own_name(source), "ltr", Labels(source, {}, "labels.toml"))]
    for code in tree.languages() if tree else []:
        if code.startswith("x-"):
            continue
        folder = tree.translations / code if tree else Path()
        found = translated.Language.load(folder)
        labels = Labels(code, found.site, str(folder / translated.FILE_NAME), found.reasons)
        _own_name(code)
        drawn = plots.as_mapping(plots.load(folder))
        languages.append(SiteLanguage(code, found.name, found.direction, labels, found.notices, drawn))
    return languages


def _own_name(code: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise BadInput(
            f"no locale {code!r}", expected="a language that Unicode's locale data has, such as cs"
        ) from error
    name = locale.get_display_name(locale) or code
    return str(name[:1].upper() + name[1:])
