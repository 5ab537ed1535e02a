"""Options: what mkdocs.yml may say to the plug-in."""

from __future__ import annotations

from mkdocs.config import config_options
from mkdocs.config.base import Config, ConfigErrors, ConfigWarnings, ValidationError

from edgedocs.publishing import definitions


class EdgeDocsConfig(Config):  # type: ignore[no-untyped-call]
    """The plug-in's options; an unknown one is an error."""

    source_language = config_options.Type(str, default="en")
    snippets = config_options.Type(str, default="snippets")
    translations = config_options.Type(str, default="translations")
    staging = config_options.Type(str, default=".edgedocs/staging")
    private = config_options.Type(bool, default=True)
    catalog = config_options.Type(str, default="")
    commands = config_options.Type(str, default="")
    modules = config_options.ListOfItems(config_options.Type(str), default=[])
    definitions = config_options.Type(str, default=definitions.FILE_NAME)
    wheel = config_options.Type(str, default="")
    notebooks = config_options.ListOfItems(config_options.Type(str), default=[])

    def validate(self) -> tuple[ConfigErrors, ConfigWarnings]:
        """As MkDocs validates, with unknown keys among the errors."""
        errors, warnings = super().validate()
        known = [key for key, _ in self._schema]
        for key in self.keys() - set(known):
            errors.append((key, ValidationError(f"unknown key; expected one of {', '.join(known)}")))
        return errors, [warning for warning in warnings if warning[0] in known]
