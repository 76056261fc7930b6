"""Where in a class's list of bases a new one is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.elements import base_elements
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.members import ENUMS
from transforms.engine.syntax.parsed import parsed_expression
from transforms.engine.writing.element_sites import insert_elements

if TYPE_CHECKING:
    import ast

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

# A class that derives from one of these cannot come behind it in the order of resolution.
_LAST = frozenset({"ABC", "Generic", "Protocol", "object"}) | ENUMS


def default_index(node: ast.ClassDef) -> int:
    """Choose the place of a new base: the last, but before `object`, `ABC`, `Generic`, `Enum`."""
    index = len(node.bases)
    while index and last_name(node.bases[index - 1]) in _LAST:
        index -= 1
    return index


def index_of(base: str, node: ast.ClassDef) -> int | None:
    """Give the number of a base among those of a class; None where it is none."""
    wanted = parsed_expression(base)
    found = (number for number, there in enumerate(node.bases) if equal(wanted, there))
    return next(found, None)


def base_site(node: ast.ClassDef, base: str, index: int, source: Source) -> Site:
    """Make the site that adds a base.

    Args:
        node: the class.
        base: the new base.
        index: the number that it will have among the bases.
        source: the file.
    """
    elements, at = base_elements(node, source), 0
    if index < len(node.bases):
        behind = source.span(node.bases[index]).start
        at = sum(item.span.end <= behind for item in elements.items)
    elif node.bases:
        # Keywords come behind the last base.
        last = source.span(node.bases[-1]).end
        at = sum(item.span.start < last for item in elements.items)
    return insert_elements(elements, at, [base])
