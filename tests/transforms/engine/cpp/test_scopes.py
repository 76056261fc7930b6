"""A qualified name leads to one definition, or to what an author needs to know."""

from __future__ import annotations

import pytest

from tests.transforms.cpp_files import code_of_text
from tests.transforms.trees import MemoryTree
from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.definitions import What, definitions
from transforms.engine.cpp.scopes import check_inside, tokens_inside
from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.source import Source

_FILE = """
    #define EACH(x) \\
      void x##_each() { x(); }
    namespace a::b { inline namespace c {
    template <typename T, class = std::enable_if_t<(sizeof(T) > 1)>>
    __global__ void __launch_bounds__(256, 2) kernel(T* p) { if (p) { launch(p); } }
    struct alignas(16) Point final : Base<int>, Other {
      Point(int x) : Base<int>{x}, x_(x) { init(); }
      explicit Point() noexcept(false) : x_{0} {}
      ~Point() { free(x_); }
      [[nodiscard]] auto norm() const noexcept -> decltype(x_ * x_) { return x_ * x_; }
      bool operator==(const Point& o) const { return x_ == o.x_; }
      int operator()(int i) { return i; }
      operator float() const { return x_; }
      enum class Kind { A, B = 2 };
      int x_{1};
      std::array<int, 2> pair = {1, 2};
    };
    int table[] = {1, 2};
    }  // namespace
    }
    extern "C" {
    MACRO(TORCH) static std::vector<int> helper(int n) { return {n}; }
    }
    template <> struct Trait<int> { static int one() { return 1; } };
    a::b::Point& Trait<float>::other(void (*f)(int)) { return f; }
    namespace { void hidden() {} }
    TORCH_LIBRARY(ops, m) { m.def("x"); }
    struct Point make() { return {}; }
    struct Point* const* find() noexcept { return 0; }
    struct Late { template <class T> Late(T t) : a{t} { go(t); } };
    auto lambda = [](int x) { return x; };
    void declared(int x);
"""


def _defined(text: str) -> list[tuple[str, str]]:
    return [(item.what.value, item.qualified) for item in definitions(code_of_text(text))]


def test_all_definitions_of_a_file_are_found() -> None:
    assert _defined(_FILE) == [
        ("macro", "#define EACH"),
        ("namespace", "a::b"),
        ("namespace", "a::b::c"),
        ("function", "a::b::c::kernel"),
        ("class", "a::b::c::Point"),
        ("function", "a::b::c::Point::Point"),
        ("function", "a::b::c::Point::Point"),
        ("function", "a::b::c::Point::~Point"),
        ("function", "a::b::c::Point::norm"),
        ("function", "a::b::c::Point::operator=="),
        ("function", "a::b::c::Point::operator()"),
        ("function", "a::b::c::Point::operator float"),
        ("class", "a::b::c::Point::Kind"),
        ("function", "helper"),
        ("class", "Trait"),
        ("function", "Trait::one"),
        ("function", "Trait::other"),
        ("function", "hidden"),
        ("function", "TORCH_LIBRARY"),
        ("function", "make"),
        ("function", "find"),
        ("class", "Late"),
        ("function", "Late::Late"),
    ]


def _inside(inside: str, text: str = _FILE, **others: str) -> str | Problem:
    files = {"m.cu": text, **{f"{name}.cuh": other for name, other in others.items()}}
    tree = MemoryTree.of(files)
    source = Source("m.cu", tree.read("m.cu"))
    code = source.once(code_of)
    found = tokens_inside(inside, source, code, tree)
    return found if isinstance(found, Problem) else code.text(*found)


@pytest.mark.parametrize(
    ("inside", "begins", "ends"),
    [
        ("a::b::c::kernel", "template <typename T", "launch(p); } }"),
        ("c::kernel", "template <typename T", "launch(p); } }"),
        ("kernel", "template <typename T", "launch(p); } }"),
        ("Point", "struct alignas(16)", "= {1, 2};\n}"),
        ("Point::norm", "[[nodiscard]]", "return x_ * x_; }"),
        ("Point::operator==", "bool operator", "== o.x_; }"),
        ("Point::operator ()", "int operator()", "return i; }"),
        ("Point::operator  float", "operator float", "return x_; }"),
        ("Point::~Point", "~Point()", "free(x_); }"),
        ("Trait::one", "static int one", "return 1; }"),
        ("Trait::other", "a::b::Point& Trait", "return f; }"),
        ("hidden", "void hidden", "{}"),
        ("helper", "MACRO(TORCH) static", "return {n}; }"),
        ("#define EACH", "#define EACH", "{ x(); }"),
        ("#  define   EACH", "#define EACH", "{ x(); }"),
        ("a::b", "namespace a::b", "}"),
    ],
)
def test_a_name_leads_to_its_definition(inside: str, begins: str, ends: str) -> None:
    text = _inside(inside)
    assert isinstance(text, str)
    assert text.startswith(begins)
    assert text.endswith(ends)


def test_no_name_is_the_whole_file() -> None:
    assert _inside("", "int a;") == "int a;"


def test_branches_may_each_begin_the_same_definition() -> None:
    text = "#if A\nvoid f(int a) {\n#else\nvoid f(long a) {\n#endif\n  g(a);\n}\nvoid h() {}\n"
    assert _inside("f", text) == text[6:-13]


def test_overloads_are_named_by_their_lines() -> None:
    problem = _inside("Point::Point")
    assert isinstance(problem, Problem)
    assert problem.status is Status.DRIFTED
    assert problem.reason == "'Point::Point' is defined 2 times in this file"
    assert problem.notes == ("at lines 7, 8",)


def test_a_name_in_two_namespaces_asks_for_all_of_it() -> None:
    text = "namespace a { void f() {} }\nnamespace b { void f() {} }"
    problem = _inside("f", text)
    assert isinstance(problem, Problem)
    assert problem.notes == ("at lines 1, 2", "as a::f", "as b::f")
    assert problem.next_step == "write all of one of these names"
    assert _inside("b::f", text) == "void f() {}"


def test_a_name_of_its_own_comes_before_the_same_in_a_namespace() -> None:
    assert _inside("f", "namespace a { void f() { 1; } }\nvoid f() { 2; }") == "void f() { 2; }"


def test_a_class_cannot_be_left_out() -> None:
    problem = _inside("norm")
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    assert problem.notes == ("there is a::b::c::Point::norm",)


def test_a_missing_name_is_looked_for_in_the_other_files() -> None:
    problem = _inside("helpers::go", other="\nnamespace helpers {\nint go() { return 1; }\n}")
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    assert problem.notes == ("this release has it in other.cuh:2",)
    assert problem.next_step == "if that is the same code, change `path` to 'other.cuh'"


@pytest.mark.parametrize("inside", ["a.b", "#define", "f()", "a::", "::a", "a b", "#ifdef A"])
def test_what_is_no_name_is_refused(inside: str) -> None:
    with pytest.raises(ValueError, match="`inside` must be"):
        check_inside(inside)


def test_unbalanced_code_ends_no_search() -> None:
    assert _defined("void f() {\nvoid g() { }\n#define H\n#define I x\n")[:2] == [
        ("macro", "#define H"),
        ("macro", "#define I"),
    ]
    assert What.MACRO.value == "macro"
