"""Plots: a grid's rows as quality against size, for the eye to pick from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun

SUFFIXES = (".svg", ".png")
INK, PAPER = "#202124", "#ffffff"
"""What is written and drawn, and what on; see :func:`_adaptive`."""


def pareto(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that no other beats: none is as small and as good, and better in one of the two.

    Args:
        rows: each with ``size_bytes`` and ``perplexity``.

    Returns:
        Those rows, smallest first.

    Example:
        >>> grid = [(4, 9.0), (8, 5.0), (9, 6.0)]
        >>> [row["size_bytes"] for row in pareto([{"size_bytes": s, "perplexity": p} for s, p in grid])]
        [4, 8]
    """
    front: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: (row["size_bytes"], row["perplexity"])):
        if not front or row["perplexity"] < front[-1]["perplexity"]:
            front.append(row)
    return front


def check_plot(path: Path) -> None:
    """Raise before anything is measured if a plot could not be drawn.

    Raises:
        BadInput: if the name does not end in ``.svg`` or ``.png``.
        CannotRun: if matplotlib is not installed, or the folder does not exist.
    """
    from importlib.util import find_spec

    if path.suffix.lower() not in SUFFIXES:
        raise BadInput("a plot of an unknown kind", where=path, expected=f"a name that ends in {' or '.join(SUFFIXES)}")
    if not path.absolute().parent.is_dir():
        raise CannotRun("cannot write here: no such folder", where=path.parent, expected="a folder to write to")
    if find_spec("matplotlib") is None:
        raise CannotRun(
            "the Python package matplotlib is not installed",
            remedy="in a copy of the project's repository: python -m pip install '.[plot]'",
        )


def draw(rows: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    """Draw perplexity against size, each with its 95 % interval, and a line through the rows that none beats.

    The SVG follows the reader's system between light and dark. The same rows give the same bytes.

    Args:
        rows: of a comparison; at least one.
        path: ``.svg`` or ``.png``.
        title: what stands above.

    Raises:
        BadInput: if there are no rows, or the name has another suffix.
        CannotRun: if matplotlib is missing, or the file cannot be written.
    """
    check_plot(path)
    if not rows:
        raise BadInput("nothing to draw", where=path, expected="at least one row that was measured")
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Text stays text, and ids do not change from run to run.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "edgedocs", "font.size": 10}):
        figure = Figure(figsize=(7, 4.2), layout="constrained", facecolor=PAPER)
        FigureCanvasAgg(figure)
        _draw_rows(figure.add_subplot(facecolor=PAPER), rows, title)
        buffer = io.BytesIO()
        if path.suffix.lower() == ".png":
            figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
            files.write_bytes(path, buffer.getvalue())
        else:
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
            files.write_text(path, _adaptive(buffer.getvalue().decode()))


def _draw_rows(axes: Any, rows: Sequence[dict[str, Any]], title: str) -> None:
    front = pareto(rows)
    axes.plot(
        [row["size_bytes"] / 1e6 for row in front], [row["perplexity"] for row in front], "--", color="#1a73e8", lw=1
    )
    several = len({row["backend"] for row in rows}) > 1
    for row in rows:
        size, value = row["size_bytes"] / 1e6, row["perplexity"]
        if row["perplexity_low"] is not None:
            reach = [[max(value - row["perplexity_low"], 0)], [max(row["perplexity_high"] - value, 0)]]
            axes.errorbar(size, value, yerr=reach, color="#9aa0a6", capsize=3, lw=1)
        axes.plot(size, value, "o", color="#1a73e8" if row in front else "#9aa0a6")
        label = f"{row['type']}, {row['backend']}" if several else row["type"]
        axes.annotate(label, (size, value), xytext=(6, 4), textcoords="offset points", color=INK)
    axes.set(xlabel="size (MB)", ylabel="perplexity (lower is better)", title=title)
    axes.margins(0.15)


def _adaptive(svg: str) -> str:
    """Let ink and paper change places where the reader's system is dark."""
    style = (
        f'<style type="text/css">@media (prefers-color-scheme: dark) {{ '
        f'[style*="fill: {PAPER}"] {{ fill: #1f2124 !important }} '
        f'[style*="stroke: #000000"], [style*="stroke: {INK}"] {{ stroke: #e8eaed !important }} '
        f"text {{ fill: #e8eaed !important }} }}</style>"
    )
    head, end, rest = svg.partition("<defs>")
    return head + style + "\n" + end + rest
