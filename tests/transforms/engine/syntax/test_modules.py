"""Tests for the names of modules. The oracle is Python's own import system."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import MemoryTree
from transforms.engine.syntax.modules import imported_module, module_file, module_name

NAMES = st.sampled_from(["a", "b", "core"])


def found_by_python(dotted: str, root: Path) -> Path | None:
    """Give the file that Python would import."""
    path, spec = [str(root)], None
    for name in dotted.split("."):
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        path = list(spec.submodule_search_locations or ()) if spec else []
    return Path(spec.origin) if spec and spec.origin else None


@pytest.mark.parametrize("dotted", ["pkg", "pkg.a", "pkg.b", "pkg.b.c", "pkg.gone", "gone"])
def test_a_module_has_the_file_that_python_imports(dotted: str, tmp_path: Path) -> None:
    """`b` is a module and a package at once."""
    files = ["pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/b/__init__.py", "pkg/b/c.py"]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    found = module_file(dotted, MemoryTree.of(dict.fromkeys(files, "")))
    expected = found_by_python(dotted, tmp_path)
    assert (found and tmp_path / found) == expected
    assert found is None or module_name(found) == dotted


@given(st.lists(NAMES, min_size=2, max_size=4), st.data())
def test_a_relative_import_names_the_module_that_python_resolves(
    parts: list[str], data: st.DataObject
) -> None:
    """Both in a package's own file and in a module of it."""
    is_package = data.draw(st.booleans())
    package = parts if is_package else parts[:-1]
    level = data.draw(st.integers(0, len(package)))
    named = data.draw(st.sampled_from(["m", "m.n", ""] if level else ["m", "m.n"]))
    (statement,) = ast.parse(f"from {'.' * level}{named} import x").body
    assert isinstance(statement, ast.ImportFrom)
    path = "/".join(parts) + ("/__init__.py" if is_package else ".py")
    expected = importlib.util.resolve_name("." * level + named, ".".join(package))
    assert imported_module(statement, path) == expected
