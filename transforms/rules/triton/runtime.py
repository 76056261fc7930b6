"""The module of ours that rewritten kernels and launches use, and how a file comes by it."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.writing.import_sites import import_sites

if TYPE_CHECKING:
    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

PACKAGE = "vllm"
MODULE = "wheelwright_triton"
"""What a rewritten file calls it: ``from vllm import wheelwright_triton``."""


def runtime_import(source: Source) -> tuple[Site, ...]:
    """Make the sites that import the module at the top of a file; several rules may share them.

    Args:
        source: the file.

    Raises:
        SourceError: the place for it shares a line with other code.
    """
    statement = ast.ImportFrom(module=PACKAGE, names=[ast.alias(name=MODULE)], level=0)
    sites = import_sites(statement, "", source.module.body, source, PACKAGE)
    return tuple(replace(site, shared=True) for site in sites)


def with_runtime_import(found: Found, source: Source) -> Found:
    """Add the import of the module to what a rule found in a file, where it found anything.

    Args:
        found: the rule's sites, which name the module.
        source: the file.
    """
    if not found.sites:
        return found
    imports = [site for site in runtime_import(source) if site not in found.sites]
    return replace(found, sites=tuple(sorted([*found.sites, *imports])))


def callee_site(callee: ast.expr, name: str, source: Source) -> Site:
    """Make the site that has a call call the module's function instead: only `tl` of `tl.sum` goes.

    Args:
        callee: what is called, a name or an attribute.
        name: the function's name in the module; for an attribute it may be the same.
        source: the file.
    """
    if isinstance(callee, ast.Attribute) and callee.attr == name:
        start, end = source.span(callee.value)
        return text_site(source, start, end, MODULE)
    start, end = source.span(callee)
    return text_site(source, start, end, f"{MODULE}.{name}")
