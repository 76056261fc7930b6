"""What nvcc makes of a CUDA file: its PTX, without what says nothing of the code.

The headers are those of torch's build for the CPU, which brings ATen's and c10's CUDA headers, but
not those of CUDA's libraries: stand-ins declare the handles that are named. All of that is the
host's; device code uses none of it.
"""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.windows.tools import needs, runtime_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUARD = "#pragma once\n"
_STAND_INS = {
    "c10/cuda/impl/cuda_cmake_macros.h": "#define C10_CUDA_BUILD_SHARED_LIBS\n",
    "cublas_v2.h": (
        "typedef struct cublasContext* cublasHandle_t;\n"
        "typedef enum { CUBLAS_STATUS_SUCCESS } cublasStatus_t;\n"
    ),
    "cublasLt.h": "typedef struct cublasLtContext* cublasLtHandle_t;\n",
    "cusparse.h": (
        "typedef struct cusparseContext* cusparseHandle_t;\n"
        "typedef enum { CUSPARSE_STATUS_SUCCESS } cusparseStatus_t;\n"
        "const char* cusparseGetErrorString(cusparseStatus_t);\n"
    ),
    "cusolver_common.h": "typedef enum { CUSOLVER_STATUS_SUCCESS } cusolverStatus_t;\n",
    "cusolverDn.h": (
        '#include "cusolver_common.h"\ntypedef struct cusolverDnContext* cusolverDnHandle_t;\n'
    ),
}
# As upstream's CMake files compile for Hopper; NDEBUG as in its release builds, or each `assert`
# of device code would hold its line.
_FLAGS = (
    "-std=c++20",
    "-arch=sm_90",
    "-O3",
    "--expt-relaxed-constexpr",
    "--extended-lambda",
    "-DNDEBUG",
    "-DUSE_CUDA",
    "-DENABLE_FP8",
    "-DTORCH_EXTENSION_NAME=_C",
)
# What has internal linkage is named by its file and by hashes of the file's path and text.
_INTERNAL = re.compile(r"_INTERNAL_[0-9a-f]{8}_(\d+_\w+?_cu)_[0-9a-f]{8}")
_DATA = re.compile(r"^\.global .*? (\w+)(?:\[\d*\])*(?: = .*)?;$")
# A label holds the number of its function in the file.
_LABEL = re.compile(r"\$L__BB\d+_(\d+)")
_HEADER = (".version", ".target", ".address_size")


def compile_ptx(tree: Path, path: str, folder: Path) -> list[str]:
    """Compile one CUDA file of a tree as for a release, and give its PTX, as `normalised` does.

    Args:
        tree: the unpacked sdist.
        path: the file in it.
        folder: a folder of this compilation.

    Raises:
        AssertionError: nvcc refuses the file.
    """
    torch = _torch_headers()
    python = Path(sysconfig.get_paths()["include"])
    stand_ins = _write_stand_ins(folder / "stand-ins")
    output = folder / "output.ptx"
    searched = [torch, torch / "torch/csrc/api/include", python, stand_ins, tree / "csrc"]
    included = [f"-I{each}" for each in searched]
    command: list[str | Path] = [needs("nvcc"), "-ptx", *_FLAGS, *included, path, "-o", output]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return normalised(output.read_text(encoding="utf-8"))


def normalised(ptx: str) -> list[str]:
    """Give the functions and data of PTX, ordered, without what says nothing of the code.

    Left out are comments, hashes and numbers in names, the order in which templates were asked
    for, and data that no instruction reads: a variable template leaves its values there, a function
    template does not.

    Args:
        ptx: as nvcc writes it.
    """
    text = _LABEL.sub(r"$L__BB_\1", _INTERNAL.sub(r"_INTERNAL_\1", ptx))
    units = list(_units(text))
    named = Counter(re.findall(r"\w+", text))
    return sorted(
        unit for unit in units if not ((data := _DATA.match(unit)) and named[data[1]] == 1)
    )


def _units(text: str) -> Iterator[str]:
    """Split PTX outside of braces: behind a function's body, behind a declaration's semicolon."""
    unit: list[str] = []
    depth = 0
    for line in text.splitlines():
        if line.lstrip().startswith("//") or not line.strip():
            continue
        unit.append(line)
        depth += line.count("{") - line.count("}")
        if not depth and (line.endswith(("}", ";")) or line.startswith(_HEADER)):
            yield "\n".join(unit)
            unit = []
    assert not unit, "PTX ends in the middle of something"


def _torch_headers() -> Path:
    """Find them beside any release that runs: all have the same torch."""
    environment = runtime_of("0.33.0").parent.parent
    (headers,) = environment.glob("lib/python3.*/site-packages/torch/include")
    return headers


def _write_stand_ins(folder: Path) -> Path:
    for name, text in _STAND_INS.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_GUARD + text, encoding="utf-8")
    return folder
