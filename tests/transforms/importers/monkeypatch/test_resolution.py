"""Names lead to their definitions, as Python's own import system finds them."""

from __future__ import annotations

import importlib
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import MemoryTree
from transforms.importers.monkeypatch.resolution import Kind, Library

if TYPE_CHECKING:
    from pathlib import Path

_FILES = {
    "standin/__init__.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from standin.c import lazy
        from standin.b import *
        def __getattr__(name):
            if name == "lazy":
                from standin.c import lazy
                return lazy
            raise AttributeError(name)
        """,
    "standin/a.py": """
        def f(): pass
        class A:
            def m(self): pass
        g = 1
        _hidden = 2
        try:
            import json as parser
        except ImportError:
            parser = None
        if g:
            def either(): pass
        else:
            either = None
        """,
    "standin/c.py": "def lazy(): pass\n",
    "standin/b.py": "from .a import *\nfrom .a import f as renamed, A\n",
    "standin/sub/__init__.py": "from ..b import renamed\nfrom . import deep\n",
    "standin/sub/deep.py": "from standin.sub import renamed as again\nimport standin.a as whole\n",
    "standin/folder/inside.py": "x = 1\n",
    "standin/circle.py": "from standin.circle2 import x\n",
    "standin/circle2.py": "from standin.circle import x\n",
}


@pytest.fixture
def library() -> Library:
    """Give the stand-in as it is read."""
    return Library("standin", MemoryTree.of(_FILES))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("standin.a", "f"),
        ("standin.a", "A"),
        ("standin.a", "either"),
        ("standin.b", "f"),
        ("standin.b", "renamed"),
        ("standin.b", "A"),
        ("standin", "f"),
        ("standin", "renamed"),
        ("standin", "lazy"),
        ("standin.sub", "renamed"),
        ("standin.sub.deep", "again"),
    ],
)
def test_a_definition_is_found_where_python_says_that_it_is(
    module: str, name: str, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in _FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(dedent(text), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for known in [key for key in sys.modules if key.split(".")[0] == "standin"]:
        monkeypatch.delitem(sys.modules, known)
    value = getattr(importlib.import_module(module), name)
    for known in [key for key in sys.modules if key.split(".")[0] == "standin"]:
        monkeypatch.delitem(sys.modules, known)
    target = library.find(module, name).target
    assert (target.module, ".".join(target.path)) == (value.__module__, value.__qualname__)


@pytest.mark.parametrize(
    ("module", "name", "kind"),
    [
        ("standin.a", "g", Kind.VARIABLE),
        ("standin.a", "gone", Kind.ABSENT),
        ("standin.b", "_hidden", Kind.ABSENT),
        ("standin.a", "parser", Kind.EXTERNAL),
        ("standin", "anything", Kind.DYNAMIC),
        ("standin", "sub", Kind.MODULE),
        ("standin", "folder", Kind.MODULE),
        ("standin.folder", "inside", Kind.MODULE),
        ("standin.folder", "gone", Kind.ABSENT),
        ("standin.sub", "deep", Kind.MODULE),
        ("standin.sub.deep", "whole", Kind.MODULE),
        ("standin.circle", "x", Kind.DYNAMIC),
        ("standin.a", "__file__", Kind.DYNAMIC),
    ],
)
def test_what_a_name_stands_for(module: str, name: str, kind: Kind, library: Library) -> None:
    assert library.find(module, name).kind is kind


def test_what_is_imported_is_told_from_what_is_defined(library: Library) -> None:
    assert not library.find("standin.a", "f").is_imported
    assert library.find("standin.b", "renamed").is_imported
    assert library.find("standin.b", "f").is_imported


def test_a_file_that_is_no_python_is_no_module_that_can_be_asked() -> None:
    library = Library("standin", MemoryTree.of({"standin/__init__.py": "def ("}))
    assert library.find("standin", "x").kind is Kind.DYNAMIC
