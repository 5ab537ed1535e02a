"""Runs the examples of these pages: ``pytest docs/``. Not published."""

from edgedocs.examples.pytest_plugin import wire

pytest_addoption = wire(__file__)
