"""Interop: trees that Co-op Translator made, read in every form it gave them and taken over.

* ``state_file`` — what a language's ``.co-op-translator.json`` says, torn or whole.
* ``origins`` — from which source a page was made, wherever that was written down.
* ``footers`` — the sentence at the end of a page that says how it was made.
* ``notebooks`` — a notebook as the text of a page, and back.
* ``history``, ``revisions`` — earlier versions of sources and translations, from git.
* ``pairing`` — which segment is which, in pages that have no records.
* ``importing`` — all of it together: pages of another tool become ours.
"""
