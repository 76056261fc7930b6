"""The mistake that the oracle must be able to see: dropping constexpr annotations too."""

from __future__ import annotations

import ast
import shutil
from typing import TYPE_CHECKING

from build_hooks.triton.kernels import kernel_modules
from build_hooks.triton.runner.census import annotated_assignments, jit_definitions

if TYPE_CHECKING:
    from pathlib import Path


def drop_all_annotations(source: str) -> str:
    """Make every annotated assignment of every jit function a plain one."""
    lines = source.encode().splitlines(keepends=True)
    statements = [
        statement
        for _, function in jit_definitions(ast.parse(source), kernel_modules()["triton"])
        for statement in annotated_assignments(function)
    ]
    for statement in sorted(statements, key=lambda one: (one.lineno, one.col_offset), reverse=True):
        if statement.value is None:
            _replace(lines, _start(statement), _end(statement), b"pass")
        else:
            _replace(lines, _end(statement.target), _end(statement.annotation), b"")
    return b"".join(lines).decode()


def make_naive_tree(package: Path, target: Path) -> Path:
    """Copy a package, with the mistake made in all of its files."""
    shutil.copytree(package, target)
    for file in target.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if "jit" in source and "triton" in source:
            file.write_text(drop_all_annotations(source), encoding="utf-8", newline="")
    return target


Position = tuple[int, int]


def _start(node: ast.stmt | ast.expr) -> Position:
    return node.lineno - 1, node.col_offset


def _end(node: ast.stmt | ast.expr) -> Position:
    if node.end_lineno is None or node.end_col_offset is None:
        raise ValueError("a node that was not parsed from source")
    return node.end_lineno - 1, node.end_col_offset


def _replace(lines: list[bytes], start: Position, end: Position, text: bytes) -> None:
    """Put ``text`` in the place of a range, in lines of UTF-8."""
    (first, left), (last, right) = start, end
    lines[first : last + 1] = [lines[first][:left] + text + lines[last][right:]]
