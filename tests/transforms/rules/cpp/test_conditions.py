"""Which branches of the preprocessor MSVC never compiles."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.conditions import branches_around, is_never_msvc


def never(code: str) -> bool:
    """Tell it of the name `here` in a piece of code."""
    tokens = Code(code.encode())
    (index,) = tokens.places["here"]
    return is_never_msvc(tokens, index)


@pytest.mark.parametrize(
    "code",
    [
        "#ifdef __GNUC__\nhere\n#endif",
        "#if defined(__i386__) || defined __x86_64__\n  here\n#endif",
        "#if USE_ROCM\nhere\n#endif",
        "#ifdef _MSC_VER\n#elif defined(__aarch64__)\nhere\n#endif",
        "#ifdef USE_ROCM\n#if A\n#else\nhere\n#endif\n#endif",
    ],
)
def test_a_branch_for_others_is_none_of_msvcs(code: str) -> None:
    assert never(code)


@pytest.mark.parametrize(
    "code",
    [
        "here",
        "#ifdef __GNUC__\n#endif\nhere",
        "#ifdef __GNUC__\n#else\nhere\n#endif",
        "#ifndef __GNUC__\nhere\n#endif",
        "#if !defined(__GNUC__)\nhere\n#endif",
        "#if defined(__GNUC__) || defined(A)\nhere\n#endif",
        "#if __GNUC__ > 4\nhere\n#endif",
        "#ifdef _MSC_VER\nhere\n#endif",
    ],
)
def test_what_may_be_compiled_is_taken_to_be(code: str) -> None:
    assert not never(code)


def test_the_outermost_branch_comes_first() -> None:
    code = Code(b"#if A\n#ifdef B\n#else // not B\nhere\n#endif\n#endif")
    (index,) = code.places["here"]
    assert branches_around(code, index) == [["if", "A"], ["else"]]
