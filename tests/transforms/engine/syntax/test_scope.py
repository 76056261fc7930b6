"""Dotted paths: where they lead, and what is said where they lead nowhere."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import MemoryTree, one, source_of
from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.scope import Scope, locate, resolve

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
    from transforms.engine.syntax.source import Source  # noqa: PLC0415

    problem = locate(scope, Source(scope.path, _TREE.files[scope.path]), _TREE)
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    return problem


def test_a_module_that_is_gone_is_missing_and_its_class_is_found() -> None:
    problem = _missing("vllm.worker.worker.Worker.run")
    assert problem.reason == "no 'worker' in the package vllm, neither a module nor a definition"
    assert problem.notes == ("this release has that name as vllm.b.c.Worker.run (line 3)",)
    assert problem.next_step == (
        "if that is the same code, change `inside` to 'vllm.b.c.Worker.run'"
    )
    assert (problem.path, problem.scope) == ("vllm/__init__.py", "worker.worker.Worker.run")


def test_a_class_that_is_gone_is_missing_and_found_elsewhere() -> None:
    problem = _missing("vllm.b.c.Moved.run")
    assert problem.reason == "no 'Moved' in the module"
    assert problem.notes == ("this release has that name as vllm.a.Moved.run (line 2)",)


def test_a_method_that_is_gone_is_missing() -> None:
    problem = _missing("vllm.b.c.Worker.go")
    assert problem.reason == "no 'go' in Worker"
    assert problem.notes == ("no file of this release defines 'go'",)
    assert problem.next_step == ""


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


def _located(code: str, *names: str) -> ast.AST | Problem:
    return locate(Scope("m.py", names), source_of(code), one(code))


_ALTERNATIVES = """
    if TYPE_CHECKING:
        def f(): ...
    elif sys.version_info > (3, 11):  # newer
        def f(): ...
    else:
        with a:
            def f(): ...
    try:
        from x import f
    except ImportError:
        @cached
        def f(): ...
    else:
        def f(): ...
    finally:
        def f(): ...
    match x:
        case {"a": 1}:
            def f(): ...
    for x in y:
        def f(): ...
    else:
        def f(): ...
    def f(): ...
"""


def test_an_ambiguous_scope_lists_each_definition_with_what_it_stands_under() -> None:
    problem = _located(_ALTERNATIVES, "f")
    assert isinstance(problem, Problem)
    assert problem.status is Status.DRIFTED
    assert problem.reason == "'f' is defined 10 times in the module"
    assert problem.notes == (
        "line 2: under if TYPE_CHECKING",
        "line 4: under elif sys.version_info > (3, 11)",
        "line 7: under else of elif sys.version_info > (3, 11), with a",
        "line 12: under except ImportError @cached",
        "line 14: under else of try",
        "line 16: under finally of try",
        'line 19: under case {"a": 1}',
        "line 21: under for x in y",
        "line 23: under else of for x in y",
        "line 24: plain",
    )
    assert problem.next_step == (
        "search the module as a whole, with a pattern that only one of them has, or with `count`"
    )


def test_the_signatures_of_an_overloaded_function_do_not_count() -> None:
    code = """
        class A:
            @overload
            def f(self, a): ...
            @typing.overload
            def f(self, a, b): ...
            def f(self, *a): ...
    """
    node = _located(code, "A", "f")
    assert getattr(node, "lineno", None) == 6


def test_signatures_without_an_implementation_are_ambiguous() -> None:
    code = "@overload\ndef f(a): ...\n@overload\ndef f(a, b): ...\n"
    problem = _located(code, "f")
    assert isinstance(problem, Problem)
    assert problem.notes == ("line 2: @overload", "line 4: @overload")


_PROPERTY = """
    class A:
        @property
        def f(self): ...
        @f.setter
        def f(self, x):
            def check(): ...
        @f.deleter
        def f(self): ...
"""


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("A", "f", "getter"), 3),
        (("A", "f", "setter"), 5),
        (("A", "f", "deleter"), 8),
        (("A", "f", "setter", "check"), 6),
    ],
)
def test_an_accessor_names_one_part_of_a_property(names: tuple[str, ...], line: int) -> None:
    assert getattr(_located(_PROPERTY, *names), "lineno", None) == line


def test_a_property_without_an_accessor_is_ambiguous_and_the_message_names_them() -> None:
    problem = _located(_PROPERTY, "A", "f")
    assert isinstance(problem, Problem)
    assert problem.reason == "'f' is defined 3 times in A"
    assert problem.notes == ("line 3: @property", "line 5: @f.setter", "line 8: @f.deleter")
    assert problem.next_step == (
        "write the accessor, f.getter or f.setter or f.deleter, in `inside`"
    )


def test_an_accessor_that_a_property_does_not_have_is_missing() -> None:
    problem = _located("class A:\n    @cached_property\n    def f(self): ...\n", "A", "f", "setter")
    assert isinstance(problem, Problem)
    assert (problem.status, problem.reason) == (
        Status.MISSING,
        "'f' has no setter in A, only a getter",
    )


def test_a_function_may_be_called_like_an_accessor() -> None:
    code = "def f():\n    def setter(): ...\n"
    assert getattr(_located(code, "f", "setter"), "lineno", None) == 2


def test_a_missing_name_below_an_accessor_is_looked_for_without_it() -> None:
    problem = _located(_PROPERTY, "A", "f", "setter", "gone")
    assert isinstance(problem, Problem)
    assert problem.reason == "no 'gone' in A.f.setter"
