"""Calls anywhere in the tree that no longer fit what a patch made of a function."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.engine.checks.touching import touched
from tests.transforms.trees import MemoryTree
from transforms.engine.checks.signatures import broken_calls


def _told(before: str, change: tuple[str, str], **others: str) -> list[str]:
    module = touched(before, change, path="p/m.py")
    files = {f"p/{name}.py": dedent(text) for name, text in others.items()}
    tree = MemoryTree.of({"p/__init__.py": "", **files, "p/m.py": module.file.after})
    return list(broken_calls([module], tree))


FUNCTION = "def f(a, b=1):\n    return a\n"
NEW = ("a, b=1", "a, b")


@pytest.mark.parametrize(
    "caller",
    [
        "from p.m import f\nf(1)\n",
        "from p.m import f as g\ng(1)\n",
        "from .m import f\nf(1)\n",
        "from . import m\nm.f(1)\n",
        "import p.m\np.m.f(1)\n",
        "import p.m as n\nn.f(1)\n",
        "from p import m as n\nn.f(1)\n",
        "def g():\n    from p.m import f\n    return [f(x) for x in y]\n",
        "from p import handed\nhanded.f(1)\n",
        "from p.handed import f\nf(1)\n",
    ],
)
def test_a_caller_is_found_by_whatever_name_it_imports(caller: str) -> None:
    (failure,) = _told(FUNCTION, NEW, n=caller, handed="from p.m import f\n")
    assert failure.startswith("p/a: p/n.py:")
    assert "which fitted f(a, b=1) in p/m.py and does not fit f(a, b); next: " in failure


@pytest.mark.parametrize(
    "caller",
    [
        "from p.m import f\nf(1, 2)\n",
        "from p.m import f\nf(*x)\n",
        "from p.m import f\nf(1, **x)\n",
        "from p.m import f\nf()\n",
        "from q.m import f\nf(1)\n",
        "from p.m import f\ndef g(f): f(1)\n",
        "from p.m import f\nf = f.wrapped\nf(1)\n",
        "def f(a): pass\nf(1)\n",
        "x.f(1)\n",
        "(\n",
        "try:\n    from p.m import f\nexcept ImportError:\n    from q import f\nf(1)\n",
    ],
)
def test_a_call_that_fits_or_is_of_another_function_is_not_told(caller: str) -> None:
    assert _told(FUNCTION, NEW, n=caller) == []


def test_callers_in_the_module_itself_are_found_with_their_new_text() -> None:
    (failure,) = _told(FUNCTION + "f(1)\nf(1, 2)\n", NEW)
    assert failure.startswith("p/a: p/m.py:3 calls 'f(1)'")


def test_a_caller_that_is_edited_too_is_no_failure() -> None:
    module = touched(FUNCTION + "f(1)\n", NEW, ("f(1)", "f(1, 2)"), path="p/m.py")
    assert list(broken_calls([module], MemoryTree.of({"p/m.py": module.file.after}))) == []


CLASS = """
class A(Base):
    def __init__(self, a):
        self.run(a)

    def run(self, a):
        return a

    @staticmethod
    def make(a):
        return a
"""
RUN = ("def run(self, a)", "def run(self, a, b)")


@pytest.mark.parametrize(
    "caller",
    [
        "from p.m import A\nclass B(A):\n    def g(self): self.run(1)\n",
        "from p.m import A\nclass B(A):\n    def run(self, a): super().run(a)\n",
        "from p import m\nclass B(m.A):\n    def g(self): return self.run(a=1)\n",
        "from p.m import A\nclass C(A): run_x = 1\nclass B(C):\n    def g(self): self.run(1)\n",
        "def g(x): return x.run(1)\n",
    ],
)
def test_a_call_of_a_method_is_found(caller: str) -> None:
    failures = _told(CLASS, RUN, n=caller)
    assert [line.split(" ")[1][: len("p/n.py")] for line in failures] == ["p/m.py", "p/n.py"]
    assert "which fitted A.run(self, a) in p/m.py and does not fit A.run(self, a, b)" in failures[1]


@pytest.mark.parametrize(
    "caller",
    [
        "from p.m import A\nclass B(A):\n    def run(self): pass\n    def g(self): self.run(1)\n",
        "class A:\n    def run(self, a): pass\n    def g(self): self.run(1)\n",
        "from q import A\nclass B(A):\n    def g(self): self.run(1)\n",
        "class C:\n    def run(self, a): pass\ndef g(x): x.run(1)\n",
        "def g(x):\n    x.run(1)\n    x.run()\n",
        "def g(x):\n    x.run = print\n    x.run(1)\n",
        "A.run(1)\n",
        "import subprocess\nsubprocess.run(1)\n",
    ],
)
def test_a_call_that_may_be_of_another_method_is_not_told(caller: str) -> None:
    failures = _told(CLASS, RUN, n=caller)
    assert [line for line in failures if "p/n.py" in line] == []


def test_a_method_of_a_built_in_type_is_never_guessed() -> None:
    before = CLASS.replace("run", "update")
    change = ("def update(self, a)", "def update(self, a, b)")
    failures = _told(before, change, n="def g(x): x.update(1)\n")
    assert [line.split(" ")[1] for line in failures] == ["p/m.py:3"]


def test_a_class_is_called_with_what_its_constructor_takes() -> None:
    change = ("def __init__(self, a)", "def __init__(self, a, b)")
    caller = """
        from p.m import A
        A(1)
        A(1, 2)
        class B(A):
            def __init__(self):
                super().__init__(1)
    """
    failures = _told(CLASS, change, n=caller)
    assert [line.split(" ")[1:4] for line in failures] == [
        ["p/n.py:2", "calls", "'A(1)',"],
        ["p/n.py:6", "calls", "'super().__init__(1)',"],
    ]


def test_a_static_method_has_no_self() -> None:
    change = ("def make(a)", "def make(a, b)")
    (failure,) = _told(CLASS, change, n="def g(x): x.make(1)\n")
    assert "fitted A.make(a) in" in failure


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a, b=1", "a, b=1, c=2"),
        ("a, b=1", "a: int, b: int = 1"),
        ("a, b=1", "a, b=1, *r, **k"),
        ("def f", "async def f"),
        ("return a", "return b"),
    ],
)
def test_what_takes_the_same_calls_breaks_none(old: str, new: str) -> None:
    assert _told(FUNCTION, (old, new), n="from p.m import f\nf(1)\nf(a=1, b=2)\n") == []


def test_no_file_is_read_where_no_signature_changed() -> None:
    module = touched(FUNCTION, ("return a", "return b"), path="p/m.py")
    tree = MemoryTree.of({"p/m.py": module.file.after, "p/n.py": "from p.m import f\nf(1)\n"})
    assert list(broken_calls([module], tree)) == []
    assert tree.reads == []
