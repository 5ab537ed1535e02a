"""Site: a documentation built, or checked without leaving a trace; all that is wrong with it is found at once."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edgedocs.core.errors import BadInput
from edgedocs.publishing import layout
from edgedocs.publishing.checking import building
from edgedocs.publishing.checking.finding import Finding, FindingsError, in_order
from edgedocs.publishing.checking.links import LinkCheck
from edgedocs.publishing.checking.markup import check_markup
from edgedocs.publishing.checking.sources import check_sources

if TYPE_CHECKING:
    from edgedocs.publishing.checking.building import Built
    from edgedocs.publishing.expected import ExpectedPage


_MARK = layout.STYLE
"""A file that every site of ours has, also one of a single language."""


@dataclass
class Report:
    """What became of a site.

    Args:
        findings: what is wrong with it, by file and line.
        site: its folder; None if none was written, or none was to be kept.
        counts: how many languages, pages, code blocks and the like there are.
        seconds: how long it took.
    """

    findings: list[Finding]
    site: Path | None = None
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        checks = Counter(finding.check for finding in self.findings)
        return {
            "findings": [finding.as_dict() for finding in self.findings],
            "summary": {
                **self.counts,
                "findings": len(self.findings),
                "by_check": dict(sorted(checks.items())),
                "seconds": round(self.seconds, 2),
            },
            **({"site": str(self.site)} if self.site else {}),
        }


def build_site(config_file: Path, site: Path | None = None, language: str | None = None) -> Report:
    """Build a site, whole or not at all: what stood in its folder before stays if anything is wrong.

    Args:
        config_file: ``mkdocs.yml``.
        site: the site's folder; by default that of the configuration.
        language: the one language to build; all by default.

    Raises:
        BadInput: if there is no such configuration, or the folder holds files and is no site.
    """
    start = time.monotonic()
    try:
        config = building.load(config_file, site.resolve() if site else None, language)
    except FindingsError as error:
        return Report(error.findings, seconds=time.monotonic() - start)
    target = Path(config.site_dir)
    _require_site(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        report = _build(config, Path(scratch) / target.name)[1]
        if not report.findings:
            _replace(target, Path(config.site_dir), Path(scratch) / "before")
            report.site = target
    report.seconds = time.monotonic() - start
    return report


def check_site(config_file: Path) -> Report:
    """Check a documentation: its texts, its outputs, and the pages that are built of it, in all languages.

    Args:
        config_file: ``mkdocs.yml``.

    Raises:
        BadInput: if there is no such configuration.
        CannotRun: if the library that reads HTML is not installed.
    """
    start = time.monotonic()
    try:
        config = building.load(config_file)
    except FindingsError as error:
        return Report(error.findings, seconds=time.monotonic() - start)
    with tempfile.TemporaryDirectory(prefix="edgedocs-site-") as scratch:
        built, report = _build(config, Path(scratch).resolve() / Path(config.site_dir).name)
        if built.plugin.stage and built.plugin.project:
            report.findings += check_sources(built.plugin.project, built.plugin.stage.expected.values())
        if built.complete:
            _check_pages(built, report)
    report.findings = in_order(report.findings)
    report.seconds = time.monotonic() - start
    return report


def _build(config: Any, site: Path) -> tuple[Built, Report]:
    config.site_dir = str(site)
    built = building.build(config)
    stage = built.plugin.stage
    counts = {"languages": 0, "pages": 0, "code_blocks": 0}
    if stage:
        pages = [page for path, page in stage.expected.items() if path in built.plugin.built]
        counts = {
            "languages": len(built.plugin.languages),
            "pages": len(pages),
            "code_blocks": sum(len(page.blocks) for page in pages),
        }
    return built, Report(in_order(built.findings), counts=counts)


def _check_pages(built: Built, report: Report) -> None:
    """Follow the links of the built pages and read their HTML; what MkDocs has told already is not told again."""
    site = Path(built.config.site_dir)
    stage = built.plugin.stage
    assert stage is not None, "a complete build has staged its pages"
    pages: dict[Path, ExpectedPage] = {
        path: stage.expected[name] for name, path in built.plugin.built.items() if name in stage.expected
    }
    known = {(finding.file, finding.line) for finding in report.findings if finding.check == "links"}
    links = LinkCheck(site, urlsplit(built.config.site_url or "/").path or "/", pages)
    report.findings += [finding for finding in links.findings() if (finding.file, finding.line) not in known]
    told = {(finding.file, finding.line) for finding in report.findings}
    twice = {finding.file for finding in report.findings if finding.check == "headings"}
    for one in check_markup(site, pages):
        if (one.file, one.line) not in told and not (one.file in twice and one.message.startswith("the id ")):
            report.findings.append(one)
            told.add((one.file, one.line))  # a page that stands in for its translation is built again
    report.counts["html_files"] = sum(1 for _ in site.rglob("*.html"))
    report.counts["links"] = links.count


def _require_site(target: Path) -> None:
    """Refuse a folder with files of somebody else, which the site would take the place of."""
    if target.exists() and not (target / _MARK).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(
            "the folder of the site holds files and is no site",
            where=target,
            expected="a new or an empty folder, or a site that was built before",
            remedy="name another with --site-dir",
        )


def _replace(target: Path, new: Path, before: Path) -> None:
    """Put a folder in the place of another, which is back again if that fails."""
    if target.exists():
        target.rename(before)
    try:
        shutil.move(new, target)
    except OSError:
        if before.exists() and not target.exists():
            before.rename(target)
        raise
