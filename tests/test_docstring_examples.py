"""The examples in the docstrings of the models half run and give what they say."""

import doctest
import importlib
import pkgutil

import edgedocs

HALF = (
    "advisor",
    "checkpoint",
    "artifact",
    "precision",
    "architectures",
    "containers",
    "converters",
    "quantizers",
    "measurement",
)


def modules() -> list[str]:
    found = [one.name for one in pkgutil.walk_packages(edgedocs.__path__, "edgedocs.") if one.name.count(".") <= 2]
    return [name for name in found if name.split(".")[1] in HALF]


def test_the_examples_in_docstrings_run() -> None:
    results = {name: doctest.testmod(importlib.import_module(name)) for name in modules()}
    assert {name: result.failed for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) >= 8
