"""What an edit of C++ leaves is C++; upstream's own oddities are upstream's."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import NAME, MemoryTree, patch
from transforms.edits import Patch, cpp
from transforms.engine.apply import EditedFile, apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.checks.native_syntax import refused_syntax
from transforms.engine.match import match_patches
from transforms.engine.site import Site

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

_GOOD = "void f(int a) {\n  g(a);\n  h(a);\n}\n"
# Without a preprocessor, this is no C++.
_ODD = "MACRO_WITHOUT_END(int)\n" + _GOOD + "BEGIN { x( ; }\n"


def _files(before: str, *edits: Edit) -> list[EditedFile]:
    tree = MemoryTree.of({"m.cu": before})
    return apply_sites(match_patches({NAME: patch(*edits)}, tree, "0.33.0"), tree)


def _failures(before: str, *edits: Edit) -> list[str]:
    return list(refused_syntax(_files(before, *edits)))


def test_an_edit_that_leaves_good_syntax_is_not_told() -> None:
    good = cpp.Replace(path="m.cu", find="g(a);", replace="if (a) { g<1><<<a, 2>>>(a); }")
    assert _failures(_GOOD, good) == []
    assert _failures(_ODD, good) == []


@pytest.mark.parametrize("before", [_GOOD, _ODD])
def test_an_edit_that_leaves_bad_syntax_is_told_with_its_line_and_patch(before: str) -> None:
    failures = _failures(before, cpp.Replace(path="m.cu", find="g(a);", replace="g(a) a +;"))
    line = 2 + (before is _ODD)
    assert failures
    assert all(f"m.cu:{line} is no C++ after musa/patch: " in failure for failure in failures)
    assert all("tree-sitter-cuda" in failure for failure in failures)


def test_more_of_it_is_told_where_upstream_has_some_already() -> None:
    before = "int f(int a] {\n  g(a);\n}\n"
    edit = cpp.Replace(path="m.cu", find="g(a);", replace="g(a); int 1 2 3; if if;")
    assert _failures(before, edit)
    assert _failures(before, cpp.Replace(path="m.cu", find="g(a)", replace="h(a)")) == []


def test_a_directive_within_an_expression_is_told() -> None:
    code = "\n#ifdef _MSC_VER\na\n#else\nb\n#endif\n"
    assert _failures(_GOOD, cpp.Replace(path="m.cu", find="g(a);", replace=f"g({code}, 2 +);"))


def test_what_upstream_has_may_be_repeated() -> None:
    before = "void f() {\n  DISPATCH(a) x = ;\n  g();\n}\n"
    twice = "#if A\nDISPATCH(a) x = ;\n#else\nDISPATCH(a) x = ;\n#endif"
    found = Site(
        path="m.cu",
        start=before.index("DISP"),
        end=before.index("\n  g"),
        replacement=twice.encode(),
        line=2,
    )
    after = before.replace("DISPATCH(a) x = ;", twice)
    file = EditedFile(
        path="m.cu", before=before.encode(), after=after.encode(), sites=((NAME, found),)
    )
    assert list(refused_syntax([file])) == []


def test_an_added_file_is_looked_at() -> None:
    site = Site(path="a.h", start=0, end=0, replacement=b"int f( {", line=1, adds_file=True)
    file = EditedFile(path="a.h", before=None, after=b"int f( {", sites=((NAME, site),))
    assert list(refused_syntax([file]))


def test_files_of_other_kinds_are_left_alone() -> None:
    site = Site(path="a.txt", start=0, end=0, replacement=b"int f( {", line=1)
    file = EditedFile(path="a.txt", before=b"", after=b"int f( {", sites=((NAME, site),))
    assert list(refused_syntax([file])) == []


def test_a_missing_package_is_a_failure_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = _files(_GOOD, cpp.Remove(path="m.cu", find="g(a);"))
    real = builtins.__import__

    def without(name: str, *others: object) -> object:
        if name.startswith("tree_sitter"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *others)  # type: ignore[arg-type]  # what it is given

    monkeypatch.setattr(builtins, "__import__", without)
    (failure,) = refused_syntax(files)
    assert failure.startswith("m.cu: edited, and cannot be checked without tree-sitter")
    assert "'tree-sitter>=" in failure
    assert "'tree-sitter-cuda>=" in failure
    # What touches no such file asks for none.
    assert list(refused_syntax([])) == []


def test_the_checks_of_a_build_have_it() -> None:
    edit = cpp.Replace(path="m.cu", find="g(a);", replace="g(a) a +;")
    patches: dict[str, Patch] = {NAME: patch(edit)}
    tree = MemoryTree.of({"m.cu": _GOOD})
    failures = check_edited(_files(_GOOD, edit), patches, tree, "0.33.0", oldest=(3, 10))
    assert any("is no C++" in failure for failure in failures)
