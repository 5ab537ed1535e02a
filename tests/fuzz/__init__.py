"""Fuzz targets: one module a parser, with ``fuzz_one(data)`` that raises only where there is a bug.

``python -m tests.fuzz PARSER --seconds 60`` looks for new input with atheris; ``test_corpus.py`` replays what is kept
in ``corpus/PARSER/``.
"""
