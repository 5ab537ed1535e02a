"""Pages: Markdown as users of Material for MkDocs write it, cut into blocks without losing a character.

Nouns: a :class:`Page` is scanned into a list of :class:`Block`; a block of kind ``fence`` is read as a :class:`Fence`,
whose body may hold lines that are an :class:`Include`.
"""

from edgedocs.pages.block import Block, BlockKind
from edgedocs.pages.fence import Fence, read_fence
from edgedocs.pages.include import Include, find_includes
from edgedocs.pages.page import Heading, Page
from edgedocs.pages.scanner import scan

__all__ = ["Block", "BlockKind", "Fence", "Heading", "Include", "Page", "find_includes", "read_fence", "scan"]
