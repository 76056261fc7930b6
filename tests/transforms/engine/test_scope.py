"""Dotted paths: where they lead, and what is said where they lead nowhere."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import MemoryTree, one, source_of
from transforms.engine.outcome import Problem, Status
from transforms.engine.scope import Scope, definitions, locate, resolve

_TREE = MemoryTree.of(
    {
        "vllm/__init__.py": "",
        "vllm/_.py": "# the class Moved and\n# the class Worker with def run",
        "vllm/a.py": "class Moved:\n    def run(self): pass\n",
        "vllm/b/__init__.py": "",
        "vllm/b.py": "",
        "vllm/b/c.py": "x = 1\nclass Worker:\n    def run(self): pass\nasync def run(): pass\n",
        "vllm/d.py": "def run(): pass\n",
        "vllm/e.py": "def run(): pass\n",
        "vllm/f.txt": "class Worker:",
    }
)


@pytest.mark.parametrize(
    ("inside", "path", "names"),
    [
        ("vllm", "vllm/__init__.py", ()),
        ("vllm.a", "vllm/a.py", ()),
        ("vllm.b", "vllm/b/__init__.py", ()),
        ("vllm.b.c.Worker.run", "vllm/b/c.py", ("Worker", "run")),
        ("vllm.gone.Worker", "vllm/__init__.py", ("gone", "Worker")),
    ],
)
def test_the_longest_module_of_the_path_is_taken(
    inside: str, path: str, names: tuple[str, ...]
) -> None:
    found = resolve(inside, _TREE)
    assert found == Scope(path, names)
    assert found.dotted == ".".join(names)


def test_a_path_without_any_module_is_missing() -> None:
    problem = resolve("other.m", _TREE)
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    assert problem.reason == "this release has no module 'other.m' or any package around it"


def _missing(inside: str) -> Problem:
    scope = resolve(inside, _TREE)
    assert isinstance(scope, Scope)
    from transforms.engine.source import Source  # noqa: PLC0415

    problem = locate(scope, Source(scope.path, _TREE.files[scope.path]), _TREE)
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    return problem


def test_a_module_that_is_gone_is_missing_and_its_class_is_found() -> None:
    problem = _missing("vllm.worker.worker.Worker.run")
    assert problem.reason == ("no 'worker' in the package vllm, neither a module nor a definition")
    assert problem.notes == ("Worker is defined in vllm/b/c.py:2",)
    assert (problem.path, problem.scope) == ("vllm/__init__.py", "worker.worker.Worker.run")


def test_a_class_that_is_gone_is_missing_and_found_elsewhere() -> None:
    problem = _missing("vllm.b.c.Moved.run")
    assert problem.reason == "no 'Moved' in the module"
    assert problem.notes == ("Moved is defined in vllm/a.py:1",)


def test_a_method_that_is_gone_is_missing_with_the_places_of_that_name() -> None:
    problem = _missing("vllm.b.c.Worker.go")
    assert problem.reason == "no 'go' in Worker"
    assert problem.notes == ("no file of this release defines go",)
    assert _missing("vllm.a.run").notes == (
        "run is defined in vllm/a.py:2",
        "run is defined in vllm/b/c.py:3",
        "run is defined in vllm/d.py:1",
        "and in 1 more files",
    )


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ((), None),
        (("f",), 1),
        (("f", "g"), 2),
        (("f", "g", "C"), 4),
        (("A",), 6),
        (("A", "B"), 7),
        (("A", "B", "m"), 8),
        (("checked",), 10),
        (("tried",), 14),
        (("fallen",), 16),
        (("looped",), 18),
        (("managed",), 20),
        (("matched",), 23),
    ],
)
def test_definitions_are_found_however_they_are_nested(
    names: tuple[str, ...], line: int | None
) -> None:
    source = source_of("""
        def f():
            async def g():
                if x:
                    class C: pass
        @d
        class A:
            class B:
                def m(self): pass
        if TYPE_CHECKING:
            def checked(): pass
        else:
            x = 1
        try:
            import tried_first
            def tried(): pass
        except ImportError:
            class fallen: pass
        for y in z:
            def looped(): pass
        with a:
            def managed(): pass
        match b:
            case 1:
                def matched(): pass
    """)
    node = locate(Scope("m.py", names), source, one(""))
    expected = {"tried": 15, "fallen": 17, "looped": 19, "managed": 21, "matched": 24}
    if line is None:
        assert node is source.module
    else:
        assert isinstance(node, ast.AST)
        assert getattr(node, "lineno", None) == expected.get(names[-1], line)


@pytest.mark.parametrize(
    "code",
    [
        "@overload\ndef f(a): ...\n@overload\ndef f(a, b): ...\ndef f(*a): ...\n",
        "try:\n    def f(): ...\nexcept E:\n    def f(): ...\nelse: \n    def f(): ...\n",
    ],
)
def test_a_name_that_is_defined_several_times_is_drift_that_lists_the_lines(code: str) -> None:
    problem = locate(Scope("m.py", ("f",)), source_of(code), one(code))
    assert isinstance(problem, Problem)
    lines = sorted(item.lineno for item in definitions(ast.parse(code)))
    assert problem.status is Status.DRIFTED
    assert problem.reason == (
        f"'f' is defined 3 times in the module: lines {', '.join(map(str, lines))}"
    )


def test_a_getter_and_its_setter_are_two_definitions() -> None:
    code = "class A:\n    @property\n    def f(self): ...\n    @f.setter\n    def f(self, x): ...\n"
    problem = locate(Scope("m.py", ("A", "f")), source_of(code), one(code))
    assert isinstance(problem, Problem)
    assert problem.reason == "'f' is defined 2 times in A: lines 3, 5"
