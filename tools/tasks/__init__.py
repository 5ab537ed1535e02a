"""The commands of ``tools/dev.py``: the environment, the checks, the site, the locks. Standard library only."""
