"""A CMake file that was CMake stays it."""

from __future__ import annotations

import pytest

from transforms.engine.apply import EditedFile
from transforms.engine.checks import check_edited
from transforms.engine.checks.cmake_syntax import broken_cmake
from transforms.engine.site import Site


def _edited(path: str, before: bytes | None, after: bytes) -> EditedFile:
    site = Site(path=path, start=0, end=0, replacement=b"", line=1)
    return EditedFile(path=path, before=before, after=after, sites=(("p/a", site),))


@pytest.mark.parametrize("path", ["a.cmake", "CMakeLists.txt"])
@pytest.mark.parametrize("before", [b"set(A 1)\n", None])
def test_an_edit_that_breaks_a_file_is_named(path: str, before: bytes | None) -> None:
    (said,) = broken_cmake([_edited(path, before, b"set(A 1)\nif(B)\nset(C\n")])
    assert said.startswith(f"{path}:")
    assert "(p/a)" in said


def test_what_was_broken_before_and_other_files_are_nobodys_fault() -> None:
    files = [_edited("a.cmake", b"set(A\n", b"set(B\n"), _edited("a.txt", b"", b"set(A\n")]
    assert list(broken_cmake(files)) == []
    assert list(broken_cmake([_edited("a.cmake", b"f()\n", b"f()\ng()\n")])) == []


def test_it_is_one_of_the_checks() -> None:
    files = [_edited("a.cmake", b"f()\n", b"f(\n")]
    tree = {"a.cmake": b"f()\n"}
    found = check_edited(files, {}, tree, "0.33.0", oldest=(3, 10))  # type: ignore[arg-type]
    assert [line.split(":")[0] for line in found] == ["a.cmake"]
