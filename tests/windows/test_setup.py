"""What the real setup.py does on a Windows that is played, and that it does the same on Linux."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.windows.release import built_file, stock_file

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.windows

RELEASES = ("0.14.1", "0.18.0", "0.33.0")
_DRIVER = Path(__file__).with_name("setup_driver.py")
_PATCHES = tuple(
    f"windows/setup_{name}"
    for name in (
        "flash_attention_wrappers",
        "nvcc_executable",
        "path_separators",
        "target_device",
    )
)


def _run(folder: Path, data: bytes, system: str, device: str | None) -> dict[str, Any]:
    path = folder / "setup.py"
    path.write_bytes(data)
    environment = {"PATH": os.environ["PATH"]}
    if device is not None:
        environment["VLLM_TARGET_DEVICE"] = device
    command = [sys.executable, str(_DRIVER), str(path), system]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _words(said: dict[str, Any]) -> list[str]:
    return [word for command in said["commands"] for word in command]


def _keeps_the_device(said: dict[str, Any]) -> bool:
    return bool(said["device"] == "cuda")


def _has_forward_slashes(said: dict[str, Any]) -> bool:
    root = "C:/Program Files/vllm"
    wanted = {
        f"-DVLLM_PYTHON_EXECUTABLE={root}/python",
        f"-DVLLM_PYTHON_PATH={root}/one;{root}/two",
        f"-DFETCHCONTENT_BASE_DIR={root}/.deps",
        f"{root}/build/lib",
    }
    return wanted <= set(_words(said))


def _finds_nvcc(said: dict[str, Any]) -> bool:
    wanted = {"-DCMAKE_CUDA_COMPILER=C:/CUDA 12.6/bin/nvcc.exe", "C:\\CUDA 12.6/bin/nvcc.exe"}
    return wanted <= set(_words(said))


def _copies_the_wrappers(said: dict[str, Any]) -> bool:
    folder = "vllm/vllm_flash_attn"
    wanted = [f"{folder}/__init__.py", f"{folder}/ops/triton/rotary.py"]
    return bool(said["copied"] == wanted)


@pytest.mark.parametrize(
    "holds", [_keeps_the_device, _has_forward_slashes, _finds_nvcc, _copies_the_wrappers]
)
@pytest.mark.parametrize("version", RELEASES)
def test_what_fails_on_windows_holds_when_patched(
    version: str, holds: Callable[[dict[str, Any]], bool], tmp_path: Path
) -> None:
    stock, ours = stock_file(version, "setup.py"), built_file(version, "setup.py", *_PATCHES)
    assert not holds(_run(tmp_path, stock, "win32", "cuda"))
    assert holds(_run(tmp_path, ours, "win32", "cuda"))


@pytest.mark.parametrize("version", RELEASES)
def test_no_path_with_a_backslash_goes_into_the_cache_of_cmake(
    version: str, tmp_path: Path
) -> None:
    ours = built_file(version, "setup.py", *_PATCHES)
    words = _words(_run(tmp_path, ours, "win32", "cuda"))
    assert not [word for word in words if word.startswith("-D") and "\\" in word]


@pytest.mark.parametrize("device", [None, "empty", "cpu", "rocm", "CUDA", "cuda"])
@pytest.mark.parametrize("version", RELEASES)
def test_only_a_device_that_is_asked_for_is_kept(
    version: str, device: str | None, tmp_path: Path
) -> None:
    ours = built_file(version, "setup.py", *_PATCHES)
    wanted = "cuda" if device in {"CUDA", "cuda"} else "empty"
    assert _run(tmp_path, ours, "win32", device)["device"] == wanted
    assert _run(tmp_path, ours, "freebsd14", device)["device"] == "empty"


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("device", [None, "cuda", "cpu"])
@pytest.mark.parametrize("version", RELEASES)
def test_other_systems_do_as_ever(
    version: str, device: str | None, system: str, tmp_path: Path
) -> None:
    stock, ours = stock_file(version, "setup.py"), built_file(version, "setup.py", *_PATCHES)
    assert _run(tmp_path, ours, system, device) == _run(tmp_path, stock, system, device)
