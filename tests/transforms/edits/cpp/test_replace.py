"""`cpp.Replace`: what it writes, what it leaves, and what it says where it does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.cpp_files import assert_cpp_changes, assert_cpp_untouched, cpp_tree
from tests.transforms.trees import NAME, MemoryTree, applied, outcome_on, patch
from transforms.edits import cpp
from transforms.engine.edit import NeedsPackages
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from transforms.edits.cpp import Replace

_PATH = "m.cu"


def _replace(find: str, replace: str, *, inside: str = "", count: int = 1) -> Replace:
    return cpp.Replace(path=_PATH, find=find, replace=replace, inside=inside, count=count)


def test_layout_and_comments_do_not_matter_and_stay_where_nothing_changes() -> None:
    assert_cpp_changes(
        _replace("launch($a, 0, $b);", "launch($a, 1, $b);"),
        """
        void f() {
          launch(  // the kernel
              g(1,   2), /* smem */ 0,
              b  );  // done
        }
        """,
        """
        void f() {
          launch(  // the kernel
              g(1,   2), /* smem */ 1,
              b  );  // done
        }
        """,
    )


def test_what_is_bound_keeps_its_comments_and_line_breaks() -> None:
    assert_cpp_changes(
        _replace("min($a, $b)", "std::min<int>($b, $a)"),
        """
        int x = min(a  // first
                      + 1, b /* second */);
        """,
        """
        int x = std::min<int>(b, a  // first
                      + 1 /* second */);
        """,
    )


def test_code_of_several_lines_has_the_indentation_of_its_place() -> None:
    assert_cpp_changes(
        _replace(
            "asm($$text);",
            """
            if (ready) {
              // no assembler here

              emulate($$text);
            }
            """,
        ),
        'void f() {\n    asm("y");\n}\n',
        'void f() {\n    if (ready) {\n      // no assembler here\n\n      emulate("y");\n'
        "    }\n}\n",
    )


def test_a_raw_string_keeps_its_lines() -> None:
    assert_cpp_changes(
        _replace("s = 0;", 's = R"(a\n  b)";\nt();'),
        "void f() {\n    s = 0;\n}\n",
        'void f() {\n    s = R"(a\n  b)";\n    t();\n}\n',
    )


def test_the_file_keeps_its_line_ends_and_its_encoding() -> None:
    assert_cpp_changes(
        _replace("f($x);", 'f($x);\nputs("é");'),
        b"// caf\xc3\xa9\r\nvoid g() {\r\n  f(a\r\n    + 1);\r\n}\r\n",
        b'// caf\xc3\xa9\r\nvoid g() {\r\n  f(a\r\n    + 1);\r\n  puts("\xc3\xa9");\r\n}\r\n',
    )


def test_bytes_that_are_no_utf8_stay() -> None:
    edit = _replace("f($x);", "g($x);")
    tree = cpp_tree(b"// caf\xe9\nf('\xff');\n")
    assert applied(tree, {NAME: patch(edit)})[_PATH] == b"// caf\xe9\ng('\xff');\n"


def test_the_body_of_a_macro_stays_one_directive() -> None:
    assert_cpp_changes(
        _replace("go(x);", "go(x);\nsync();  // wait\nstop(x);", inside="#define RUN"),
        "#define RUN(x) \\\n  do {         \\\n    go(x);     \\\n  } while (0)\nint go(x);\n",
        "#define RUN(x) \\\n  do {         \\\n    go(x); \\\n    sync();  /* wait */ \\\n"
        "    stop(x);     \\\n  } while (0)\nint go(x);\n",
    )


def test_a_directive_cannot_be_written_into_a_macro() -> None:
    problem = assert_cpp_untouched(
        _replace("go(x);", "#ifdef A\ngo2(x);\n#endif"), "#define RUN(x) go(x);\n"
    )
    assert problem.reason == "a directive cannot be written into another one"


def test_a_directive_that_is_written_begins_and_ends_its_lines() -> None:
    assert_cpp_changes(
        _replace("b();", "#ifdef _WIN32\nc();\n#else\nb();\n#endif"),
        "void f() {\n  a(); b(); d();\n}\n",
        "void f() {\n  a(); \n#ifdef _WIN32\n  c();\n#else\n  b();\n#endif\n   d();\n}\n",
    )


def test_a_directive_is_replaced_whole() -> None:
    assert_cpp_changes(
        _replace("#if defined(A)\n$$body\n#endif", "$$body"),
        "#if defined(A)  // always\nint a;\nint b;\n#endif\nint c;\n",
        "int a;\nint b;\nint c;\n",
    )


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        ("neg($x)", "-$x", "a-neg(b);", "a- -b;"),
        ("plus($a)", "$a+", "plus(a)+c;", "a+ +c;"),
        ("paren($a)", "$a", "return/**/paren(x);", "return/**/x;"),
        ('cat($a) "b"', "_s", 'x = "a"cat(1) "b";', 'x = "a" _s;'),
    ],
)
def test_tokens_never_become_one_with_their_neighbours(
    find: str, replace: str, before: str, after: str
) -> None:
    there = applied(cpp_tree(before.encode()), {NAME: patch(_replace(find, replace))})
    assert there[_PATH].decode() == after


def test_a_comment_never_swallows_what_follows() -> None:
    assert_cpp_changes(
        _replace("a();", "b();  // new"),
        "void f() {\n  a(); c();\n}\n",
        "void f() {\n  b();  // new\n   c();\n}\n",
    )


def test_what_is_added_goes_below_the_comment_of_the_line() -> None:
    assert_cpp_changes(
        _replace("a();", "a();\nb();"),
        "void f() {\n  a();  // first\n  c();\n}\n",
        "void f() {\n  a();  // first\n  b();\n  c();\n}\n",
    )


def test_alternative_tokens_are_other_tokens() -> None:
    assert_cpp_untouched(_replace("$a || $b", "either($a, $b)"), "x = a or b;\n")


def test_a_replacement_that_holds_what_it_looks_for_is_written_once() -> None:
    assert_cpp_changes(
        _replace("n == 3", "n == 3 || n == 4", count=2),
        "if (n == 3 && b) {}\nif (f(b), n == 3) {}\n",
        "if (n == 3 || n == 4 && b) {}\nif (f(b), n == 3 || n == 4) {}\n",
    )


def test_the_comments_of_a_replacement_are_written() -> None:
    assert_cpp_changes(
        _replace("f($a, 1);", "// why\nf($a, /* one */ 2);  // behind"),
        "void g() {\n  f(x, 1);\n}\n",
        "void g() {\n  // why\n  f(x, /* one */ 2);  // behind\n}\n",
    )


def test_unwrapping_is_obsolete_where_nothing_like_it_is_left() -> None:
    assert_cpp_changes(_replace("unlikely($x)", "$x"), "if (unlikely(a)) {}\n", "if (a) {}\n")


def test_a_wrong_number_of_sites_is_drift_and_names_their_lines() -> None:
    problem = assert_cpp_untouched(_replace("f($x)", "g($x)", count=3), "f(1);\nf(2);\n")
    assert problem.reason == "matched 2 sites, expected 3"
    assert problem.notes == ("it matches at lines 1, 2",)
    assert "count=2" in problem.next_step


def test_the_closest_code_is_shown_with_what_differs() -> None:
    problem = assert_cpp_untouched(
        _replace("return 1u << (32 - __builtin_clz($n - 1));", "0"),
        "int a;\nint f(int n) {\n  return 1 << (32 - __builtin_clz(n - 1));\n}\n",
    )
    assert problem.closest == "return 1 << (32 - __builtin_clz(n - 1));"
    assert problem.line == 3
    assert problem.notes == ("differs in: 1u -> 1",)
    assert problem.next_step == "compare it with line 3, and write an edit for that code"


def test_nothing_near_is_said_to_be_close() -> None:
    problem = assert_cpp_untouched(_replace("launch($a);", "b();"), "int main() { return 0; }\n")
    assert (problem.closest, problem.line) == ("", 0)


def test_a_file_that_moved_is_found_by_its_name() -> None:
    outcome = outcome_on(MemoryTree.of({"csrc/b/m.cu": "a;"}), _replace("a", "b"))
    ((_, problem),) = outcome.problems
    assert outcome.status is Status.MISSING
    assert problem.notes == ("there is csrc/b/m.cu",)


def test_inside_bounds_the_sites() -> None:
    assert_cpp_changes(
        _replace("f(1)", "f(2)", inside="b"),
        "void a() { f(1); }\nvoid b() { f(1); }\n",
        "void a() { f(1); }\nvoid b() { f(2); }\n",
    )


@pytest.mark.parametrize(
    ("find", "replace", "reason"),
    [
        ("f($a, $b)", "f($b, $a)", "cannot be told from"),
        ("f($a)", "f($a)", "cannot be told from"),
        ("f($a)", "g($b)", "not bound"),
        ("f($$a)", "g($a)", r"bound as \$\$a"),
        ("f($a)", "g(", "belongs to no other"),
        ("f($a)", "", "no code"),
    ],
)
def test_an_edit_that_cannot_be_meant_is_refused(find: str, replace: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        _replace(find, replace)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"path": "../m.cu"}, "relative"),
        ({"path": "m.py"}, "file of C"),
        ({"inside": "a.b"}, "`inside` must be"),
        ({"count": 0}, "at least 1"),
    ],
)
def test_a_wrong_declaration_is_refused(fields: dict[str, object], reason: str) -> None:
    given = {"path": _PATH, "find": "a", "replace": "b", **fields}
    with pytest.raises(ValueError, match=reason):
        cpp.Replace(**given)  # type: ignore[arg-type]  # the point of the test


def test_an_edit_asks_for_what_its_check_needs() -> None:
    edit = _replace("a", "b")
    assert isinstance(edit, NeedsPackages)
    assert [item.partition(">")[0] for item in edit.requires] == ["tree-sitter", "tree-sitter-cuda"]


_LINES = st.sampled_from(
    [
        *("  old(a, b);", "  old(f(x), {1, 2});  // c", "  keep(1);", "/* old(a, b) */"),
        *('  s = "old(a, b);";', "#define M(x) old(x, x)", "  if (c) old(a,", "  b);", ""),
    ]
)


@given(st.lists(_LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_whatever_stands_around_stays_and_nothing_is_left(lines: list[str], newline: str) -> None:
    lines = [line for line in lines if line != "  if (c) old(a,"]
    before = newline.join([*lines, "  old(p, q);", ""]).encode()
    wanted = (
        newline.join(
            line if "old" not in line or "*/" in line or '"' in line else _swapped(line)
            for line in [*lines, "  old(p, q);", ""]
        )
    ).encode()
    sites = sum("old" in line and "*/" not in line and '"' not in line for line in lines) + 1
    edit = _replace("old($a, $b)", "fresh($b, $a)", count=sites)
    assert applied(cpp_tree(before), {NAME: patch(edit)})[_PATH] == wanted


def _swapped(line: str) -> str:
    for old, new in (
        ("old(a, b)", "fresh(b, a)"),
        ("old(f(x), {1, 2})", "fresh({1, 2}, f(x))"),
        ("old(x, x)", "fresh(x, x)"),
        ("old(p, q)", "fresh(q, p)"),
    ):
        line = line.replace(old, new)
    return line
