"""Interop: trees that Co-op Translator made, read in every form it gave them and taken over.

* ``state_file`` — what a language's ``.co-op-translator.json`` says, torn or whole.
* ``origins`` — from which source a page was made, wherever that was written down.
* ``footers`` — the sentence at the end of a page that says how it was made.
* ``notebooks`` — a notebook as the text of a page, and back.
* ``revisions`` — what of a page has been edited since a machine translated it, told from the versions in git.
* ``pairing`` — which segment is which, in pages that have no records.
* ``importing`` — all of it together: pages of another tool become ours.
"""
