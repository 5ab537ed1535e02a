"""Containers: the files that hold tensors, read within bounds. safetensors and GGUF.

Nothing in a file is believed before it was compared with the file's size, so a truncated or lying one ends in one
:class:`~edgedocs.core.errors.BadInput`, never in a hang or in memory that the file could not fill.
"""
