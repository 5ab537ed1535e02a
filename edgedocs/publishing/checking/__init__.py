"""Checking: all that is wrong with a site, in all languages, each finding with its file and line.

In reading order: ``finding`` (one thing that is wrong), ``origins`` (which file and line a part of the built site comes
from), ``building`` (a build in this process whose warnings and errors become findings), then the checks: ``sources``
(heading ids, texts of pictures, recorded outputs), ``links`` (addresses and anchors of the built pages) and ``markup``
(HTML that a browser has to repair); ``site`` calls them all.
"""
