"""The CUDA compiler has its suffix on Windows."""

from __future__ import annotations

import ntpath
import posixpath
from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.windows.setup_nvcc_executable import PATCH

BEFORE = """
class cmake_build_ext:
    def configure(self):
        cmake_args = []
        if _is_cuda() and CUDA_HOME is not None:
            cmake_args += [f"-DCMAKE_CUDA_COMPILER={CUDA_HOME}/bin/nvcc"]
        elif _is_hip():
            cmake_args += ["-DROCM_PATH"]
        return cmake_args


def get_nvcc_cuda_version():
    return subprocess.check_output([CUDA_HOME + "/bin/nvcc", "-V"], universal_newlines=True)
"""


@pytest.mark.parametrize(
    ("system", "flavour", "home", "cmake", "called"),
    [
        ("win32", ntpath, "C:\\a b", "C:/a b/bin/nvcc.exe", "C:\\a b/bin/nvcc.exe"),
        ("linux", posixpath, "/a\\b", "/a\\b/bin/nvcc", "/a\\b/bin/nvcc"),
    ],
)
@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_the_compiler(  # noqa: PLR0913, PLR0917 - the columns of the table
    release: str, system: str, flavour: ModuleType, home: str, cmake: str, called: str
) -> None:
    def check_output(command: list[str], **_: object) -> str:
        return command[0]

    module = run(
        patched(PATCH, release, "setup", BEFORE),
        sys=SimpleNamespace(platform=system),
        os=flavour,
        subprocess=SimpleNamespace(check_output=check_output),
        CUDA_HOME=home,
        _is_cuda=lambda: True,
    )
    assert module.cmake_build_ext().configure() == [f"-DCMAKE_CUDA_COMPILER={cmake}"]
    assert module.get_nvcc_cuda_version() == called
