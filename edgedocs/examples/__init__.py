"""Examples: the code blocks of a documentation, run and compared, and the facts that they record."""
