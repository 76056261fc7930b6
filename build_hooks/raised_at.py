"""Say where in a patch module an error was raised, and in which of the patch's edits."""

from __future__ import annotations

import ast
import traceback
from importlib.util import find_spec
from pathlib import Path


def raised_at(error: BaseException, module: str) -> str:
    """Give the place of an error in the file of a module that could not be loaded.

    Args:
        error: what loading raised.
        module: the module's dotted name; its package is loaded.

    Returns:
        E.g. ``one.py:5, in edit 2 of 3 (Replace)`` with the whole path; empty where there is no
        file. The line is left out where none of the file has run.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    lines = [
        frame.lineno or 0
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == spec.origin
    ]
    if isinstance(error, SyntaxError) and not lines:
        lines = [error.lineno or 0]
    # The first frame is the module's own, where its edits are; what it calls comes behind.
    place = f"{spec.origin}:{lines[-1]}" if any(lines) else spec.origin
    return f"{place}{_edit_at(Path(spec.origin), lines[0])}" if lines else place


def _edit_at(path: Path, line: int) -> str:
    """Say which element of a list of edits a line belongs to; nothing where it does to none."""
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ""
    for call in ast.walk(module):
        for keyword in call.keywords if isinstance(call, ast.Call) else ():
            if keyword.arg == "edits" and isinstance(keyword.value, ast.List | ast.Tuple):
                edits = keyword.value.elts
                for number, edit in enumerate(edits, start=1):
                    if edit.lineno <= line <= (edit.end_lineno or 0):
                        kind = f" ({ast.unparse(edit.func)})" if isinstance(edit, ast.Call) else ""
                        return f", in edit {number} of {len(edits)}{kind}"
    return ""
