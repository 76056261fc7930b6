"""`diff` writes what `git apply` takes, and it gives exactly the wheel's files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import run, run_json
from tests.build_hooks.small_release import (
    CONFIG,
    INTERFACE,
    ONLY,
    PATCHES,
    RELEASE,
    WORKER,
    small_sdist,
)
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        if sys.version_info >= (3, 12):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)  # noqa: S202 - our own
    root = folder / f"vllm-{RELEASE}"
    # Inside another repository, `git apply` takes paths to be that one's.
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def package(root: Path) -> dict[str, bytes]:
    files = (path for path in (root / "vllm").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def apply(root: Path, text: str, *options: str) -> None:
    done = subprocess.run(
        ["git", "apply", *options], cwd=root, input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


# The second is one line apart from what the notice touches, the third has no line end at its end.
VARIANTS = {
    "as it is": {},
    "windows line ends": {
        "worker": WORKER.replace("\n", "\r\n"),
        "interface": INTERFACE.replace("\n", "\r\n"),
    },
    "no line end at the end": {"config": CONFIG.rstrip("\n"), "worker": WORKER.rstrip("\n")},
    "without a first comment": {"worker": WORKER.partition("\n")[2]},
}


@needs_git
@pytest.mark.parametrize("variant", VARIANTS)
def test_git_takes_the_output_and_gives_the_wheels_files(tmp_path: Path, variant: str) -> None:
    sdist = small_sdist(tmp_path / "sdist", **VARIANTS[variant])
    done: Any = run("diff", "--source", sdist, "--only", ONLY, encoding=None)
    assert done.returncode == 0, done.stderr
    built = run("build", "--source", sdist, "--only", ONLY, "-o", tmp_path / "dist")
    wheel = tmp_path / "dist" / built.stdout.strip().rpartition("/")[2]
    root = unpacked(sdist, tmp_path)
    before = package(root)
    apply(root, done.stdout.decode())
    inside = {name: data for name, data in contents(wheel).items() if name.startswith("vllm/")}
    assert package(root) == inside
    apply(root, done.stdout.decode(), "--reverse")
    assert package(root) == before


@needs_git
def test_the_diffs_inside_the_wheel_lead_back_to_upstream(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    root = unpacked(sdist, tmp_path)
    before = package(root)
    names = [*PATCHES, "wheelwright/compile_cache_key", "wheelwright/self_description"]
    files = contents(wheel)
    for name, data in files.items():
        if name.startswith("vllm/"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(data)
    info = "vllm-0.33.0+musa.dist-info/wheelwright"
    for name in reversed([*names, "wheelwright/notice"]):
        apply(root, files[f"{info}/{name}.diff"].decode(), "--reverse")
    assert package(root) == before


def test_json_has_a_diff_for_each_patch(sdist: Path) -> None:
    (release,) = run_json("diff", "--source", sdist, "--only", ONLY)["releases"]
    assert release["release"] == RELEASE
    assert set(PATCHES) < set(release["diffs"])
    assert (
        '+        if self.device_config.device_type in ("cuda", "musa"):'
        in (release["diffs"]["musa/worker_device_type"])
    )


def test_a_patch_that_drifted_gives_no_diff(tmp_path: Path) -> None:
    sdist = small_sdist(tmp_path, worker="x = 1\n")
    done = run("diff", "--source", sdist, "--only", ONLY)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "musa/worker_device_type: missing on 0.33.0" in done.stderr
