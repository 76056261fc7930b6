"""Calls: find them by what is called, and give them an argument or take one away."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template, substitute
from transforms.engine.patterns.unify import equal
from transforms.engine.site import Site
from transforms.engine.syntax.elements import call_elements
from transforms.engine.syntax.parsed import parsed_expression
from transforms.engine.syntax.source import SourceError
from transforms.engine.writing.element_sites import insert_elements, remove_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.syntax.elements import Elements
    from transforms.engine.syntax.source import Source

# No pattern of a patch has a metavariable of this name.
_ARGUMENTS = "$$arguments_of_the_call"
_KEYWORD = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*=(?!=)(?P<value>.*)", re.DOTALL)
_STARRED = re.compile(r"\s*(?P<stars>\*\*?)(?P<value>.*)", re.DOTALL)


def call_pattern(called: str) -> Pattern:
    """Read a pattern of a called expression as one of its calls, whatever their arguments.

    Raises:
        PatternError: it is no expression.
    """
    wanted = Pattern.parse(called)
    if not wanted.is_expression or isinstance(wanted.nodes[0], ast.Call):
        raise PatternError(f"`call` is what is called, without the arguments, not {called!r}")
    pattern = Pattern.parse(f"({called})({_ARGUMENTS})")
    return Pattern(f"{called}(...)", pattern.nodes, is_expression=True)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that calls are to have.

    Attributes:
        name: the keyword; `*` or `**` for what is unpacked; empty for a positional argument.
        value: its value.
    """

    name: str
    value: Template

    @classmethod
    def parse(cls, text: str, bound: frozenset[str]) -> Argument:
        """Read an argument as it stands in a call.

        Raises:
            PatternError: it is none, or uses a metavariable that is not in `bound`.
        """
        found = _KEYWORD.fullmatch(text) or _STARRED.fullmatch(text)
        name, value = (found[1], found["value"]) if found else ("", text)
        template = Template.parse(value, bound)
        if not template.pattern.is_expression:
            raise PatternError(f"`argument` must be one argument of a call, not {text!r}")
        return cls(name, template)

    @property
    def is_positional(self) -> bool:
        """Whether it stands among the positional arguments."""
        return self.name in {"", "*"}

    def node(self, bindings: Bindings) -> ast.expr | ast.keyword:
        """Give the syntax that a call has for it."""
        value = substitute(self.value.pattern.nodes[0], bindings)
        if not isinstance(value, ast.expr):
            raise TypeError(f"{value!r} is no expression")
        if self.name == "*":
            return ast.Starred(value, ast.Load())
        if self.name:
            return ast.keyword(None if self.name == "**" else self.name, value)
        return value

    def text(self, bindings: Bindings, source: Source, call: ast.Call) -> str:
        """Write it, flush left."""
        value = self.value.expression(bindings, source, call)
        if isinstance(self.value.pattern.nodes[0], ast.Tuple) and not value.startswith("("):
            value = f"({value})"
        if self.name in {"", "*", "**"}:
            return f"{self.name}{value}"
        return f"{self.name}={value}"


def with_argument(
    call: ast.Call, argument: Argument, bindings: Bindings, after: str | None, source: Source
) -> Site:
    """Make the site that gives a call an argument.

    Args:
        call: the call.
        argument: the argument.
        bindings: what the pattern of the call bound.
        after: the keyword that it goes behind; None for the last place.
        source: the file.

    Raises:
        SourceError: the keyword is not there, or Python does not allow the argument there.
    """
    elements, order = call_elements(call, source), in_order(call, source)
    new, text = argument.node(bindings), argument.text(bindings, source, call)
    meant = copy.copy(call)
    if isinstance(new, ast.keyword):
        meant.keywords = [*call.keywords, new]
    else:
        meant.args = [*call.args, new]
    at = len(order)
    if argument.is_positional:
        at = order.index(call.args[-1]) + 1 if call.args else 0
    elif after is not None:
        named = [item for item in call.keywords if item.arg == after]
        if not named:
            reason = f"the call has no keyword {after!r} to write the argument behind"
            raise SourceError(source.path, reason, call.lineno)
        at = order.index(named[0]) + 1
    if _is_bare_generator(call, elements, source):
        site = _behind_generator(elements, text, source)
    else:
        site = insert_elements(elements, at, [text])
    return _checked(site, call, meant, source)


def without_argument(call: ast.Call, gone: ast.expr | ast.keyword, source: Source) -> Site:
    """Make the site that takes an argument of a call away."""
    (site,) = without_arguments(call, [gone], source)
    return site


def without_arguments(
    call: ast.Call, gone: Collection[ast.expr | ast.keyword], source: Source
) -> list[Site]:
    """Make the sites that take arguments of a call away, one for each run of neighbours."""
    elements = call_elements(call, source)
    places: list[tuple[int, int]] = []
    for at, argument in enumerate(in_order(call, source)):
        if argument not in gone:
            continue
        if places and places[-1][1] == at - 1:
            places[-1] = (places[-1][0], at)
        else:
            places.append((at, at))
    meant = copy.copy(call)
    meant.args = [item for item in call.args if item not in gone]
    meant.keywords = [item for item in call.keywords if item not in gone]
    sites = [remove_elements(elements, first, last) for first, last in places]
    _check(sites, call, meant, source)
    return sites


def in_order(call: ast.Call, source: Source) -> Sequence[ast.expr | ast.keyword]:
    """Give the arguments of a call in the order of the source."""
    return sorted([*call.args, *call.keywords], key=source.span)


def _is_bare_generator(call: ast.Call, elements: Elements, source: Source) -> bool:
    """Tell whether the call's parentheses are those of a generator, too."""
    return len(call.args) == 1 and source.span(call.args[0]).start < elements.span.start


def _behind_generator(elements: Elements, text: str, source: Source) -> Site:
    """Give a generator parentheses of its own."""
    span = elements.span
    generator = source.text(span)
    if "#" not in generator:
        generator = generator.strip()
    return Site(
        path=source.path,
        start=span.start,
        end=span.end,
        replacement=f"({generator}), {text}".encode(),
        line=source.line_of(span.start),
    )


def _checked(site: Site, call: ast.Call, meant: ast.Call, source: Source) -> Site:
    _check([site], call, meant, source)
    return site


def _check(sites: Sequence[Site], call: ast.Call, meant: ast.Call, source: Source) -> None:
    start, end = source.span(call)
    text = splice(source.data[:end], sites)[start:].decode()
    if not equal(parsed_expression(text), meant):
        written = ", ".join(site.replacement.decode().strip(", \n") or "nothing" for site in sites)
        raise SourceError(source.path, f"{written!r} cannot be written there", call.lineno)
