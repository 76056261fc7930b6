"""Run the parts of a release's setup.py that the platform changes, on a system that is played.

As a program: `python setup_driver.py SETUP_PY SYSTEM`, with the device in VLLM_TARGET_DEVICE. It
writes JSON: the target device, the commands that are run, and the files that are copied.
"""

from __future__ import annotations

import ast
import glob
import json
import logging
import ntpath
import os
import posixpath
import sys
import types
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

_FUNCTIONS = {"target_name", "get_nvcc_cuda_version", "_is_cuda", "_is_hip", "_is_tpu"}


class _WindowsPath(PureWindowsPath):
    def absolute(self) -> _WindowsPath:
        return self


class _PosixPath(PurePosixPath):
    def absolute(self) -> _PosixPath:
        return self


def _kept(module: ast.Module) -> ast.Module:
    """Keep what decides on the device, runs CMake, and copies the wrappers."""
    body: list[ast.stmt] = []
    for node in module.body:
        if isinstance(node, ast.If):
            text = ast.unparse(node)
            kept = "VLLM_TARGET_DEVICE =" in text and "sys.platform" in text
        elif isinstance(node, ast.FunctionDef):
            kept = node.name in _FUNCTIONS
        else:
            kept = isinstance(node, ast.ClassDef) and node.name == "cmake_build_ext"
        body += [node] if kept else []
    return ast.Module(body=body, type_ignores=[])


def main() -> None:
    """Play the system, and show what setup.py does on it."""
    path, system = sys.argv[1:]
    windows = system == "win32"
    paths: Any = ntpath if windows else posixpath
    root = "C:\\Program Files\\vllm" if windows else "/src/vllm"
    commands: list[list[str]] = []
    copied: list[str] = []

    def record(command: list[Any], **_: object) -> str:
        commands.append([str(word) for word in command])
        return "release 12.6, V12.6.20"

    class BuildExt:
        debug = False
        build_temp = paths.join(root, "build", "temp")
        build_lib = paths.join("build", "lib")
        extensions = (types.SimpleNamespace(name="vllm._C", cmake_lists_dir=root),)

        def get_ext_fullpath(self, name: str) -> str:
            return str(paths.join(root, "build", "lib", *name.split(".")) + ".pyd")

        def copy_file(self, _: str, to: str) -> None:
            copied.append(str(to).replace("\\", "/"))

        def run(self) -> None:
            pass

    found = [
        paths.join("build", "lib", "vllm", "vllm_flash_attn", *names)
        for names in (["__init__.py"], ["ops", "triton", "rotary.py"])
    ]
    glob.glob = lambda *_, **__: found  # setup.py imports it itself
    names: dict[str, Any] = {
        "__name__": "setup",
        "build_ext": BuildExt,
        "CMakeExtension": object,
        "Version": str,
        "parse": str,
        "Path": _WindowsPath if windows else _PosixPath,
        "ROOT_DIR": root,
        "CUDA_HOME": "C:\\CUDA 12.6" if windows else "/usr/local/cuda",
        "ROCM_HOME": None,
        "logger": logging.getLogger("setup"),
        "envs": types.SimpleNamespace(
            MAX_JOBS="4", NVCC_THREADS=None, CMAKE_BUILD_TYPE=None, VERBOSE=False
        ),
        "VLLM_TARGET_DEVICE": os.environ.get("VLLM_TARGET_DEVICE", "cuda").lower(),
        "torch": types.SimpleNamespace(
            version=types.SimpleNamespace(hip=None, cuda="12.6", xpu=None)
        ),
        "sys": types.SimpleNamespace(
            platform=system,
            executable=paths.join(root, "python"),
            path=[paths.join(root, "one"), paths.join(root, "two")],
        ),
        "os": types.SimpleNamespace(
            sep=paths.sep,
            pathsep=paths.pathsep,
            path=types.SimpleNamespace(
                join=paths.join, dirname=paths.dirname, exists=lambda _: False
            ),
            getenv=os.environ.get,
            environ={},
            makedirs=lambda *_, **__: None,
        ),
        "shutil": types.SimpleNamespace(copytree=lambda *_, **__: None),
        "subprocess": types.SimpleNamespace(check_call=record, check_output=record),
        "print": lambda *_: None,
        **{name: lambda: False for name in ("is_sccache_available", "is_ccache_available")},
        **{name: lambda *_: False for name in ("should_bundle_tcmalloc", "bundle_tcmalloc")},
        "is_ninja_available": lambda: True,
    }
    module = ast.parse(Path(path).read_text(encoding="utf-8"))
    exec(compile(_kept(module), "setup.py", "exec"), names)  # noqa: S102 - upstream's, as patched
    device = names["VLLM_TARGET_DEVICE"]
    names["VLLM_TARGET_DEVICE"] = "cuda"
    names["get_nvcc_cuda_version"]()
    builder = names["cmake_build_ext"]()
    builder.compute_num_jobs = lambda: (4, 1)
    builder.build_extensions()
    builder.run()
    sys.stdout.write(json.dumps({"device": device, "commands": commands, "copied": copied}))


if __name__ == "__main__":
    main()
