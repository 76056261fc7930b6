"""`apply` writes a repository that git itself finds whole, with the wheel's files in it."""

from __future__ import annotations

import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure, environment, run, run_json
from tests.build_hooks.small_release import (
    COMMON_FILES,
    CONFIG,
    ONLY,
    OWN_FILES,
    PATCHES,
    TIME,
    WORKER,
    small_files,
    small_sdist,
    write_sdist,
)
from tests.build_hooks.small_wheel import small_wheel
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path

COMMON = ("wheelwright/compile_cache_key", "wheelwright/self_description", "wheelwright/notice")


def git(folder: Path, *words: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *words], capture_output=True, text=True, check=True, env=env
    )
    return done.stdout


def applied(sdist: Path, folder: Path, env: dict[str, str] | None = None) -> Path:
    done = run("apply", folder, "--source", sdist, "--only", ONLY, env=env)
    assert done.returncode == 0, done.stderr
    return folder


def working_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def test_the_working_tree_is_the_sdist_with_the_wheels_files(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    root = applied(sdist, tmp_path / "tree")
    inside = {name: data for name, data in contents(wheel).items() if name.startswith("vllm/")}
    assert working_files(root) == {**small_files(), **inside}
    assert git(root, "status", "--porcelain", "--ignored") == ""
    assert git(root, "fsck", "--strict") == ""
    assert os.access(root / "vllm/tool.sh", os.X_OK)
    assert not os.access(root / "vllm/__init__.py", os.X_OK)


def test_each_patch_is_a_commit_that_changes_what_diff_shows(sdist: Path, tmp_path: Path) -> None:
    root = applied(sdist, tmp_path / "tree")
    subjects = git(root, "log", "--reverse", "--format=%s").splitlines()
    assert subjects == ["vLLM 0.33.0 as upstream ships it", *PATCHES, *COMMON]
    (release,) = run_json("diff", "--source", sdist, "--only", ONLY)["releases"]
    commits = git(root, "rev-list", "--reverse", "HEAD").splitlines()
    for commit, name in zip(commits[1:], subjects[1:], strict=True):
        git(root, "checkout", "--quiet", f"{commit}~")
        (tmp_path / "diff").write_text(release["diffs"][name])
        git(root, "apply", "--index", str(tmp_path / "diff"))
        assert git(root, "write-tree") == git(root, "rev-parse", f"{commit}^{{tree}}"), name
        git(root, "reset", "--quiet", "--hard")


def test_of_a_wheel_it_is_the_python_and_what_patches_change(tmp_path: Path) -> None:
    wheel = small_wheel(tmp_path)
    root = applied(wheel, tmp_path / "tree")
    whole, upstream = contents(wheel), small_files()
    found = working_files(root)
    added = {*OWN_FILES}
    assert set(found) - added == {name for name in whole if name.endswith(".py")}
    changed = {name for name in found if found[name] != upstream.get(name)}
    assert changed == {
        *COMMON_FILES,
        "vllm/platforms/interface.py",
        "vllm/v1/worker/gpu_worker.py",
        *added,
    }
    subjects = git(root, "log", "--reverse", "--format=%s").splitlines()
    assert subjects == ["vLLM 0.33.0 as upstream ships it", *PATCHES, *COMMON]
    trailer = git(root, "log", "--format=%(trailers:key=Wheelwright-Artifact,valueonly)")
    assert trailer.split()[0] == wheel.name


def test_upstreams_commit_holds_every_byte_of_the_sdist(tmp_path: Path) -> None:
    files = {
        **small_files(worker=WORKER.replace("\n", "\r\n"), config=CONFIG.rstrip("\n")),
        "vllm/a \"b' ü.txt": b"odd name\n",
        ".gitattributes": b"*.py text eol=lf ident\n*.txt filter=lfs\n",
        ".gitignore": b"_version.py\n",
    }
    sdist = write_sdist(tmp_path / "vllm-0.33.0.tar.gz", files)
    root = applied(sdist, tmp_path / "tree")
    first = git(root, "rev-list", "--max-parents=0", "HEAD").strip()
    for path, data in files.items():
        done = subprocess.run(
            ["git", "-C", root, "cat-file", "blob", f"{first}:{path}"],
            capture_output=True,
            check=True,
        )
        assert done.stdout == data
    assert working_files(root)["vllm/v1/worker/gpu_worker.py"].count(b"\r\n") > 3
    assert git(root, "status", "--porcelain") == ""


def test_the_same_build_gives_the_same_commit_whatever_the_user_has_configured(
    sdist: Path, tmp_path: Path
) -> None:
    configured = tmp_path / "home"
    configured.mkdir()
    (configured / ".gitconfig").write_text(
        "[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n[init]\n\tdefaultBranch = x\n"
    )
    one = applied(sdist, tmp_path / "one")
    other = applied(
        sdist, tmp_path / "other", env=environment(HOME=str(configured), TZ="Asia/Tokyo")
    )
    assert git(one, "rev-parse", "HEAD") == git(other, "rev-parse", "HEAD")
    assert working_files(one) == working_files(other)
    mine = {**os.environ, "HOME": str(configured)}
    assert git(other, "status", "--porcelain", env=mine) == ""
    assert git(one, "log", "-1", "--format=%ct").strip() == str(TIME)


def test_a_message_says_why_and_until_when(sdist: Path, tmp_path: Path) -> None:
    root = applied(sdist, tmp_path / "tree")
    message = git(root, "log", "--format=%B", "-1", "--grep=musa/worker_device_type")
    assert "startup ends in" in message
    assert "Drop it when: init_device does not compare" in message
    first = git(root, "log", "--format=%B", "--max-parents=0")
    assert "Wheelwright-Release: 0.33.0\nWheelwright-Platforms: musa\n" in first
    assert "Wheelwright-Artifact: vllm-0.33.0.tar.gz sha256:" in first


def test_json_names_the_commits(sdist: Path, tmp_path: Path) -> None:
    document = run_json("apply", tmp_path / "tree", "--source", sdist, "--only", ONLY)
    assert document["commits"][1:] == [*PATCHES, *COMMON]
    assert document["release"] == "0.33.0"


def test_an_empty_folder_is_taken(sdist: Path, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    assert (applied(sdist, tmp_path / "tree") / ".git").is_dir()


def test_a_folder_with_anything_in_it_is_left_alone(sdist: Path, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "mine").write_text("x")
    done = run("apply", tmp_path / "tree", "--source", sdist, "--only", ONLY)
    assert "is not empty\n  next: name a new folder" in assert_clean_failure(done, 2)
    assert working_files(tmp_path / "tree") == {"mine": b"x"}


def test_a_repository_with_changes_says_to_capture_them(sdist: Path, tmp_path: Path) -> None:
    root = applied(sdist, tmp_path / "tree")
    (root / "setup.py").write_text("changed")
    done = run("apply", root, "--source", sdist, "--only", ONLY)
    message = assert_clean_failure(done, 2)
    assert "changes that are in no commit: 1, the first of them 'M setup.py'" in message
    assert "`capture`" in message


@pytest.mark.parametrize(("place", "code"), [("file", 2), ("file/below", 7)])
def test_a_file_in_the_way_is_named_and_kept(
    sdist: Path, tmp_path: Path, place: str, code: int
) -> None:
    (tmp_path / "file").write_text("x")
    done = run("apply", tmp_path / place, "--source", sdist, "--only", ONLY)
    assert str(tmp_path / place) in assert_clean_failure(done, code)
    assert working_files(tmp_path) == {"file": b"x"}


def _one_block_only() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))


def test_a_full_disk_leaves_nothing(sdist: Path, tmp_path: Path) -> None:
    words = ("apply", tmp_path / "tree", "--source", sdist, "--only", ONLY)
    done = run(*words, preexec_fn=_one_block_only)
    assert_clean_failure(done, 7)
    assert list(tmp_path.iterdir()) == []


def test_without_git_the_message_says_so(sdist: Path, tmp_path: Path) -> None:
    words = ("apply", tmp_path / "tree", "--source", sdist, "--only", ONLY)
    done = run(*words, env=environment(PATH=str(tmp_path)))
    assert "git cannot be run\n  next: install git" in assert_clean_failure(done, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_patch_that_drifted_writes_nothing(tmp_path: Path) -> None:
    sdist = small_sdist(tmp_path / "sdist", worker="x = 1\n")
    done = run("apply", tmp_path / "tree", "--source", sdist, "--only", ONLY)
    assert "musa/worker_device_type: missing" in assert_clean_failure(done, 1)
    assert not (tmp_path / "tree").exists()
