"""Origins: from which source a page was made, wherever Co-op Translator wrote it down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edgedocs.translation.interop.state_file import StateFile

if TYPE_CHECKING:
    from edgedocs.core.errors import BadInput
    from edgedocs.translation.header import Header
    from edgedocs.translation.translated_page import TranslatedPage
    from edgedocs.translation.tree import Tree


class Origins:
    """The state files of a tree, each read once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._state_files: dict[str, StateFile] = {}

    def state_file(self, language: str) -> StateFile:
        """That of a language; an empty one if it has none."""
        if language not in self._state_files:
            self._state_files[language] = StateFile.load(self._tree.translations / language)
        return self._state_files[language]

    @property
    def errors(self) -> list[BadInput]:
        """What is wrong with the state files that were read."""
        return [state.error for state in self._state_files.values() if state.error is not None]

    def complete(self, translation: TranslatedPage, language: str, page: str) -> TranslatedPage:
        """The page with the header that the state file has for it, if it has none or an older one itself.

        A page with records is ours: it says itself what holds, and the state file is from before.
        """
        if translation.records is not None:
            return translation
        known = self.header(language, page)
        if known is None or (translation.header and translation.header.translation_date >= known.translation_date):
            return translation
        return replace(translation, header=known)

    def header(self, language: str, page: str) -> Header | None:
        """What the state file says of a page."""
        return self.state_file(language).header(page, self._tree.source_name(page))
