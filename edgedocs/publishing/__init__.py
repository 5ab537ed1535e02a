"""Publishing: from pages, snippets and translations to one tree that MkDocs builds.

In reading order: ``numbers`` (a measured value as a language writes it), ``facts`` (references in prose become such
values), ``includes`` and ``fences`` (code as the reader sees and copies it), ``labels`` (the few words the site adds),
``notices`` (what a reader must know about a translation), ``staging`` (the tree), ``alternates`` (one page in its
languages), ``notebooks`` (a page for Jupyter), ``search`` (what readers find), ``privacy`` (what pages load from other
hosts) and ``plugin`` (the MkDocs plug-in that calls them).

Only ``plugin`` knows MkDocs; the staged tree holds plain Markdown and files, and no logic.
"""
