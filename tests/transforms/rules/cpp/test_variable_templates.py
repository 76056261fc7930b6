"""Variable templates for host and device become function templates, and their uses calls."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.variable_templates import VariableTemplates

TESTER = RuleTester(VariableTemplates(names=("max_v",)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "template <class T> __device__ static constexpr T max_v = lim<T>::max();",
            (
                "template <class T> __device__ static inline constexpr T max_v() {\n"
                "  return lim<T>::max();\n}"
            ),
        ),
        (
            "class S {\n  template <int N = (3>2)>\n  B_HOST inline constexpr T max_v = N;\n",
            (
                "class S {\n  template <int N = (3>2)>\n  B_HOST inline constexpr T max_v() {\n"
                "    return N;\n  }\n"
            ),
        ),
        (
            "template <class T> __align__(8) __device__ constexpr a::B<T, 3> max_v = {1, 2};",
            (
                "template <class T> __align__(8) __device__ inline constexpr a::B<T, 3> max_v() {\n"
                "  return {1, 2};\n}"
            ),
        ),
        (
            "template <class T>\r\n__device__ constexpr T max_v =  // why\r\n    T(3);\r\n",
            (
                "template <class T>\r\n__device__ inline constexpr T max_v() {\r\n"
                "  return // why\r\n    T(3);\r\n}\r\n"
            ),
        ),
    ],
)
def test_a_definition_becomes_a_function(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = max_v<int>;", "x = max_v<int>();"),
        ("x = -max_v<T> * 2;", "x = -max_v<T>() * 2;"),
        ("x = a::max_v<b<c>>;", "x = a::max_v<b<c>>();"),
        ("x = f<max_v<T>>();", "x = f<max_v<T>()>();"),
        ("constexpr T m{max_v<T>};", "constexpr T m{max_v<T>()};"),
        ("x = a & max_v<T>;", "x = a & max_v<T>();"),
        ("x = max_v<T> == y;", "x = max_v<T>() == y;"),
        ("#define M(T) max_v<T>\n", "#define M(T) max_v<T>()\n"),
        ("x = max_v<T> /* max_v<T> */;", "x = max_v<T>() /* max_v<T> */;"),
        ("if (x > max_v<T>) (y)();", "if (x > max_v<T>()) (y)();"),
    ],
)
def test_a_use_becomes_a_call(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


def test_leaves_calls_functions_comments_and_other_variables_alone() -> None:
    TESTER.assert_untouched(
        """
        // max_v<T>
        const char* s = "max_v<T>";
        using vllm::max_v;
        template <class T> __device__ T other(T x) { return max_v<T>(); }
        template <class T> constexpr T host_only_v = T(3);
        template <class T> struct HOST_DEVICE Max { T max; };
        template <class T> using Device = X<__device__>;
        template <class T> __device__ void declared(T, int = 3);
        template <> __device__ int f<int>(int);
        template __device__ int g<int>(int);
        int max_v2;
        """
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("template <class T> __device__ constexpr T new_v = 3;", "was not told of new_v"),
        ("template <class T> __device__ T max_v = 3;", "it is no constant"),
        ("template <class T> __device__ constexpr T max_v{3};", "only `name = value;`"),
        ("template <class T> __device__ constexpr extern T max_v;", "only `name = value;`"),
        ("template <> __device__ constexpr int max_v<int> = 3;", "specialized here"),
        ("template <class T> __device__ constexpr T X<T>::max_v = 3;", "member of this kind"),
        ("template <> constexpr int max_v<int> = 3;", "it is specialized here"),
        ("x = &max_v<T>;", "its address is taken"),
        ("f(&a::max_v<T>);", "its address is taken"),
        ("decltype(max_v<T>) x;", "its type is asked for"),
        ("x = max_v;", "named here without its arguments"),
        ("#define max_v other\n", "named here without its arguments"),
        (
            "template <class T> __device__ constexpr T max_v =\n#ifdef A\n1\n#else\n2\n#endif\n;",
            "preprocessor directives",
        ),
        (
            "#define D(T) template <T x> __device__ constexpr T max_v = x;\n",
            "preprocessor directives",
        ),
        ("template <class T> __device__ constexpr T max_v = 3 /* why */;", "a comment stands"),
        ("template <class T> __device__ constexpr T max_v /* why */ = 3;", "a comment stands"),
    ],
)
def test_refuses_what_no_function_can_take_the_place_of(code: str, why: str) -> None:
    assert why in TESTER.assert_refused(code).reason
