"""A function's parameters with the bare `*` and `/` between them, and where a new one can stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.syntax.definition import Kind, header_end, parameters
from transforms.engine.syntax.elements import parameter_elements
from transforms.engine.syntax.parsed import parsed_statement
from transforms.engine.syntax.source import SourceError, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.syntax.definition import Function, Parameter
    from transforms.engine.syntax.source import Source

STAR, SLASH = "*", "/"


@dataclass(frozen=True, slots=True)
class Slot:
    """One element of a parameter list.

    Attributes:
        name: the parameter's name; `*` or `/` for the signs that stand alone.
        parameter: the parameter; None for a sign.
    """

    name: str
    parameter: Parameter | None = None

    @property
    def kind(self) -> Kind | None:
        """How the parameter takes its argument; None for a sign."""
        return self.parameter.kind if self.parameter else None

    @property
    def is_positional(self) -> bool:
        """Whether an argument can be given by position."""
        return self.kind in {Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD}

    @property
    def ends_positional(self) -> bool:
        """Whether all that stands behind it takes its argument by keyword only."""
        return self.name == STAR or self.kind in {Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD}

    @property
    def has_default(self) -> bool:
        """Whether the argument can be left out."""
        return self.parameter is not None and self.parameter.default is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new parameter goes.

    Attributes:
        index: its index among the slots.
        needs_star: whether a bare `*` must be written in front of it.
        kind: how it takes its argument there.
    """

    index: int
    needs_star: bool
    kind: Kind


class NoPlaceError(ValueError):
    """Python does not allow the parameter where it should go."""


def slots(node: Function, source: Source) -> list[Slot]:
    """Give the elements of a parameter list in the order of the source."""
    given = iter(parameters(node))
    return [
        Slot(text) if text in {STAR, SLASH} else _named(next(given))
        for text in parameter_elements(node, source).texts
    ]


def _named(parameter: Parameter) -> Slot:
    return Slot(parameter.name, parameter)


def without(there: Sequence[Slot], name: str) -> list[Slot]:
    """Give the slots as if there were no parameter of a name, nor a sign for it alone."""
    kept = [slot for slot in there if slot.name != name]
    is_needed = any(slot.kind is Kind.KEYWORD_ONLY for slot in kept)
    has_before = any(slot.kind is Kind.POSITIONAL_ONLY for slot in kept)
    needed = {STAR: is_needed, SLASH: has_before}
    return [slot for slot in kept if needed.get(slot.name, True)]


def place_for(new: Parameter, there: Sequence[Slot], after: str | None) -> Place:
    """Find the place of a new parameter: behind another one, or the last that Python allows.

    Args:
        new: the parameter; as `KEYWORD_ONLY` it never becomes positional.
        there: the slots, without it.
        after: the parameter that it goes directly behind; None for the last place.

    Raises:
        NoPlaceError: there is no such place.
    """
    last = len(there)
    if there and there[-1].kind is Kind.VAR_KEYWORD:
        last -= 1
    if new.kind is Kind.VAR_KEYWORD:
        if last < len(there):
            raise NoPlaceError(f"it takes `**{there[-1].name}` already")
        return Place(len(there), needs_star=False, kind=new.kind)
    index = last if after is None else _behind(after, there)
    star = next((at for at, slot in enumerate(there) if slot.ends_positional), len(there))
    has_star = star < last
    if new.kind is Kind.KEYWORD_ONLY and index <= star:
        if any(slot.is_positional for slot in there[index:]):
            raise NoPlaceError(f"what stands behind {after!r} would become keyword-only")
        at = star + 1 if has_star else index
        return Place(at, needs_star=not has_star, kind=Kind.KEYWORD_ONLY)
    if index > star:
        return Place(index, needs_star=False, kind=Kind.KEYWORD_ONLY)
    before = [slot.name for slot in there[:index] if slot.is_positional and slot.has_default]
    behind = [slot.name for slot in there[index:] if slot.is_positional and not slot.has_default]
    if before and new.default is None:
        raise NoPlaceError(
            f"{new.name!r} has no default and would stand behind {before[-1]!r}, which has one; "
            "give it a default, or say `after`"
        )
    if behind and new.default is not None:
        raise NoPlaceError(
            f"{new.name!r} has a default and would stand in front of {behind[0]!r}, which has none"
        )
    only = any(slot.name == SLASH for slot in there[index:])
    kind = Kind.POSITIONAL_ONLY if only else Kind.POSITIONAL_OR_KEYWORD
    return Place(index, needs_star=False, kind=kind)


def _behind(after: str, there: Sequence[Slot]) -> int:
    found = [at for at, slot in enumerate(there) if slot.parameter and slot.name == after]
    if not found:
        raise NoPlaceError(f"there is no parameter {after!r} to write it behind")
    index = found[0] + 1
    if there[found[0]].kind is Kind.VAR_KEYWORD:
        raise NoPlaceError(f"nothing can stand behind `**{after}`")
    # Behind the last positional-only parameter, it takes keywords, too.
    return index + 1 if index < len(there) and there[index].name == SLASH else index


def require_parameters(
    site: Site, node: Function, wanted: Sequence[tuple[str, Kind]], source: Source
) -> Site:
    """Give a site back if the header that it makes has just these parameters.

    Raises:
        SourceError: it has others, or is no Python.
    """
    start, end = source.span(node).start, header_end(node, source)
    whole = splice(source.data[:end], [site])
    header = whole[start:].decode()
    there = parsed_statement(f"{header} pass")
    if isinstance(there, (ast.FunctionDef, ast.AsyncFunctionDef)):
        found = [(parameter.name, parameter.kind) for parameter in parameters(there)]
        if found == list(wanted):
            return site
    written = site.replacement.decode().strip() or source.text(Span(site.start, site.end))
    raise SourceError(source.path, f"{written!r} cannot be written there", node.lineno)
