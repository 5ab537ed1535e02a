"""Notebooks: a page with examples as a Jupyter notebook, in the language of its text, with the verified outputs.

``text`` turns prose into Markdown that Jupyter shows, ``notebook`` puts text and code into cells, ``publishing`` writes
the files beside the pages.
"""
