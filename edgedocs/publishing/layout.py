"""Layout: what MkDocs, Material and static-i18n are told, in their own terms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from edgedocs.publishing.labels import Labels
    from edgedocs.publishing.languages import SiteLanguage

STYLE = "assets/edgedocs/edgedocs.css"
SCRIPTS = tuple(f"assets/edgedocs/{name}.js" for name in ("copy", "install", "scrolling", "switch"))
_ROOT = re.compile(r"<html\b(?![^>]*\sdir=)[^>]*")
_WORDS = "partials/languages"


def add_languages(config: MkDocsConfig, languages: Sequence[SiteLanguage]) -> None:
    """Tell static-i18n of the languages that have translations, so that they are listed in one place only.

    If it is to build one language only, the pages of that language stay where they are in the whole site.

    Raises:
        BadInput: if static-i18n is missing, lays languages out otherwise than in folders or lists one that there is
            not, or the theme has no words in a language.
    """
    plugin = _i18n(config)
    if plugin is None or plugin.config.docs_structure != "folder":
        raise BadInput(
            "the plug-in i18n must lay languages out in folders",
            where=config.config_file_path,
            expected=f"i18n with docs_structure: folder and the language {languages[0].code} as default",
            remedy="install mkdocs-static-i18n and list it after `edgedocs`",
        )
    listed = {language.locale: language.build for language in plugin.config.languages}
    only = plugin.config.build_only_locale
    if only:  # static-i18n has made it the default, which would move its pages to the root and lose shared pictures
        for entry in plugin.config.languages:
            entry.default = entry.locale == languages[0].code
        plugin.current_language = only
    if plugin.default_language != languages[0].code:
        raise BadInput(
            f"the default language of i18n is {plugin.default_language!r}",
            where=config.config_file_path,
            expected=f"{languages[0].code!r}, the plug-in's source_language",
        )
    known = [language.code for language in languages]
    if only and only not in known:
        raise BadInput(f"no language {only!r}", where=config.config_file_path, expected=f"one of {', '.join(known)}")
    for code in listed:
        if listed[code] and code not in known:
            raise BadInput(
                f"i18n lists the language {code!r}, which has no folder of translations",
                where=config.config_file_path,
                expected=f"one of {', '.join(known)}",
                remedy="remove it from the list, or add the folder with a language.toml",
            )
    for language in languages[1:]:
        if "language" in config.theme:
            require_words(language.code, [Path(folder) for folder in config.theme.dirs])
        if language.code not in listed:
            plugin.config.languages.append(_entry(language))
    if only:
        for entry in plugin.config.languages:
            entry.build = entry.locale == only


def require_words(code: str, themes: Sequence[Path]) -> None:
    """Check that Material for MkDocs has its own words, such as those of the search, in a language.

    Args:
        code: the language's code.
        themes: the folders of templates.

    Raises:
        BadInput: if there are none.
    """
    known = sorted(path.stem for folder in themes for path in (folder / _WORDS).glob("*.html"))
    if code not in known:
        raise BadInput(
            f"the theme has no words in {code!r}",
            where=code,
            expected=f"one of {', '.join(known)}",
            remedy=f"choose one of them, or add {_WORDS}/{code}.html to a custom_dir, from that of a similar language",
        )


def _entry(language: SiteLanguage) -> Any:
    from mkdocs_static_i18n.config import I18nPluginLanguage  # type: ignore[import-untyped]

    entry = I18nPluginLanguage()
    entry.load_dict({"locale": language.code, "name": language.name, "build": True})
    errors, _ = entry.validate()
    if errors:
        raise BadInput(str(errors[0][1]), where=language.code, expected="a language that static-i18n can lay out")
    return entry


def current_language(config: MkDocsConfig) -> str | None:
    """The code of the language that is being built."""
    plugin = _i18n(config)
    code: str | None = plugin.current_language if plugin else None
    return code


def is_one_of_several(config: MkDocsConfig) -> bool:
    """Whether this build is one of those that static-i18n starts from within another."""
    return bool(_i18n(config).building)


def use_theme(config: MkDocsConfig, folder: Path) -> None:
    """Put our templates before those of the theme and after those of the project, with their style and script."""
    directories = [directory for directory in config.theme.dirs if directory != str(folder)]
    own = [directory for directory in directories if directory == config.theme.custom_dir]
    others = [directory for directory in directories if directory not in own]
    config.theme.dirs[:] = [*own, str(folder), *others]
    if STYLE not in config.extra_css:
        config.extra_css.insert(0, STYLE)
    for name in SCRIPTS:
        if name not in [str(script) for script in config.extra_javascript]:
            config.extra_javascript.append(name)


def use_labels(config: MkDocsConfig, labels: Labels) -> None:
    """Word the theme's own controls in the language being built."""
    config.mdx_configs.setdefault("toc", {})["permalink_title"] = labels["permalink"]
    for option in config.theme.get("palette") or []:
        if isinstance(option, dict) and "toggle" in option:
            dark = option.get("scheme") == "slate"
            option["toggle"]["name"] = labels["light" if dark else "dark"]


def use_direction(config: MkDocsConfig, direction: str) -> None:
    """Lay the pages out in the direction in which the language being built is written: ``ltr`` or ``rtl``."""
    config.theme["direction"] = direction


def with_direction(html: str, direction: str) -> str:
    """A page whose root says its direction too; Material says it of the body alone."""
    return _ROOT.sub(rf'\g<0> dir="{direction}"', html, count=1)


def ask_for_switch(config: MkDocsConfig) -> None:
    """Make header.html include our language switch, and base.html list no translations: static-i18n's are untrue."""
    config.extra["alternate"] = True
    vars(config.extra)["alternate"] = True  # static-i18n sets the attribute too, and templates look at that first


def _i18n(config: MkDocsConfig) -> Any:
    return config.plugins.get("i18n")
