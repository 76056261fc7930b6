"""An editable install points at the patched tree, from which `capture` makes patches."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.repository.writing import BRANCH
from tests.build_hooks.command_line import assert_clean_failure, run
from tests.build_hooks.commands.test_capture import SAID, keep_patches
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import ONLY, RELEASE, WHEEL
from tests.build_hooks.small_wheel import LIBRARY, small_wheel
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path

STEM = f"vllm-{RELEASE}+musa"
INFO = f"{STEM}.dist-info"
WORKER = "vllm/v1/worker/gpu_worker.py"
OWN = "    # of mine\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a checkout with the patches that hold on the small release, and no others."""
    project = make_project(tmp_path, small_wheel(tmp_path / "index"))
    keep_patches(project.root, ONLY)
    return project


def make(
    project: Project, folder: Path, *settings: str
) -> tuple[subprocess.CompletedProcess[str], Path]:
    given = dict(setting.split("=", 1) for setting in settings)
    done = project.hook(f"print(backend.build_editable({str(folder)!r}, {given!r}))")
    return done, project.root / "build" / "editable" / STEM


def made(project: Project, folder: Path, *settings: str) -> Path:
    done, tree = make(project, folder, *settings)
    assert (done.returncode, done.stdout) == (0, f"{WHEEL}\n"), done.stderr
    assert f"note: the patched tree is {tree}: " in done.stderr or settings
    return tree


def edit(file: Path) -> None:
    file.write_text(file.read_text() + OWN)


def test_the_wheel_points_at_a_tree_that_is_what_the_wheel_would_install(
    project: Project, tmp_path: Path
) -> None:
    tree = made(project, tmp_path)
    editable = contents(tmp_path / WHEEL)
    pth = f"__editable__.{STEM}.pth"
    assert editable.pop(pth) == f"{tree}\n".encode()
    record = editable.pop(f"{INFO}/RECORD").decode()
    assert f"{pth},sha256=" in record
    assert project.build("--only", "").returncode == 0
    plain = contents(project.root / "dist" / WHEEL)
    plain_record = plain.pop(f"{INFO}/RECORD")
    assert editable == {name: data for name, data in plain.items() if name.startswith(INFO)}
    shown = {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    assert sorted(shown.pop(f"{INFO}/RECORD").splitlines()) == sorted(plain_record.splitlines())
    assert shown == plain
    assert os.access(tree / "vllm" / "tool.sh", os.X_OK)


def test_the_metadata_are_those_of_the_wheel(project: Project, tmp_path: Path) -> None:
    hook = "prepare_metadata_for_build_editable"
    done = project.hook(f"print(backend.{hook}({str(tmp_path / 'metadata')!r}))")
    assert (done.returncode, done.stdout) == (0, f"{INFO}\n"), done.stderr
    made(project, tmp_path)
    with zipfile.ZipFile(tmp_path / WHEEL) as wheel:
        metadata = wheel.read(f"{INFO}/METADATA")
    assert (tmp_path / "metadata" / INFO / "METADATA").read_bytes() == metadata
    done = project.hook("print(backend.get_requires_for_build_editable({}))")
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_the_tree_says_what_was_edited_in_it(project: Project, tmp_path: Path) -> None:
    tree = made(project, tmp_path)
    words: list[str | Path] = [sys.executable, "-B", tree / "vllm" / "wheelwright.py", "--verify"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    edit(tree / WORKER)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert WORKER in done.stdout


def test_what_was_edited_becomes_a_patch_and_is_then_no_longer_in_the_way(
    project: Project, tmp_path: Path
) -> None:
    tree = made(project, tmp_path)
    (tree / "vllm" / "__pycache__").mkdir()
    (tree / "vllm" / "__pycache__" / "x.pyc").write_bytes(b"byte code")
    made(project, tmp_path)
    worker = tree / WORKER
    text = worker.read_text()
    worker.write_text(text.replace("self.started = True", "self.started = 'mine'"))
    done, _ = make(project, tmp_path)
    message = assert_clean_failure(done, 2)
    assert f"{tree} has edits that would be lost: {WORKER}" in message
    assert f"capture {tree}" in message
    assert "'mine'" in worker.read_text()
    words = ("capture", tree, "--name", "mine", *SAID)
    captured = run(*words, project=project.root, env=project.environment())
    assert captured.returncode == 0, captured.stderr
    made(project, tmp_path)
    assert "'mine'" in worker.read_text()
    log = ["git", "-C", str(tree), "log", "--format=%s"]
    assert "musa/mine" in subprocess.run(log, capture_output=True, text=True, check=True).stdout
    assert [path.name for path in tree.parent.iterdir()] == [STEM]


def test_what_was_left_out_of_the_tree_is_left_out_of_its_patches(
    project: Project, tmp_path: Path
) -> None:
    tree = made(project, tmp_path, "only=musa/platform_is_musa")
    worker = tree / WORKER
    text = worker.read_text()
    assert 'device_type == "cuda"' in text
    worker.write_text(text.replace('device_type == "cuda"', 'device_type == "mine"'))
    words = ("capture", tree, "--name", "mine", *SAID)
    captured = run(*words, project=project.root, env=project.environment())
    assert captured.returncode == 0, captured.stderr


def test_new_files_commits_and_branches_are_not_lost(project: Project, tmp_path: Path) -> None:
    tree = made(project, tmp_path)
    (tree / "vllm" / "mine.py").write_text("x = 1\n")
    assert "vllm/mine.py" in assert_clean_failure(make(project, tmp_path)[0], 2)
    git = ["git", "-C", str(tree), "-c", "user.name=I", "-c", "user.email=i@localhost"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "mine"], check=True)
    assert "vllm/mine.py" in assert_clean_failure(make(project, tmp_path)[0], 2)
    subprocess.run([*git, "checkout", "-q", "-b", "mine"], check=True)
    subprocess.run([*git, "branch", "-q", "-f", BRANCH, "mine~1"], check=True)
    subprocess.run([*git, "checkout", "-q", BRANCH], check=True)
    message = assert_clean_failure(make(project, tmp_path)[0], 2)
    assert "refs/heads/mine" in message
    subprocess.run([*git, "branch", "-q", "-D", "mine"], check=True)
    made(project, tmp_path)


def test_a_folder_of_somebody_elses_is_left_alone(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    done, _ = make(project, tmp_path, f"editable={other}")
    assert "is not a repository that `apply` wrote" in assert_clean_failure(done, 2)
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]
    made(project, tmp_path, f"editable={tmp_path / 'of mine'}")
    assert (tmp_path / "of mine" / WORKER).is_file()
    assert not (project.root / "build").exists()


def test_a_build_that_fails_leaves_the_tree_as_it_was(project: Project, tmp_path: Path) -> None:
    tree = made(project, tmp_path)
    before = (tree / WORKER).read_bytes()
    module = project.root / "transforms" / "platforms" / "musa" / "worker_device_type.py"
    module.write_text(module.read_text().replace('device_type == "cuda"', 'device_type == "x"'))
    assert "drifted" in assert_clean_failure(make(project, tmp_path)[0], 1)
    assert (tree / WORKER).read_bytes() == before
    assert [path.name for path in tree.parent.iterdir()] == [STEM]


def test_a_binary_wheel_is_editable_too(project: Project, tmp_path: Path) -> None:
    done, tree = make(project, tmp_path, "source=wheel")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert project.build("--only", "", "--source", "wheel").returncode == 0
    plain = contents(project.root / "dist" / wheel.name)
    outside = {name for name in plain if not (tree / name).is_file()}
    assert outside <= set(contents(wheel))
    assert (tree / LIBRARY).read_bytes() == plain[LIBRARY]
    status = ["git", "-C", str(tree), "status", "--porcelain"]
    assert not subprocess.run(status, capture_output=True, text=True, check=True).stdout
    (tree / LIBRARY).write_bytes(b"compiled by me")
    assert LIBRARY in assert_clean_failure(make(project, tmp_path, "source=wheel")[0], 2)
