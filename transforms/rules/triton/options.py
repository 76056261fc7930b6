"""Write an option so that it is given only to a Triton that has it.

The option becomes an argument of a function in `vllm/wheelwright_triton.py`, which gives back the
options that the Triton at hand has: `launch_pdl=x` becomes
`**wheelwright_triton.launch_options(launch_pdl=x)`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.engine.syntax.definition import after_parentheses
from transforms.rules.refusal import Refusal, refused
from transforms.rules.triton.runtime import MODULE, with_runtime_import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source


def found_options(
    rule: str,
    options: frozenset[str],
    source: Source,
    find: Callable[[frozenset[str], Source], Iterable[Site | Refusal]],
) -> Found:
    """Ask a file that names some options for its sites, and import the module that they name.

    Args:
        rule: the rule's name.
        options: the options that the line lacks.
        source: the file.
        find: gives the sites of these options, and the places that must be refused.
    """
    if not any(option.encode() in source.data for option in options):
        return Found()
    found = list(find(options, source))
    refusals = [each for each in found if isinstance(each, Refusal)]
    sites = [each for each in found if not isinstance(each, Refusal)]
    problem = refused(rule, refusals, source)
    return with_runtime_import(Found(sites=tuple(sites), problem=problem), source)


def guarded_keyword(
    call: ast.Call, keyword: ast.keyword, guard: str, source: Source, *, before: str = ""
) -> Iterator[Site | Refusal]:
    """Make the sites that hand a keyword of a call through a guard.

    Args:
        call: the call.
        keyword: one of its keywords.
        guard: the function of our module that says which options are given.
        source: the file.
        before: the guard's first argument, as text; empty for none.
    """
    span = source.span(keyword)
    if any(isinstance(each, ast.Starred) and source.span(each) > span for each in call.args):
        reason = "`*` behind the option: Python takes no `**` in front of it"
        yield Refusal(keyword, "", reason)
        return
    first = f"{before}, " if before else ""
    yield text_site(source, span.start, span.start, f"**{MODULE}.{guard}({first}")
    yield text_site(source, span.end, span.end, ")")


def guarded_item(  # noqa: PLR0913, PLR0917 - each is a part of the item
    node: ast.Dict, key: ast.expr, value: ast.expr, option: str, guard: str, source: Source
) -> Iterator[Site]:
    """Make the sites that hand an item of a dict display through a guard.

    A dict of this item alone becomes the guard's own dict.

    Args:
        node: the dict display.
        key: the item's key, a string.
        value: its value.
        option: the key's text.
        guard: the function of our module that says which options are given.
        source: the file.
    """
    whole = source.span(node)
    start, end = source.span(key)
    # A key is a string, and between it and its value stand a colon, white space and parentheses.
    colon = source.data.index(b":", end) + 1
    behind = after_parentheses(value, colon, source)
    written = colon + len(source.data[colon:]) - len(source.data[colon:].lstrip(b" \t"))
    text = f"{MODULE}.{guard}({option}="
    before, after = source.data[whole.start : start], source.data[behind : whole.end]
    if before.strip() == b"{" and after.strip(b" \t\r\n,") == b"}":
        yield text_site(source, whole.start, written, text)
        yield text_site(source, behind, whole.end, ")")
    else:
        yield text_site(source, start, written, f"**{text}")
        yield text_site(source, behind, behind, ")")
