"""Search: what readers type finds what the page says, in another case or number, or without diacritics.

In reading order: ``normalization`` (words of a text, without diacritics), ``stemming`` (the Snowball stemmer of a
language), ``translating`` (the same stemmer for browsers), ``forms`` (irregular forms, from a dictionary of lemmas),
``sections`` (what is found), ``index`` (all of it for one language) and ``publishing`` (its files in the site).

A browser turns each word of a question into keys as :mod:`edgedocs.publishing.search.index` did with the words of the
pages, and by the same means: all that it needs is written at build time from the installed libraries.
"""
