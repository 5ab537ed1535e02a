"""Reference: pages that are made when the site is built, from what they describe, so that they cannot lag behind it.

In reading order: ``generated`` (such a page), ``wording`` (text of docstrings as Markdown), ``catalog`` (format table
and support matrix from the catalog), ``commands`` (a click command line), ``interface`` (Python modules, read and not
imported), and ``pages``, which makes those that are asked for.

Their code is in line or in tables, never a code block: a code block of the site is one that was run or says why not.
"""
