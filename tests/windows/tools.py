"""The compilers and interpreters that the proofs need: their path, or why there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

EVERYTHING = "WHEELWRIGHT_WINDOWS_TOOLS"
"""Says `all` where every tool must be there: what is missing fails then, and is not skipped."""

ENVIRONMENTS = "WHEELWRIGHT_WINDOWS_RUNTIME"
"""Names the folder that `tests.windows.runtime.environment` made."""

_WHERE = {
    "nvcc": ("CUDA's compiler, of the toolkit 13.0", ("/usr/local/cuda/bin",)),
    "cuobjdump": ("CUDA's disassembler, of the toolkit 13.0", ("/usr/local/cuda/bin",)),
    "cudafe++": ("nvcc's C++ front end, of the toolkit 13.0", ("/usr/local/cuda/bin",)),
    "clang++-19": ("Debian's package clang-19", ()),
    "x86_64-w64-mingw32-g++": ("Debian's package g++-mingw-w64-x86-64", ()),
    "g++": ("Debian's package g++", ()),
    "gcc": ("Debian's package gcc", ()),
    "cmake": ("cmake, of Debian or of the index", ()),
    "ninja": ("ninja, of Debian or of the index", ()),
}


def needs(program: str) -> str:
    """Give the path of a program, or skip the test that needs it and say what would bring it.

    Args:
        program: its name, one of those above.
    """
    brought_by, folders = _WHERE[program]
    for folder in (None, *folders):
        found = shutil.which(program, path=folder)
        if found is not None:
            return str(Path(found).absolute())
    reason = f"{program} is not on this machine: {brought_by}"
    if os.environ.get(EVERYTHING) == "all":
        pytest.fail(reason)
    pytest.skip(reason)


def runtime_of(release: str) -> Path:
    """Give the interpreter of an environment with torch and all that a release requires.

    Args:
        release: the release.
    """
    folder = os.environ.get(ENVIRONMENTS)
    assert folder, f"{ENVIRONMENTS} is not set: nox -s windows makes the environments and sets it"
    return Path(folder, release, "env", "bin", "python")
