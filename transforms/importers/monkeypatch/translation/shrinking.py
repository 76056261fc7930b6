"""A replaced function as the edits that differ, where those are fewer words than the function."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from transforms.edits import ReplaceFunction, ReplaceText
from transforms.engine.match import match_patches
from transforms.engine.outcome import Problem
from transforms.engine.patch import bare_patch
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.definition import Function, header_end
from transforms.engine.syntax.enclosing import enclosing
from transforms.engine.syntax.modules import module_name
from transforms.engine.syntax.scope import Scope, locate
from transforms.engine.syntax.source import Source, parse
from transforms.importers.capture import capture
from transforms.importers.errors import UnexplainedError
from transforms.importers.monkeypatch.translation.merged import merged
from transforms.importers.monkeypatch.translation.result import CannotError, NeedsNothingError

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting

_NAME = "monkeypatch/tried"
# Edits that say nearly all of the function say less clearly what the function is.
_WORTH = 0.7


class OneFile:
    """A tree of one file.

    Args:
        path: its path.
        data: its bytes.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self._path = path
        self._data = data

    def __contains__(self, path: object) -> bool:
        """Tell whether it is that file."""
        return path == self._path

    def __iter__(self) -> Iterator[str]:
        """Give its path."""
        return iter((self._path,))

    def read(self, path: str) -> bytes:
        """Give its bytes."""
        if path != self._path:
            raise KeyError(path)
        return self._data


def function_edits(found: Found, text: str, setting: Setting) -> tuple[Edit, ...]:
    """Write the edits that make one function another one.

    Args:
        found: the function of vLLM.
        text: what takes its place, flush left.
        setting: all that is read.

    Raises:
        CannotError: no edits make this change.
    """
    node = found.node
    if not isinstance(node, Function):
        raise CannotError(f"{found.inside} is no function")
    whole = _whole(found, node, text, setting)
    small = _small(found, node, text, setting)
    if small and (not whole or _size(small) < _WORTH * _size(whole)):
        return small
    if not whole:
        (new,) = parse(text).body
        if body_hash(new) == body_hash(node):
            raise NeedsNothingError(f"{found.inside} says the same")
        raise CannotError(f"no edits make the function of {found.inside}")
    return whole


def _whole(found: Found, node: Function, text: str, setting: Setting) -> tuple[Edit, ...]:
    try:
        edit = ReplaceFunction(
            inside=found.inside, code=text, bodies={f"=={setting.release}": body_hash(node)}
        )
    except (PatternError, ValueError):
        return ()
    return (edit,) if holds((edit,), setting) else ()


def _small(found: Found, node: Function, text: str, setting: Setting) -> tuple[Edit, ...]:
    source = found.source
    small = Source(source.path, excerpt(source, node))
    there = locate(Scope(source.path, found.target.path), small, OneFile(source.path, b""))
    if not isinstance(there, Function):
        return ()
    try:
        after = merged(small, there, text)
        edits = captured(small, after, setting.release)
    except (UnexplainedError, ValueError, SyntaxError):
        return ()
    if not edits or any(isinstance(item, ReplaceText) for item in edits):
        return ()
    return edits if holds(edits, setting) else ()


def captured(source: Source, after: bytes, release: str) -> tuple[Edit, ...]:
    """Write what differs from a file as edits.

    Raises:
        UnexplainedError: no edits make this change.
    """
    tree = OneFile(source.path, source.data)
    return capture(source.path, source.data, after, tree, release=release).edits


def excerpt(source: Source, node: Function) -> bytes:
    """Give a file that has one definition only, with the headers of the classes around it."""
    pieces: list[bytes] = []
    chain = enclosing(source.module, node)
    for outer in chain[:-1]:
        start = source.line_start(source.line_of(source.statement_span(outer).start))
        pieces += [source.data[start : header_end(outer, source)], source.newline]
    span = source.statement_span(chain[-1])
    start = source.line_start(source.line_of(span.start))
    end = source.line_start(source.line_of(span.end) + 1)
    return b"".join([*pieces, source.data[start:end]])


def holds(edits: Sequence[Edit], setting: Setting) -> bool:
    """Tell whether edits apply to vLLM's tree."""
    return not why_not(edits, setting)


def why_not(edits: Sequence[Edit], setting: Setting) -> str:
    """Say why edits do not apply to vLLM's tree; empty where they do."""
    patches = {_NAME: bare_patch(edits)}
    (outcome,) = match_patches(patches, setting.tree, setting.release, _parsed(edits, setting))
    if outcome.status.is_good:
        return ""
    return "; ".join(problem.reason for _, problem in outcome.problems)


def _parsed(edits: Sequence[Edit], setting: Setting) -> dict[str, ast.Module]:
    """Give the syntax of the files that edits are for: it is the same for every trial."""
    found = {}
    for edit in edits:
        paths = edit.paths(setting.tree)
        for path in () if isinstance(paths, Problem) else paths:
            if path in setting.tree and path.endswith(".py"):
                found[path] = setting.source(module_name(path)).module
    return found


def _size(edits: Sequence[Edit]) -> int:
    texts = [
        getattr(edit, item.name)
        for edit in edits
        for item in fields(edit)  # type: ignore[arg-type] # every kind of edit is a dataclass
        if item.name != "inside"
    ]
    return sum(len(text) for text in texts if isinstance(text, str))
