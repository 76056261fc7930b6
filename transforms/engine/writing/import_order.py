"""The order of imports: that of isort's profile `black`, which ruff's `I` rules follow.

Sections are divided by a blank line: `__future__`, the standard library, third parties, the
project itself, relative imports. In each, `import x` comes before `from x import y`, and both are
ordered by the module, as people count: `a9` before `a10`, case ignored. The names of one statement
are ordered CONSTANTS, Classes, functions.
"""

from __future__ import annotations

import ast
import re

from transforms.engine.syntax.standard_library import STANDARD_LIBRARY

Import = ast.Import | ast.ImportFrom
NaturalKey = tuple[tuple[int, int, str], ...]
_FUTURE, _STANDARD, _THIRD_PARTY, _FIRST_PARTY, _LOCAL = range(5)


def module_of(node: Import) -> str:
    """Give the module that an import names, with the dots of a relative one."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def section_of(node: Import, first_party: str) -> int:
    """Give the number of the section that an import belongs to.

    Args:
        node: the import.
        first_party: the name of the project's own package.
    """
    module = module_of(node)
    root = module.split(".")[0]
    if not root:
        return _LOCAL
    if root == "__future__":
        return _FUTURE
    if root == first_party:
        return _FIRST_PARTY
    return _STANDARD if root in STANDARD_LIBRARY else _THIRD_PARTY


def statement_key(node: Import, first_party: str) -> tuple[int, bool, NaturalKey, object]:
    """Give what an import statement is ordered by."""
    dots = re.match(r"(\.+)(.*)", module_of(node))
    module = f"{dots[1]}_{dots[2]}" if dots else module_of(node)
    is_from = isinstance(node, ast.ImportFrom)
    last = min(name_key(item) for item in node.names) if is_from else _natural(_alias(node))
    return (section_of(node, first_party), is_from, _natural(module), last)


def name_key(alias: ast.alias) -> tuple[str, NaturalKey]:
    """Give what a name in `from x import ...` is ordered by."""
    name = alias.name
    is_constant = name.isupper() and len(name) > 1
    kind = "A" if is_constant else "B" if name[:1].isupper() else "C"
    return kind, _natural(name)


def _alias(node: Import) -> str:
    return node.names[0].asname or ""


def _natural(text: str) -> NaturalKey:
    parts = re.split(r"(\d+)", text.lower())
    return tuple((1, int(part), "") if part.isdecimal() else (2, 0, part) for part in parts)
