"""Write ``tiny``'s model card from what was measured: ``python -m edgedocs.tiny.card``.

The baseline is the best unigram model there can be for a text, the one with the text's own token frequencies;
one fitted to the training text can only do worse.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path
from string import Template
from typing import Any

from edgedocs.core import files
from edgedocs.core.provenance import provenance

FOLDER = Path(__file__).parent
LANGUAGES = {"en": "English", "cs": "Czech", "sl": "Slovenian", "et": "Estonian", "pl": "Polish"}
SOURCE_VERSION = "4:7.4.7-1+deb12u14"
TEMPLATE = FOLDER / "card.template.md"


def unigram_perplexity(tokens: list[int]) -> float:
    """The perplexity of ``tokens`` under their own frequencies: no context-free model reaches a lower one."""
    counts = Counter(tokens)
    bits = sum(count * math.log(len(tokens) / count) for count in counts.values())
    return math.exp(bits / len(tokens))


def measure_languages() -> list[dict[str, Any]]:
    """Held-out perplexity of the shipped checkpoint beside the unigram baseline, a row a language."""
    from edgedocs import runners
    from edgedocs.measurement.perplexity import perplexity

    rows = []
    with runners.load("tiny", backend="onnxruntime") as runner:
        for language, name in LANGUAGES.items():
            text = files.read_text(FOLDER / "heldout" / f"{language}.txt")
            measured = perplexity(runner, text)
            baseline = unigram_perplexity(runner.tokenize(text))
            rows.append(
                {
                    "language": language,
                    "name": name,
                    "bytes": len(text.encode()),
                    "perplexity": measured.value,
                    "low": measured.low,
                    "high": measured.high,
                    "unigram": baseline,
                }
            )
    return rows


def loss_plot(curve: list[dict[str, float]], path: Path) -> None:
    """Draw the loss curve as an SVG whose bytes depend on the numbers alone."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "edgedocs", "svg.fonttype": "none"})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3))
    axes.plot([point["step"] for point in curve], [point["loss"] for point in curve])
    axes.set(xlabel="step", ylabel="training loss (nats a token)", title="tiny: training loss, mean of 50 steps")
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def card(training: dict[str, Any], rows: list[dict[str, Any]], measured: dict[str, object]) -> str:
    """The model card as Markdown."""
    data = [
        f"| {LANGUAGES[code]} | `libreoffice-help-{'en-us' if code == 'en' else code}` | {SOURCE_VERSION} | MPL-2.0 "
        f"| {training['training_pages'][code]:,} | {training['training_tokens'][code]:,} |"
        for code in LANGUAGES
    ]
    quality = [
        f"| {row['name']} | {row['bytes']:,} | {row['perplexity']:.2f} ({row['low']:.2f}–{row['high']:.2f}) "
        f"| {row['unigram']:.1f} | {row['unigram'] / row['perplexity']:.1f} |"
        for row in rows
    ]
    return Template(files.read_text(TEMPLATE)).substitute(
        parameters=f"{training['parameters']:,}",
        command=training["command"],
        seed=training["seed"],
        torch=training["torch"],
        tokens_seen=f"{training['tokens_seen']:,}",
        final_loss=f"{training['loss_curve'][-1]['loss']:.3f}",
        data="\n".join(data),
        quality="\n".join(quality),
        date=str(measured["date"])[:10],
        processor=measured["processor"],
    )


def main() -> None:
    """Measure, then write README.md, measured.json and loss.svg beside the checkpoint."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    training = files.read_json(FOLDER / "training.json")
    rows = measure_languages()
    measured = provenance("onnxruntime", "tokenizers")
    files.write_json(FOLDER / "measured.json", {"provenance": measured, "languages": rows})
    loss_plot(training["loss_curve"], FOLDER / "loss.svg")
    files.write_text(FOLDER / "README.md", card(training, rows, measured))


if __name__ == "__main__":
    main()
