"""Patterns find what they say, however it is laid out, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.cpp_files import code_of_text
from transforms.engine.cpp.code import Code
from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODE = """
#include <cuda.h>
#define CHECK(x) \\
  if (!(x)) {    \\
    fail(#x);    \\
  }
namespace vllm {
template <typename T, int N = (4 > 2)>
__global__ void scale(T* __restrict__ a, std::pair<int, float> p) {
  auto f = [&](int i) { return a[i] >> 2; };
#ifdef USE_ROCM
  a[0] = f(1, p.first), a[1] = R"x(raw, ")")x"[0];
#else
  a[0] = f(g<T>(1), 2);
#endif
  static_assert(N == 4 or N == 8, "a;b");
}
}  // namespace vllm
void run() { scale<float, 4><<<dim3(1, 2), N >> 2, 0>>>(a, {1, 2.f}); }
"""


def _found(pattern: str, code: str | Code = _CODE) -> list[str]:
    code = code_of_text(code) if isinstance(code, str) else code
    matches = CppPattern.parse(pattern).matches(code)
    return [" ".join(code.text(match.first, match.last).split()) for match in matches]


def _bound(pattern: str, text: str = _CODE) -> dict[str, str]:
    code = code_of_text(text)
    (match,) = CppPattern.parse(pattern).matches(code)
    return {name: code.text(*span) for name, span in match.bindings.items()}


@pytest.mark.parametrize(
    ("pattern", "bound"),
    [
        ("static_assert($$a);", {"a": 'N == 4 or N == 8, "a;b"'}),
        ("static_assert($a, $b);", {"a": "N == 4 or N == 8", "b": '"a;b"'}),
        ("== $x or", {"x": "4"}),
        ("template <$$parameters>", {"parameters": "typename T, int N = (4 > 2)"}),
        ("std::pair<$k, $v> p", {"k": "int", "v": "float"}),
        ("auto $f = [&]($$p) {$$body};", {"f": "f", "p": "int i", "body": "return a[i] >> 2;"}),
        ("return $x > > $n;", {"x": "a[i]", "n": "2"}),
        ("a[0] = f($a, $b);", {"a": "g<T>(1)", "b": "2"}),
        (
            "$k<$$t><<<$grid, $block, $$more>>>($$a)",
            {
                "k": "scale",
                "t": "float, 4",
                "grid": "dim3(1, 2)",
                "block": "N >> 2",
                "more": "0",
                "a": "a, {1, 2.f}",
            },
        ),
        ("#define CHECK($p) if $$body", {"p": "x", "body": _CODE[43:79]}),
        ("if (!($p)) { fail(#$p); }", {"p": "x"}),
        ("#include <$$name>", {"name": "cuda.h"}),
        ("scale($$parameters) { $$body }", None),
    ],
)
def test_a_metavariable_binds_a_run_of_tokens(pattern: str, bound: dict[str, str] | None) -> None:
    if bound is None:
        assert _bound(pattern)["body"].endswith('"a;b");')
    else:
        assert _bound(pattern) == bound


@pytest.mark.parametrize(
    "pattern",
    [
        "N == 4 || N == 8",  # another token for the same
        "f($a)",  # two arguments are not one
        "#define CHECK(x) if (!(x))",  # a directive is found whole
        "a[0] = $x; a[0] = $y;",  # not through a directive
        'R"x(raw, ")")x"[0]; a[0] = f',
        "if (!(x)) { $$b } namespace vllm",  # not out of a directive
        "#include <$name>\nnamespace",
    ],
)
def test_what_does_not_fit_is_not_found(pattern: str) -> None:
    assert _found(pattern) == []


def test_many_holds_directives_whole() -> None:
    assert _bound(";\n$$x\nstatic_assert($$a);")["x"].startswith("#ifdef USE_ROCM")
    assert _bound("#ifdef USE_ROCM\n$$a\n#else\n$$b\n#endif")["b"] == "a[0] = f(g<T>(1), 2);"


def test_the_same_name_binds_the_same_tokens() -> None:
    code = "f(a, b); f(c /* x */ . d, c.d); f(g(1), g(1 )); f(a b, ab);"
    assert _found("f($x, $x)", code) == ["f(c /* x */ . d, c.d)", "f(g(1), g(1 ))"]


def test_a_pattern_that_begins_with_one_begins_with_a_token_or_group() -> None:
    assert _found("$x + 1", "int y = a(b) + 1; z + 1; + 1") == ["(b) + 1", "z + 1"]
    assert _found("$x + 1", "a + b + 1") == ["b + 1"]
    assert _found("1 + $x", "1 + a(b); 1 + (c) d") == ["1 + a", "1 + (c)"]


def test_matches_are_leftmost_and_never_overlap() -> None:
    assert _found("a $x a", "a 1 a 2 a 3 a") == ["a 1 a", "a 3 a"]


def test_one_never_holds_a_separator_but_in_a_group_or_between_angles() -> None:
    assert _found("f($x)", "f(a, b); f((a, b)); f({a; b});") == ["f((a, b))", "f({a; b})"]
    assert _bound("v<$x> y", "v<m<int, 2>> y;") == {"x": "m<int, 2>"}
    assert _found("v<$x> y", "v<a<b> y; v<a> b<c> y;") == []


def test_a_range_bounds_the_search() -> None:
    code = Code(b"a b a b a b")
    matches = CppPattern.parse("a b").matches(code, 1, 5)
    assert [(match.first, match.last) for match in matches] == [(2, 4)]


def test_a_group_that_branches_close_is_one() -> None:
    text = "f(a,\n#if A\n  b);\n#else\n  c);\n#endif\ng(1);"
    assert _found("f($$x); g($y);", text) == []
    assert _bound("f $$x; \n#endif\n g($y);", text)["y"] == "1"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "no code"),
        ("  // only a comment", "no code"),
        ("f(", "belongs to no other"),
        ("f)", "belongs to no other"),
        ("(]", "belongs to no other"),
        ("$x", "what is looked for"),
        ("$$x;", "begins with"),
        ("a = $$x", "ends with"),
        ("f($x, $$x)", "name one anew"),
        ("f($1)", "no metavariable"),
        ('a "b', "no token"),
        ("a /* b", "no end"),
    ],
)
def test_a_pattern_that_says_nothing_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        CppPattern.parse(pattern)


def _runs(code: Code) -> list[tuple[int, int]]:
    """Give the runs of tokens with balanced brackets that are in one directive or in none."""
    tokens = code.tokens
    runs = []
    for first in range(len(tokens)):
        last = first
        while last < len(tokens) and tokens[last].directive == tokens[first].directive:
            unit = code.end_of_unit(last)
            if unit == last + 1 and last in code.partner:
                break
            last = unit
            run = tokens[first:last]
            if all(token.directive == run[0].directive and token.text != "#" for token in run):
                runs.append((first, last))
    return runs


_READ = code_of_text(_CODE)
_RUNS = _runs(_READ)
_FILLERS = ["", " ", "\n", " /* , */ ", "// ;\n", "\\\n", "\t\\\r\n "]


def _written(texts: Sequence[str], data: st.DataObject) -> str:
    """Write tokens with something between any two of them."""
    count = len(texts)
    fillers = data.draw(st.lists(st.sampled_from(_FILLERS), min_size=count, max_size=count))
    return "".join(f" {filler} {text}" for text, filler in zip(texts, fillers, strict=True))


@given(st.sampled_from(_RUNS), st.data())
def test_a_run_of_tokens_is_found_by_a_pattern_of_it(
    run: tuple[int, int], data: st.DataObject
) -> None:
    first, last = run
    texts = [token.text for token in _READ.tokens[first:last]]
    matches = CppPattern.parse(_written(texts, data)).matches(_READ)
    assert any(match.first <= first < match.last for match in matches)


@given(st.data())
def test_white_space_comments_and_splices_between_tokens_never_count(data: st.DataObject) -> None:
    code = code_of_text("f(a, b <c, d>::e); if (x or y) { g(h[1], k); } f((p, q), r);")
    texts = [token.text for token in code.tokens]
    other = Code(_written(texts, data).encode())
    for text in ("f($a, $b)", "f($$a)", "if ($x or $y) { $$b }", "$t<$$p>::e", "h[$i], $k"):
        pattern = CppPattern.parse(text)
        assert [(match.first, match.last, match.bindings) for match in pattern.matches(other)] == [
            (match.first, match.last, match.bindings) for match in pattern.matches(code)
        ]


def test_a_pattern_of_many_metavariables_comes_to_an_end() -> None:
    code = Code(b"f(" + b"a, " * 400 + b"b);")
    pattern = CppPattern.parse("f($$a, $$b, $$c, $$d, $$e, $$g, $$h, $$i, z)")
    # One way after the other, these would be 400^8 / 8! ways.
    assert pattern.matches(code) == []
