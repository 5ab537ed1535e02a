"""The fixture is a documentation of its own, whose conftest.py must never run."""

collect_ignore = ["fixture"]
