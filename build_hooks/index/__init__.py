"""A private package index of static files: a folder, or anything that fsspec can write to.

One JSON entry for each file is all that the index knows; pages are rendered from the entries, and
can be rendered again at any time. docs/index.md describes the layout and how two writers agree.
"""
