"""``python -m edgedocs`` is the command ``edgedocs``."""

from edgedocs.cli import main

main()
