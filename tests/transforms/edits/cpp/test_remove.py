"""`cpp.Remove`: lines go where nothing else is on them, and what is around stays."""

from __future__ import annotations

import pytest

from tests.transforms.cpp_files import assert_cpp_changes, assert_cpp_untouched
from transforms.edits import cpp
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError


def _remove(find: str, *, count: int = 1) -> cpp.Remove:
    return cpp.Remove(path="m.cu", find=find, count=count)


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ("b();", "a();\n  b();  // c\nd();\n", "a();\nd();\n"),
        ("b();", "a();\n  // c\n  b(  );\r\nd();\n", "a();\n  // c\nd();\n"),
        ("b();", "a(); b(); d();\n", "a(); d();\n"),
        ("b();", "a(); b();  // c\n", "a();  // c\n"),
        ("b();", "  b(); d();\n", "  d();\n"),
        ("b();", "a();\nb();", "a();\n"),
        ("if ($x) { $$b }", "a();\nif (x) {\n  b();\n}\nd();\n", "a();\nd();\n"),
        ("uint", "unsigned/**/uint x;", "unsigned/**/ x;"),
        ("static", "static int x;", "int x;"),
        ("#pragma once", "// c\n#pragma once\nint a;\n", "// c\nint a;\n"),
        ("b(x);", "#define M(x) \\\n  a(x);  \\\n  b(x);  \\\n  c(x)\n", None),
        ("c(x)", "#define M(x) \\\n  a(x);  \\\n  c(x)  // d\nint b;\n", None),
    ],
)
def test_code_goes_with_its_lines(find: str, before: str, after: str | None) -> None:
    if after is None:
        lines = before.splitlines(keepends=True)
        gone = next(at for at, line in enumerate(lines) if find in line)
        ends = lines[gone + 1 :] if "\\" in lines[gone] else ["\n", *lines[gone + 1 :]]
        kept = lines[:gone] if "\\" in lines[gone] else [*lines[: gone - 1], "  a(x);"]
        after = "".join([*kept, *ends])
    assert_cpp_changes(_remove(find), before.encode(), after.encode())


def test_neighbours_go_together() -> None:
    assert_cpp_changes(
        _remove("b($x);", count=3), "a();\n  b(1); b(2);\n  b(3);\nd();\n", "a();\nd();\n"
    )


def test_code_that_is_gone_is_obsolete() -> None:
    problem = assert_cpp_untouched(_remove("b(1);"), "int main() {}\n", Status.OBSOLETE)
    assert problem.reason == "what it would remove is not there, and nothing like it"


def test_code_that_differs_in_one_thing_is_drift() -> None:
    problem = assert_cpp_untouched(_remove("start(engine, 1);"), "start(engine, 2);\n")
    assert problem.closest == "start(engine, 2);"
    assert problem.notes == ("differs in: 1 -> 2",)


def test_another_include_is_not_the_one_that_should_go() -> None:
    assert_cpp_untouched(_remove("#include <a.h>"), "#include <b.h>\n", Status.OBSOLETE)


def test_a_pattern_that_says_nothing_is_refused() -> None:
    with pytest.raises(PatternError):
        _remove("$x")
