"""All checks together: every failure is told, once, in an order that does not change."""

from __future__ import annotations

from dataclasses import replace

from tests.transforms.engine.checks.touching import OLDEST, edited
from tests.transforms.trees import NAME, RELEASE, MemoryTree, one, patch
from transforms.edits import AddModule, InsertAfter, Replace
from transforms.engine.apply import EditedFile
from transforms.engine.checks import check_edited


def test_nothing_is_said_of_good_work() -> None:
    tree = one("a = b = 1\na\n")
    patches = {NAME: patch(Replace(inside="m", find="a = b = 1", replace="a = 1"))}
    assert check_edited(edited(tree, patches), patches, tree, RELEASE, oldest=OLDEST) == []


def test_the_failures_of_all_kinds_are_told_together() -> None:
    tree = MemoryTree.of({"m.py": "def f(a): pass\nf(1)\na = 1\na\n", "n.py": "x = 1\n"})
    patches = {
        "p/a": patch(Replace(inside="m", find="a = 1", replace="b = 1")),
        "p/b": patch(Replace(inside="m", find="def f(a): pass", replace="def f(a, b): pass")),
        "p/c": patch(InsertAfter(inside="n", anchor="x = 1", code="return 1")),
    }
    failures = check_edited(edited(tree, patches), patches, tree, RELEASE, oldest=OLDEST)
    assert [line.split(": ")[0] for line in failures] == [
        "n.py:2 does not compile after p/c (Python 3.10)",
        "p/a",
        "p/b",
    ]


def test_what_is_not_python_is_not_compiled() -> None:
    tree = one("a = 1\n")
    patches = {NAME: patch(AddModule(path="a.txt", data=b"no python ("))}
    assert check_edited(edited(tree, patches), patches, tree, RELEASE, oldest=OLDEST) == []


def test_only_the_edited_files_and_their_names_are_read_again() -> None:
    tree = MemoryTree.of({"m.py": "a = b = 1\na\n", "n.py": "a\n"})
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    files = edited(tree, patches)
    tree.reads.clear()
    assert check_edited(files, patches, tree, RELEASE, oldest=OLDEST) == []
    assert tree.reads == []


def test_a_file_that_was_changed_otherwise_is_not_taken_for_edited() -> None:
    """The check looks at the bytes that are shipped, not at what should have been written."""
    tree = one("a\nx\n")
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    (file,) = edited(tree, patches)
    broken = replace(file, after=b"(")
    assert isinstance(broken, EditedFile)
    (failure, *_) = check_edited([broken], patches, tree, RELEASE, oldest=OLDEST)
    assert "does not compile" in failure
