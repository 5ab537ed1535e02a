"""Building: MkDocs in this process, with whatever it warns of or fails for as findings with file and line."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError
from edgedocs.publishing.checking.finding import Finding, FindingsError, from_error
from edgedocs.publishing.checking.origins import line_of_address
from edgedocs.publishing.checking.repetition import repeated_keys

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from edgedocs.publishing.plugin import EdgeDocsPlugin

_LINK = re.compile(r"Doc file '(?P<page>.+?)' contains an? (?:\w+ )*link '(?P<address>.*?)',? ?(?P<rest>.*)", re.DOTALL)
_OPTION = re.compile(r"option '(?P<option>[^']+)'|Config value '(?P<value>[^']+)'")
_PREFIX = "Config value 'plugins': "


@dataclass
class Built:
    """A build: its configuration, what was told of it, and whether all its pages were written.

    Args:
        config: what MkDocs was told.
        findings: warnings and errors.
        complete: whether all pages of all languages stand in the site's folder.
    """

    config: MkDocsConfig
    findings: list[Finding] = field(default_factory=list)
    complete: bool = False

    @property
    def plugin(self) -> EdgeDocsPlugin:
        """The plug-in that has staged the pages."""
        return plugin_of(self.config)


def plugin_of(config: MkDocsConfig) -> EdgeDocsPlugin:
    """The plug-in ``edgedocs`` of a configuration.

    Raises:
        BadInput: if it is not listed there.
    """
    plugin: Any = config.plugins.get("edgedocs")
    if plugin is None:
        raise BadInput(
            "the plug-in edgedocs is not listed",
            where=config.config_file_path,
            expected="`edgedocs` among the plug-ins, before `i18n`",
        )
    found: EdgeDocsPlugin = plugin
    return found


def load(config_file: Path, site: Path | None = None, language: str | None = None) -> MkDocsConfig:
    """Read a documentation's configuration.

    Args:
        config_file: ``mkdocs.yml``.
        site: where the site goes, if not where the configuration says.
        language: the one language to build; all by default.

    Raises:
        BadInput: if there is no such file.
        CannotRun: if MkDocs is not installed.
        FindingsError: for what is wrong in the file.
    """
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material's word on the future of its own project
    try:
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException
    except ImportError as error:
        raise CannotRun("MkDocs is not installed", remedy='install "edgedocs[site]"') from error
    if not config_file.is_file():
        raise BadInput("no such file", where=config_file, remedy="name mkdocs.yml with --config")
    with _listening() as records:
        try:
            config = load_config(str(config_file), strict=False, site_dir=str(site) if site else None)
        except (MkDocsException, SystemExit) as error:
            raise FindingsError(_configuration_findings(config_file, records, error)) from error
    if records:
        raise FindingsError(_configuration_findings(config_file, records, None))
    if repeated := repeated_keys(config_file):
        raise FindingsError(repeated)
    plugin_of(config)
    i18n: Any = config.plugins.get("i18n")
    if language is not None and i18n is not None:
        i18n.config.build_only_locale = language
    return config


def build(config: MkDocsConfig, serve_url: str | None = None) -> Built:
    """Build all pages, whatever is warned of, and say what was.

    Args:
        config: what to build; it serves once.
        serve_url: the address that a server gives the pages, which then include drafts.
    """
    from mkdocs.commands.build import build as build_with_mkdocs

    built = Built(config)
    root, name = root_of(config), Path(config.config_file_path).name
    with _listening() as records:
        try:
            build_with_mkdocs(config, serve_url=serve_url)
            built.complete = True
        except (Exception, SystemExit) as error:
            ours = _ours(error)
            if ours is None and not records:
                raise
            if ours is not None:
                records = [record for record in records if record.levelno < logging.ERROR]
                built.findings += from_error(ours, _check_of(ours), root, name)
                built.complete = _check_of(ours) == "rendering"
    built.findings += [_from_record(record, built, name) for record in records]
    return built


def root_of(config: MkDocsConfig) -> Path:
    """The project's folder."""
    return Path(config.config_file_path).resolve().parent


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _listening() -> Iterator[list[logging.LogRecord]]:
    """What MkDocs and its plug-ins warn of, instead of on standard error."""
    logger, listener = logging.getLogger("mkdocs"), _Listener()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        yield listener.records
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagated


def _ours(error: BaseException | None) -> EdgeDocsError | None:
    """The error of ours that MkDocs failed for."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, EdgeDocsError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _check_of(error: EdgeDocsError) -> str:
    if hasattr(error, "problems"):
        return "rendering"
    return "sources" if hasattr(error, "errors") else "configuration"


def _from_record(record: logging.LogRecord, built: Built, name: str) -> Finding:
    message = record.getMessage()
    match = _LINK.match(message)
    page = built.plugin.stage.expected.get(match["page"]) if match and built.plugin.stage else None
    if match is None or page is None:
        return Finding(name, 1, "build", message)
    rest = match["rest"].removeprefix("but ") or "leads nowhere"
    line = line_of_address(page, match["address"])
    return Finding(page.shown, line, "links", f"the link {match['address']!r}: {rest}")


def _configuration_findings(
    path: Path, records: list[logging.LogRecord], error: BaseException | None
) -> Iterator[Finding]:
    """What MkDocs says of a configuration, with the line of the key that it names."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for record in records:
        message = record.getMessage()
        keys = [match["option"] or match["value"] for match in _OPTION.finditer(message)]
        yield Finding(path.name, _line_of_key(lines, keys), "configuration", message.removeprefix(_PREFIX))
    if not records:
        mark = getattr(error.__cause__ or error.__context__, "problem_mark", None) if error else None
        yield Finding(path.name, mark.line + 1 if mark else 1, "configuration", str(error))


def _line_of_key(lines: list[str], keys: list[str]) -> int:
    for key in reversed(keys):
        pattern = re.compile(rf"(?:^|[\s{{,\"'-]){re.escape(key)}[\"']?\s*:|^\s*-\s+{re.escape(key)}\s*$")
        for number, line in enumerate(lines, start=1):
            if pattern.search(line):
                return number
    return 1
