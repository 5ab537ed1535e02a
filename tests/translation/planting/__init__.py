"""Planting: the corpus with one defect, or one harmless variation, at a time.

* ``corpus`` — the clean pages in ``tests/translation/corpus``.
* ``kinds`` — what a kind of defect or of variation is, and the list of them all.
* ``out_of_step``, ``truncation``, ``mojibake``, ``structure``, ``links``, ``leaks``, ``language``, ``numbers``,
  ``safety``, ``code`` — the defects, a module a class.
* ``clean`` — what a check must let pass.
* ``trees`` — trees of pages, each of which has one plant.
* ``recall`` — how many of them the checks find.
"""
