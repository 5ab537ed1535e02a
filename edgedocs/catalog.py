"""What the models half can do, as data: the pages half reads it and never imports the code behind it."""

from __future__ import annotations

from typing import Any

from edgedocs import architectures, converters, quantizers, runners
from edgedocs.quantizers import recipes


def catalog() -> dict[str, Any]:
    """Formats, recipes, architectures, converters and runners with what they require.

    The same on every machine; :func:`availability` says what this one can run. ``edgedocs/catalog.json`` holds it.
    """
    return {
        "formats": [
            {
                "name": quantizer.name,
                "block_size": quantizer.block_size,
                "block_bytes": quantizer.block_bytes,
                "bits_per_weight": quantizer.bits_per_weight,
            }
            for quantizer in quantizers.registry
        ],
        "recipes": recipes.names(),
        "architectures": [
            {"name": architecture.name, "model_types": list(architecture.model_types)}
            for architecture in architectures.registry
        ],
        "converters": [
            {"name": converter.name, "types": list(converter.types), "requires": list(converter.requires)}
            for converter in converters.registry
        ],
        "runners": [
            {"name": runner.name, "formats": list(runner.formats), "requires": list(runner.requires)}
            for runner in runners.registry
        ],
    }


def availability() -> list[dict[str, Any]]:
    """Which runners work on this machine; for each that does not, why and what would help."""
    found = []
    for runner in runners.registry:
        state = runner.available()
        found.append({"name": runner.name, "available": state.ok, "reason": state.reason, "remedy": state.remedy})
    return found
