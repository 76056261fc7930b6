"""What the rules of this folder write, and how they ask a file for it."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.site import Site, text_site
from transforms.engine.syntax.bindings import bindings
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.writing.import_sites import import_sites
from transforms.rules.posix.places import places
from transforms.rules.refusal import Refusal, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from transforms.engine.syntax.source import Placed, Source
    from transforms.rules.posix.places import Place

MODULE = "wheelwright_windows"
"""The module that the platform adds to vLLM; what it has is on POSIX what Python has there."""
_LEVEL = "    "


def found_in(
    rule: str, source: Source, find: Callable[[Place, Source], Iterable[Site | Refusal]]
) -> Found:
    """Ask each node of a file for its sites.

    Args:
        rule: the rule's name.
        source: the file.
        find: gives the sites of a node, or why it must be refused.
    """
    found = [each for place in source.once(places) for each in find(place, source)]
    # Several nodes may ask for one import, or for the same guard of one statement.
    sites = {each for each in found if isinstance(each, Site)}
    refusals = [each for each in found if isinstance(each, Refusal)]
    return Found(sites=tuple(sorted(sites)), problem=refused(rule, refusals, source))


def refusal(place: Place, reason: str) -> Refusal:
    """Say why a place must stay as it is."""
    node: Placed = place.statement if isinstance(place.node, ast.alias) else place.node  # type: ignore[assignment]
    return Refusal(node, place.function, reason)


def only_where(condition: str, place: Place, source: Source) -> Iterator[Site | Refusal]:
    """Run a place's statement only where a condition holds."""
    code = flush_left(source.statement_span(place.statement), source)
    yield from instead(f"if {condition}:\n{indented(code, _LEVEL)}", place, source)


def in_front(code: str, place: Place, source: Source) -> Iterator[Site | Refusal]:
    """Write statements, flush left, in front of a place's statement."""
    statement = place.statement
    if not stands_alone(statement, source):
        yield refusal(place, "it shares its line with other code")
        return
    start = source.statement_span(statement).start
    margin = source.indentation(start)
    yield text_site(source, start, start, f"{indented(code, margin, first=False)}\n{margin}")


def instead(code: str, place: Place, source: Source) -> Iterator[Site | Refusal]:
    """Write other statements, flush left, in the place of a place's statement."""
    statement = place.statement
    if not stands_alone(statement, source):
        yield refusal(place, "it shares its line with other code")
        return
    span = source.statement_span(statement)
    margin = source.indentation(span.start)
    yield text_site(source, *span, indented(code, margin, first=False))


def stands_alone(statement: ast.stmt, source: Source) -> bool:
    """Tell whether a statement shares its lines with comments only, and is no `elif`."""
    start, end = source.statement_span(statement)
    before = source.data[source.line_start(source.line_of(start)) : start]
    behind = source.data[end : source.line_start(source.line_of(end) + 1)].lstrip()
    is_elif = isinstance(statement, ast.If) and source.data[start:].startswith(b"elif")
    return not before.strip() and (not behind or behind.startswith(b"#")) and not is_elif


def import_of_module(source: Source) -> tuple[Site, ...]:
    """Import what the platform adds, where isort would; several patches write it once."""
    if any(each.name == MODULE for each in bindings(source.module)):
        return ()
    statement = ast.ImportFrom(module="vllm", names=[ast.alias(name=MODULE)], level=0)
    sites = import_sites(statement, "", source.module.body, source, "vllm")
    return tuple(replace(site, shared=True) for site in sites)
