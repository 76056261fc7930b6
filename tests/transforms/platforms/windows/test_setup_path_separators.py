"""Paths for CMake have forward slashes on Windows, and are what they were elsewhere."""

from __future__ import annotations

import ntpath
import posixpath
from pathlib import PurePosixPath, PureWindowsPath
from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.windows.setup_path_separators import PATCH

OLD = """
class cmake_build_ext:
    def configure(self, fc_base_dir):
        cmake_args = ["-DVLLM_PYTHON_EXECUTABLE={}".format(sys.executable)]
        cmake_args += ["-DVLLM_PYTHON_PATH={}".format(":".join(sys.path))]
        return cmake_args + ["-DFETCHCONTENT_BASE_DIR={}".format(fc_base_dir)]

    def build_extensions(self, prefix):
        install_args = ["cmake", "--install", ".", "--prefix", prefix, "--component", "a"]
        return install_args
"""
NEW = OLD.replace(
    '"-DVLLM_PYTHON_EXECUTABLE={}".format(sys.executable)',
    'f"-DVLLM_PYTHON_EXECUTABLE={sys.executable}"',
).replace(
    '"-DFETCHCONTENT_BASE_DIR={}".format(fc_base_dir)', 'f"-DFETCHCONTENT_BASE_DIR={fc_base_dir}"'
)


@pytest.mark.parametrize(
    ("flavour", "root", "separator"), [(ntpath, "C:\\a b", ";"), (posixpath, "/a b", ":")]
)
@pytest.mark.parametrize(("release", "before"), [("0.14.1", OLD), ("0.31.0", OLD), ("0.32.0", NEW)])
def test_what_cmake_is_told(
    release: str, before: str, flavour: ModuleType, root: str, separator: str
) -> None:
    one, two = (flavour.join(root, name) for name in ("one", "two"))
    system = SimpleNamespace(executable=one, path=[one, two])
    text = patched(PATCH, release, "setup", before)
    builder = run(text, sys=system, os=flavour).cmake_build_ext()
    first, second = (path.replace("\\", "/") for path in (one, two))
    assert builder.configure(two) == [
        f"-DVLLM_PYTHON_EXECUTABLE={first}",
        f"-DVLLM_PYTHON_PATH={first}{separator}{second}",
        f"-DFETCHCONTENT_BASE_DIR={second}",
    ]
    kind = PureWindowsPath if flavour is ntpath else PurePosixPath
    assert builder.build_extensions(kind(one))[4] == first
