"""Each kind of native edit on real files: it changes what it says, and its checks pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import NAME, patch
from tests.windows.release import tree
from transforms.edits import cmake, cpp
from transforms.engine.apply import apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

pytestmark = pytest.mark.windows

_CUMEM = "csrc/cumem_allocator.cpp"
_MERGE = "csrc/attention/merge_attn_states.cu"
_UTILS = "cmake/utils.cmake"


@pytest.mark.parametrize("version", ["0.14.1", "0.33.0"])
@pytest.mark.parametrize(
    ("edit", "gone", "there"),
    [
        (
            cpp.Replace(path=_MERGE, find="std::isinf($x)", replace="isinf($x)", count=3),
            b"std::isinf(",
            b" isinf(",
        ),
        (
            cpp.Remove(path=_CUMEM, inside="ensure_context", find="CUcontext pctx;"),
            b"CUcontext pctx;",
            b"ensure_context(",
        ),
        (
            cpp.InsertBefore(
                path=_CUMEM, inside="ensure_context", anchor="if (!pctx) { $$b }", code="go();"
            ),
            b"pctx;\n  if (!pctx)",
            b"  go();\n  if (!pctx) {",
        ),
        (
            cpp.InsertAfter(path=_MERGE, anchor="#include <optional>", code="#include <limits>"),
            b"<optional>\n#include <torch",
            b"#include <optional>\n#include <limits>\n",
        ),
        (
            cmake.Replace(
                path=_UTILS,
                inside="find_python_from_executable",
                find="file(REAL_PATH ${EXECUTABLE} $out)",
                replace='file(REAL_PATH "${EXECUTABLE}" $out)',
            ),
            b"REAL_PATH ${EXECUTABLE} ",
            b'  file(REAL_PATH "${EXECUTABLE}" EXECUTABLE)\n',
        ),
        (
            cmake.Remove(
                path=_UTILS,
                inside="find_python_from_executable",
                find='message(STATUS "Found python matching: ${EXECUTABLE}.")',
            ),
            b"Found python matching: ${EXECUTABLE}.",
            b"\n  endif()\nendmacro()\n",
        ),
        (
            cmake.InsertBefore(
                path=_UTILS,
                inside="find_python_from_executable",
                anchor="find_package(Python $$more)",
                code="set(ASKED ON)",
            ),
            b"${EXECUTABLE})\n  find_package(Python",
            b"  set(ASKED ON)\n  find_package(Python",
        ),
        (
            cmake.InsertAfter(
                path=_UTILS,
                inside="find_python_from_executable",
                anchor="set(Python_EXECUTABLE ${EXECUTABLE})",
                code="set(ASKED ON)",
            ),
            b"${EXECUTABLE})\n  find_package(Python",
            b"${EXECUTABLE})\n  set(ASKED ON)\n",
        ),
    ],
    ids=[
        *("cpp.Replace", "cpp.Remove", "cpp.InsertBefore", "cpp.InsertAfter"),
        *("cmake.Replace", "cmake.Remove", "cmake.InsertBefore", "cmake.InsertAfter"),
    ],
)
def test_it_acts_on_upstreams_code(version: str, edit: Edit, gone: bytes, there: bytes) -> None:
    pristine = tree(version)
    patches = {NAME: patch(edit)}
    outcomes = match_patches(patches, pristine, version)
    assert [item.status for item in outcomes] == [Status.APPLIED], outcomes
    files = apply_sites(outcomes, pristine)
    assert check_edited(files, patches, pristine, version, oldest=(3, 10)) == []
    (file,) = files
    assert gone not in file.after
    assert there in file.after
