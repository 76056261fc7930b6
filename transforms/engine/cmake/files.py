"""Which files are CMake."""

from __future__ import annotations


def is_cmake(path: str) -> bool:
    """Tell from its name whether a file is CMake."""
    return path.endswith(".cmake") or path.rpartition("/")[2] == "CMakeLists.txt"
