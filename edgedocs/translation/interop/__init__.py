"""Interop: trees that Co-op Translator made, read in every form it gave them and taken over.

* ``state_file`` — what a language's ``.co-op-translator.json`` says, torn or whole.
* ``footers`` — the sentence at the end of a page that says how it was made.
"""
