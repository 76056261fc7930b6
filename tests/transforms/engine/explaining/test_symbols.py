"""Symbols in a whole tree: by their names, by their bodies, by what a pattern matches."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.transforms.trees import MemoryTree
from transforms.engine.explaining.symbols import (
    Symbol,
    defined,
    likeness,
    matching,
    same_body,
)
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.modules import module_name

_BODY = """
    total = sum(self.items) + other.count
    if total > limit:
        raise ValueError(total, limit)
    return [item.weight * total for item in self.items]
"""
_TREE = MemoryTree.of(
    {
        "vllm/__init__.py": "",
        "vllm/worker.py": "if x:\n class Worker:\n  def run(self): pass\ndef run(): pass\n",
        "vllm/v1/gpu_worker.py": "class Outer:\n class Worker:\n  async def run(self): a()\n",
        "vllm/text.py": '"""\nclass Worker:\n    def run(self): pass\n"""\n',
        "vllm/broken.py": "class Worker:\n    def run(self) pass\n",
        "vllm/weights.py": f"def weigh(self, other, limit):{_BODY}",
        "other/worker.py": "class Worker:\n    def run(self): pass\n",
    }
)


def _function(text: str) -> Definition:
    (node,) = ast.parse(dedent(text)).body
    assert isinstance(node, Definition)
    return node


def test_names_are_found_however_they_are_nested_and_not_in_texts() -> None:
    assert defined(("Worker", "run"), _TREE, "vllm.worker") == [
        Symbol("vllm/worker.py", ("Worker", "run"), 3),
        Symbol("vllm/v1/gpu_worker.py", ("Outer", "Worker", "run"), 3),
    ]


def test_what_has_a_similar_path_comes_first() -> None:
    assert [item.path for item in defined(("Worker",), _TREE, "vllm.v1.gpu_runner")] == [
        "vllm/v1/gpu_worker.py",
        "vllm/worker.py",
    ]


def test_a_file_without_the_names_is_not_parsed() -> None:
    _TREE.reads.clear()
    assert defined(("Absent", "run"), _TREE, "vllm.worker") == []
    assert len(_TREE.reads) == len(_TREE.files)


@pytest.mark.parametrize(
    ("old", "found"),
    [
        (f"def weigh_all(self, other, limit):{_BODY}", ["vllm.weights.weigh"]),
        (f'def weigh(self, other, limit):\n    """Weigh."""{_BODY}', ["vllm.weights.weigh"]),
        (f"def weigh(self, other, limits):{_BODY}", []),
        (f"async def weigh(self, other, limit):{_BODY}", []),
        ("def run(): pass", ["vllm.worker.run"]),
        ("def go(): pass", []),
    ],
)
def test_the_same_body_is_found_under_another_name(old: str, found: list[str]) -> None:
    assert [item.dotted for item in same_body(_function(old), _TREE, "vllm.old")] == found


def test_a_pattern_is_found_with_the_definition_around_it() -> None:
    found = matching(Pattern.parse("$x.weight * total"), _TREE, "vllm.old")
    assert [str(item) for item in found] == ["vllm.weights.weigh (line 5)"]


def test_a_pattern_without_names_is_looked_for_nowhere() -> None:
    assert matching(Pattern.parse("$a + 1"), _TREE, "vllm.old") == []


@pytest.mark.parametrize(
    ("path", "name"),
    [("vllm/a.py", "vllm.a"), ("vllm/a/__init__.py", "vllm.a"), ("vllm/__init__.py", "vllm")],
)
def test_a_file_has_a_dotted_name(path: str, name: str) -> None:
    assert module_name(path) == name


def test_likeness_is_one_for_the_same_path_only() -> None:
    assert likeness("vllm.a.b", "vllm.a.b") == 1
    assert likeness("vllm.v1.b", "vllm.a.b") > likeness("vllm.v1.c", "vllm.a.b")
