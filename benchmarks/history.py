"""Upstream's own changes: functions that differ between one release and the next."""

from __future__ import annotations

import ast
import random
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.artifact import open_artifact
from build_hooks.fetch import fetch
from build_hooks.lock import read_lock
from transforms.engine.syntax.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# One release of every minor line of which the lock holds any, the last before the next line.
LINE = (
    "0.9.2", "0.10.2", "0.11.2", "0.12.0", "0.13.0", "0.14.1", "0.16.0", "0.17.1", "0.18.1",
    "0.19.1", "0.20.2", "0.21.0", "0.22.1", "0.23.0", "0.24.0", "0.25.1", "0.26.0", "0.27.1",
    "0.28.0", "0.29.0", "0.30.0", "0.31.0", "0.32.0", "0.33.0",
)  # fmt: skip
_MOST_OF_ONE_FILE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What upstream did to one function from one release to the next.

    Attributes:
        path: the file, in both releases.
        name: the function's dotted name in the file.
        before: the file in the older release.
        after: that file with the function of the newer release in the place of its own.
        old: the function's text in the older release.
        new: its text in the newer one.
    """

    path: str
    name: str
    before: bytes
    after: bytes
    old: str
    new: str


def release_files(release: str) -> dict[str, bytes]:
    """Give the Python files of a release's package, through the project's cache."""
    locked = read_lock().find("vllm", release, "sdist")
    artifact = open_artifact(fetch(locked), unpacked=locked.unpacked)
    return {
        path: artifact.read(path)
        for path in sorted(artifact)
        if path.startswith("vllm/") and path.endswith(".py")
    }


def parsed(code: str | bytes) -> ast.Module | None:
    """Parse code; None where it is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Function:
    """A function and the lines that it takes, its decorators included."""

    node: ast.AST
    first: int
    last: int

    def text(self, lines: list[str]) -> str:
        """Give its text."""
        return "".join(lines[self.first - 1 : self.last])


def functions(data: bytes) -> dict[str, Function]:
    """Give the functions and methods of a file that have a name of their own."""
    module = parsed(data)
    found: dict[str, list[Function]] = {}
    for name, node in _defined(module, ()) if module else ():
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        found.setdefault(name, []).append(Function(node, first, node.end_lineno or 0))
    return {name: items[0] for name, items in found.items() if len(items) == 1}


def _defined(
    scope: ast.AST, names: tuple[str, ...]
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in getattr(scope, "body", ()):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ".".join([*names, node.name]), node
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node, (*names, node.name))


def lines_of(data: bytes) -> list[str]:
    """Give the lines of a file as `ast` counts them."""
    return data.decode().splitlines(keepends=True)


def changes(
    older: Mapping[str, bytes], newer: Mapping[str, bytes], *, count: int, seed: str
) -> list[Change]:
    """Choose functions that differ between two releases, at random but always the same.

    Args:
        older: the files of the older release.
        newer: the files of the newer one.
        count: how many are wanted; 0 for all.
        seed: what the choice depends on.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    paths = [path for path in sorted(set(older) & set(newer)) if older[path] != newer[path]]
    chance.shuffle(paths)
    found: list[Change] = []
    for path in paths:
        here = list(_changed(path, older[path], newer[path]))
        if count:
            here = chance.sample(here, min(len(here), _MOST_OF_ONE_FILE))
        found += here
        if count and len(found) >= count:
            return found[:count]
    return found


def _changed(path: str, older: bytes, newer: bytes) -> Iterator[Change]:
    before, after = functions(older), functions(newer)
    lines, lines_after = lines_of(older), lines_of(newer)
    for name in sorted(set(before) & set(after)):
        one, other = before[name], after[name]
        if canonical(one.node) == canonical(other.node):
            continue
        old, new = one.text(lines), other.text(lines_after)
        whole = "".join([*lines[: one.first - 1], new, *lines[one.last :]]).encode()
        # A function may have moved under an `if`: then its text does not fit there.
        if parsed(whole) is not None and name in functions(whole):
            yield Change(path=path, name=name, before=older, after=whole, old=old, new=new)
