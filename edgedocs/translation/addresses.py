"""Addresses: whether two that are written differently lead to the same place."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from edgedocs.translation.pairs import PageContext

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ENGLISH = re.compile(r"(?<=/)en(?:[-_](?:us|gb))?(?=/)", re.IGNORECASE)
_COPIED_IMAGES = "translated_images"
"""Folder in which Co-op Translator keeps the images whose words it translated: ``name.<hash>.<language>.png``."""


@lru_cache(maxsize=8192)
def is_external(address: str) -> bool:
    """Whether an address has a scheme, or a host without one."""
    return address.startswith("//") or _SCHEME.match(address) is not None


def domain(address: str) -> str:
    """The host of an external address in small letters; empty if it has none."""
    _, slashes, rest = address.partition("//")
    if not slashes:
        return ""
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return host.rpartition("@")[2].lower()


@lru_cache(maxsize=8192)
def fragment(address: str) -> str:
    """What stands behind the hash, percent signs decoded."""
    return unquote(address.partition("#")[2])


def is_same(context: PageContext, source: str, translation: str) -> bool:
    """Whether an address in a translation leads where that of its source leads, or to the translation of that page.

    Relative addresses may be rewritten for the folder in which the translation lies; an external address may lead to
    the same page in the language. Fragments alone are compared by whoever knows the headings.

    Args:
        context: language and page, and where the source folder lies.
        source: an address in the source.
        translation: an address in the translation.
    """
    if source == translation:
        return True
    if source.startswith("#") and translation.startswith("#"):
        return True
    if is_external(source) or is_external(translation):
        language = context.language.tag.partition("-")[0]
        return _localized(language, source) == _localized(language, translation)
    if fragment(source) != fragment(translation):
        return False
    if _COPIED_IMAGES in translation.split("/"):
        return _stem(source) == _stem(translation)
    folder, page = context.source_folder, context.page
    return _key(folder, page, source, from_source=True) == _key(folder, page, translation, from_source=False)


@lru_cache(maxsize=8192)
def _localized(language: str, address: str) -> str:
    """The address with the language that its path names replaced by one word."""
    tag = re.escape(language)
    own = re.sub(rf"(?<=/){tag}(?:[-_][A-Za-z]{{2}})?(?=/)", "<language>", address, flags=re.IGNORECASE)
    return _ENGLISH.sub("<language>", own)


@lru_cache(maxsize=8192)
def _key(source_folder: str, page: str, address: str, *, from_source: bool) -> str:
    path = unquote(address.partition("#")[0]).replace("\\", "/")
    if not source_folder or path.startswith("/"):
        return path
    folder = posixpath.dirname(page)
    base = posixpath.join(source_folder, folder) if from_source else folder
    place = posixpath.normpath(posixpath.join(base, path)) if path else posixpath.join(base, page)
    root = posixpath.normpath(source_folder) + "/"
    # From the folder of a language, what climbs as far as the source folder does lies in the source.
    return place.removeprefix(root) if place.startswith(root) else place


def _stem(address: str) -> str:
    return posixpath.basename(unquote(address)).partition(".")[0]
