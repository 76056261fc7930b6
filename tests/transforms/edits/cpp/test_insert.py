"""`cpp.InsertBefore` and `cpp.InsertAfter`: where the lines go, and that they go there once."""

from __future__ import annotations

import pytest

from tests.transforms.cpp_files import assert_cpp_changes, assert_cpp_untouched, cpp_tree
from tests.transforms.trees import NAME, applied, patch
from transforms.edits import cpp
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError


@pytest.mark.parametrize(
    ("anchor", "code", "before", "after"),
    [
        ("a();", "b();", "  a();  // c\nd();\n", "  a();  // c\n  b();\nd();\n"),
        ("a();", "b();", "  a(); d();\n", "  a(); b(); d();\n"),
        ("a();", "b();\nc();", "  a(); d();\n", "  a();\n  b();\n  c();\n  d();\n"),
        ("a();", "b();", "  a();", "  a();\n  b();"),
        ("a();", "\n\nb();\n\n", "a();\nd();\n", "a();\n\nb();\n\nd();\n"),
        ("f($x);", "g($x);", "{ f(1,\n2); f(h(i)); }\n", "{ f(1,\n2); f(h(i)); g(h(i)); }\n"),
        ("a();", "#if A\nb();\n#endif", "  a();\n", "  a();\n#if A\n  b();\n#endif\n"),
        (
            "#include <a>",
            "int b;",
            "#include <a>  // c\nint c;\n",
            "#include <a>  // c\nint b;\nint c;\n",
        ),
        ("a(x);", "b(x);", "#define M(x) \\\n  a(x);  \\\n  c(x)\n", None),
        (
            "if (a) { $$b }",
            "else { c(); }",
            "if (a) {\n  b();\n}\n",
            "if (a) {\n  b();\n}\nelse { c(); }\n",
        ),
    ],
)
def test_code_goes_below(anchor: str, code: str, before: str, after: str | None) -> None:
    edit = cpp.InsertAfter(path="m.cu", anchor=anchor, code=code)
    after = after or "#define M(x) \\\n  a(x); \\\n  b(x);  \\\n  c(x)\n"
    assert_cpp_changes(edit, before.encode(), after.encode())


@pytest.mark.parametrize(
    ("anchor", "code", "before", "after"),
    [
        ("a();", "b();", "d();\n  a();\n", "d();\n  b();\n  a();\n"),
        ("a();", "b();", "  d(); a();\n", "  d(); b(); a();\n"),
        ("a();", "b();\nc();", "  { a(); }\n", "  { \n  b();\n  c();\n  a(); }\n"),
        ("a();", "#if A\nb();\n#endif\n\n", "  a();\n", "#if A\n  b();\n#endif\n\n  a();\n"),
        ("#pragma once", "// c\nint b;", "#pragma once\n", "// c\nint b;\n#pragma once\n"),
        ("a(x);", "b(x);", "#define M(x) \\\n  a(x);  \\\n  c(x)\n", None),
        ("a(x)", "b(x),", "#define M(x) a(x)\n", "#define M(x) b(x), a(x)\n"),
    ],
)
def test_code_goes_above(anchor: str, code: str, before: str, after: str | None) -> None:
    edit = cpp.InsertBefore(path="m.cu", anchor=anchor, code=code)
    after = after or "#define M(x) \\\n  b(x); \\\n  a(x);  \\\n  c(x)\n"
    assert_cpp_changes(edit, before.encode(), after.encode())


def test_the_file_keeps_its_line_ends() -> None:
    edit = cpp.InsertAfter(path="m.cu", anchor="a();", code="b();\nc();")
    there = applied(cpp_tree(b"{\r\n  a();\r\n}\r\n"), {NAME: patch(edit)})
    assert there["m.cu"] == b"{\r\n  a();\r\n  b();\r\n  c();\r\n}\r\n"


def test_two_insertions_at_one_place_keep_their_order() -> None:
    first = cpp.InsertAfter(path="m.cu", anchor="a();", code="b();")
    second = cpp.InsertAfter(path="m.cu", anchor="a();", code="c();")
    there = applied(cpp_tree("a();\nd();\n"), {NAME: patch(first, second)})
    assert there["m.cu"] == b"a();\nb();\nc();\nd();\n"


def test_code_that_holds_its_anchor_is_written_once() -> None:
    assert_cpp_changes(
        cpp.InsertBefore(path="m.cu", anchor="a();", code="if (b) a();"),
        "a();\n",
        "if (b) a();\na();\n",
    )


def test_every_anchor_is_meant() -> None:
    assert_cpp_changes(
        cpp.InsertAfter(path="m.cu", anchor="case $x:", code="log($x);", count=2),
        "switch (n) {\n  case 1:\n    a();\n  case 2:\n    b();\n}\n",
        "switch (n) {\n  case 1:\n  log(1);\n    a();\n  case 2:\n  log(2);\n    b();\n}\n",
    )


def test_a_missing_anchor_is_drift() -> None:
    edit = cpp.InsertAfter(path="m.cu", anchor="start(engine);", code="b();")
    problem = assert_cpp_untouched(edit, "start(engines);\n")
    assert problem.status is Status.DRIFTED
    assert problem.notes == ("differs in: engine -> engines",)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(PatternError, match="not bound"):
        cpp.InsertAfter(path="m.cu", anchor="a($x);", code="b($y);")
    with pytest.raises(ValueError, match="file of C"):
        cpp.InsertBefore(path="m.txt", anchor="a", code="b")
