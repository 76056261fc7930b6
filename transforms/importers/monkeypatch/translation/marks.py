"""What a module of vLLM says of the names that patches of a plugin have changed.

A patch that is compiled in leaves no trace that a plugin could see which still patches while it
runs. So each module says at its end which of its names are compiled in, and a function that calls
the one whose name it takes begins with a question: has the plugin put something there again?
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import AddImport, InsertAfter
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.translation.result import CannotError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source

_MODULE = "wheelwright_marks"
_UNIT = "    "
# That of the code of vLLM, inside of a method.
_WIDTH = 80


def with_marks(module: str) -> Edit:
    """Write the edit that lets a module of vLLM mark its names.

    It imports nothing of vLLM itself, so that it closes no circle.
    """
    return AddImport(inside=module, code=f"from vllm import {_MODULE}")


def marked(module: str, names: Iterable[str], patch: str, source: Source) -> Edit:
    """Write the edit that marks names of a module where it ends.

    Patches may each have their own mark: they are written one below the other, and each gives the
    names of all of them.

    Args:
        module: the module of vLLM.
        names: what the patch changes there: `function`, `Class.member`, `REGISTRY['key']`.
        patch: its name, behind the plugin's package and a slash.
        source: the module's file.

    Raises:
        CannotError: the module is empty.
    """
    call = _call(f"__wheelwright__ = {_MODULE}.mark", [f'"{patch}"', *map(_quoted, sorted(names))])
    return InsertAfter(inside=module, anchor=last_statement(source), code=f"\n\n\n{call}")


def last_statement(source: Source) -> str:
    """Give a pattern of the statement that a file ends with, as short as it can be.

    Raises:
        CannotError: the file has none.
    """
    body = source.module.body
    for number in range(1, len(body) + 1):
        (*above, last) = body[-number:]
        start = source.statement_span(body[-number]).start
        texts = [flush_left(Span(start, source.statement_span(last).end), source)]
        if isinstance(last, Definition) and not above:
            texts.insert(0, _header(last))
        for text in texts:
            if len(Pattern.parse(text, statements=True).matches(source.module)) == 1:
                return text
    raise CannotError(f"{source.path} is empty")


def _header(node: Definition) -> str:
    if isinstance(node, ast.ClassDef):
        return f"class {node.name}($$bases):" if node.bases else f"class {node.name}:"
    prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = " -> $returned" if node.returns is not None else ""
    return f"{prefix} {node.name}($$parameters){returns}:"


def asks(name: str) -> str:
    """Write the question whether the plugin has put something else in a name's place again.

    Args:
        name: as `marked` has it.
    """
    return _call(f"if {_MODULE}.stands_aside", [_quoted(name)], ":")


def standing_aside(name: str, instead: str) -> str:
    """Write the statements that a function begins with which calls the one that it has replaced.

    Args:
        name: as `marked` has it: what the plugin assigns to.
        instead: what is done where the plugin has done so again.
    """
    return f"{asks(name)}\n{indented(instead, _UNIT)}"


def _quoted(name: str) -> str:
    return f'"{name}"' if '"' not in name else repr(name)


def _call(function: str, arguments: list[str], end: str = "") -> str:
    arguments = ["__name__", *arguments]
    line = f"{function}({', '.join(arguments)}){end}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{function}(", *(f"{_UNIT}{item}," for item in arguments), f"){end}"])
