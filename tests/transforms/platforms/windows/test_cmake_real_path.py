"""The path of the Python executable is one argument."""

from __future__ import annotations

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_real_path import PATCH


def test_the_path_is_quoted_where_it_is_resolved() -> None:
    before = "macro (find_python_from_executable EXECUTABLE V)\n  file(REAL_PATH {} EXECUTABLE)\n"
    before += "  set(Python_EXECUTABLE ${{EXECUTABLE}})\nendmacro()\n"
    after = patched(PATCH, "0.33.0", before.format("${EXECUTABLE}"), "cmake/utils.cmake")
    assert after == before.format('"${EXECUTABLE}"')


def test_the_path_is_quoted_where_it_is_handed_over() -> None:
    before = 'if (VLLM_PYTHON_EXECUTABLE)\n  find_python_from_executable({} "${{VERSIONS}}")\n'
    before += "else()\n  message(FATAL_ERROR)\nendif()\n"
    after = patched(PATCH, "0.14.1", before.format("${VLLM_PYTHON_EXECUTABLE}"))
    assert after == before.format('"${VLLM_PYTHON_EXECUTABLE}"')
