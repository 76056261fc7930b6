# SPDX-License-Identifier: Apache-2.0
"""Which functions and classes of an installation patches have written into: from the diffs alone.

The diffs of a wheel apply one after the other. Going back through them, last first, tells for each
line of an installed file which patches have written it, and the file's syntax what it is part of.
"""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_FILE = re.compile(rb"diff --git a/(.+) b/\1\n?")
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def patched_files(site: Path, described: dict[str, Any], diffs: Path) -> list[dict[str, Any]]:
    """Say of each patched Python file what patches have changed in it.

    Args:
        site: the folder that the package is installed in.
        described: the manifest.
        diffs: the folder of the diffs; where there is none, whole files count as changed.

    Returns:
        For each file its `path`, `module`, and `names`: dotted names, each with its patches.
    """
    applied = [item for item in described["patches"] if item["outcome"] == "applied"]
    told = [(item["name"], _read(diffs / f"{item['name']}.diff")) for item in applied]
    series = [(name, _sections(data)) for name, data in told if data]
    notice = _sections(_read(diffs / "wheelwright" / "notice.diff"))
    found = []
    for file in described["files"]:
        path, local = file["path"], site / file["path"]
        if not (path.endswith(".py") and path.startswith("vllm/") and local.is_file()):
            continue
        data = local.read_bytes()
        steps = [(name, sections[path]) for name, sections in series if path in sections]
        if path in notice:
            steps.append(("", notice[path]))
        owners = _owners(len(data.split(b"\n")), steps)
        if not series:
            owners = [{"?"} for _ in data.split(b"\n")]
        names = _names(ast.parse(data), owners)
        found.append({"path": str(local), "module": _module(path), "names": names})
    return found


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _sections(diff: bytes) -> dict[str, list[tuple[int, list[bytes]]]]:
    """Give for each file of a diff its hunks: the first new line, 0-based, and the marked lines."""
    found: dict[str, list[tuple[int, list[bytes]]]] = {}
    hunks: list[tuple[int, list[bytes]]] = []
    for line in diff.split(b"\n"):
        file, hunk = _FILE.fullmatch(line), _HUNK.match(line)
        if file:
            hunks = found[file[1].decode()] = []
        elif hunk:
            first, length = int(hunk[1]), int(hunk[2] or 1)
            hunks.append((first - bool(length), []))
        elif hunks and line[:1] in {b" ", b"+", b"-"}:
            hunks[-1][1].append(line)
    return found


def _owners(count: int, steps: list[tuple[str, list[tuple[int, list[bytes]]]]]) -> list[set[str]]:
    """Give for each line of the installed file the patches that have written it."""
    owners: list[set[str]] = [set() for _ in range(count)]
    lines: list[int | None] = list(range(count))
    for name, hunks in reversed(steps):
        for first, marked in reversed(hunks):
            at, gone = first, 0
            before: list[int | None] = []
            for mark, run in itertools.groupby(marked, lambda line: line[:1]):
                count = len(list(run))
                if mark == b"-":
                    # What is only taken away is seen at the line above.
                    _own(owners, lines, range(at - 1, at), name)
                    gone += count
                    continue
                there = lines[at : at + count]
                if mark == b"+":
                    _own(owners, lines, range(at, at + count), name)
                    # A line that was written anew is still whose it was: a part of it may be left.
                    before += [there[min(number, count - 1)] for number in range(gone)]
                else:
                    before += [*[None] * gone, *there]
                at, gone = at + count, 0
            lines[first:at] = [*before, *[None] * gone]
    return owners


def _own(owners: list[set[str]], lines: list[int | None], places: range, name: str) -> None:
    for at in places:
        line = lines[at] if 0 <= at < len(lines) else None
        if line is not None and name:
            owners[line].add(name)


def _names(tree: ast.Module, owners: list[set[str]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}

    def visit(node: ast.AST, outer: str) -> set[int]:
        """Give the lines of the definitions below a node."""
        taken: set[int] = set()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (*_FUNCTION, ast.ClassDef)):
                taken |= visit(child, outer)
                continue
            name = f"{outer}.{child.name}".lstrip(".")
            first = min([child.lineno, *(item.lineno for item in child.decorator_list)])
            lines = set(range(first - 1, child.end_lineno or first))
            # Nobody reaches a function inside of another one.
            inner = set() if isinstance(child, _FUNCTION) else visit(child, name)
            patches = {patch for line in lines - inner for patch in owners[line]}
            if patches:
                found.setdefault(name, set()).update(patches)
            taken |= lines
        return taken

    visit(tree, "")
    return {name: sorted(patches) for name, patches in found.items()}
