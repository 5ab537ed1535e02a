"""Examples: the code blocks of a documentation, run and compared, and the facts that they record.

Nouns, in the order in which a page meets them:

- :mod:`.project` finds the pages and snippets; :mod:`.classification` says what each code block is for;
- :mod:`.collection` puts the blocks of a page together as :class:`.example.Example`, with their :mod:`.options` and
  :mod:`.source`; :mod:`.document` hands them to Sybil, :mod:`.pytest_plugin` to pytest;
- :mod:`.evaluation` runs an example as a :mod:`.process` within :mod:`.limits`, in which :mod:`.child` executes the
  code; a :mod:`.console` session runs its commands;
- :mod:`.recording` compares or records the :mod:`.outcome`, with a :mod:`.comparison` and as :mod:`.facts`, to which
  prose makes :mod:`.references`, of which :mod:`.reference_check` says whether they hold;
- :mod:`.own_model` is one that a reader tries the pages on;
- :mod:`.inventory` lists every block with its verdict, kept by :mod:`.verdicts`.

This half of EdgeDocs knows the other one from ``catalog.json`` alone: :mod:`.requirements`.
"""
