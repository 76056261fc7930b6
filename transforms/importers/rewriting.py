"""Write into a patch module where an edit moved to: the edit as it is, and one that moved.

The module's own text stays: only the one call that declares the edit becomes two, of which the
first is for the releases before, and the second for those from then on.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.rebasing import State

_UNIT = "    "


class FixedTextError(Exception):
    """A patch module does not say its edits one by one.

    Args:
        reason: what stands in the way.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Change(NamedTuple):
    """Bytes of a text, and what takes their place."""

    start: int
    end: int
    text: bytes


def rewritten(text: str, states: Sequence[State], release: str) -> str:
    """Give a patch module with the edits that moved.

    Args:
        text: the module.
        states: what became of its edits, of which some `MOVED`.
        release: the release that they moved in, or before.

    Raises:
        FixedTextError: the module makes its edits otherwise than by a list of calls.
    """
    data = text.encode()
    calls = _calls(ast.parse(text), len(states))
    changes: list[_Change] = []
    lines = _Lines(data)
    for state in states:
        if state.to:
            call = calls[state.number - 1]
            was = state.edit.versions
            before = ",".join(filter(None, (was, f"<{release}")))
            after = ",".join(filter(None, (was, f">={release}")))
            start, end = lines.span(call)
            margin = data[lines.starts[call.lineno - 1] : start].decode()
            pieces = [
                _with(lines, call, {"versions": before}),
                _with(lines, call, {"versions": after, state.field: state.to}),
            ]
            changes.append(_Change(start, end, f",\n{margin}".join(pieces).encode()))
    for change in sorted(changes, reverse=True):
        data = data[: change.start] + change.text + data[change.end :]
    return data.decode()


class _Lines:
    """From the lines and columns of syntax to bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.starts = [0]
        for line in data.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> tuple[int, int]:
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)


def _calls(module: ast.Module, count: int) -> list[ast.Call]:
    """Find the calls that make the edits, in the order of the patch."""
    for node in ast.walk(module):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg == "edits" and isinstance(keyword.value, (ast.List, ast.Tuple)):
                calls = [item for item in keyword.value.elts if isinstance(item, ast.Call)]
                if len(calls) == count == len(keyword.value.elts):
                    return calls
    raise FixedTextError("its edits are not a list of calls")


def _with(lines: _Lines, call: ast.Call, fields: dict[str, str]) -> str:
    """Write a call with other values for some of its keywords."""
    origin, close = lines.span(call)
    changes: list[_Change] = []
    for name, value in fields.items():
        there = next((item for item in call.keywords if item.arg == name), None)
        if there is None:
            changes.append(_added(lines, call, f"{name}={_literal(value)}"))
        elif not isinstance(there.value, ast.Constant):
            raise FixedTextError(f"`{name}` of an edit is not written as a text")
        else:
            changes.append(_Change(*lines.span(there.value), _literal(value).encode()))
    data = lines.data[origin:close]
    for start, end, text in sorted(changes, reverse=True):
        data = data[: start - origin] + text + data[end - origin :]
    return data.decode()


def _added(lines: _Lines, call: ast.Call, argument: str) -> _Change:
    """Add a keyword behind the others: on a line of its own where each has one."""
    _, end = lines.span(call)
    at = end - 1
    before = lines.data[:at]
    if before.rstrip(b" \t").endswith(b"\n"):
        margin = before[before.rfind(b"\n") + 1 :].decode()
        at = before.rfind(b"\n") + 1
        return _Change(at, at, f"{margin}{_UNIT}{argument},\n".encode())
    comma = "" if before.rstrip().endswith(b",") else ","
    return _Change(at, at, f"{comma} {argument}".encode())


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
