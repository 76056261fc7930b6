"""An unpacked sdist in a folder, held to the rules of the packed one."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact.folder import FolderTree
from build_hooks.errors import ArtifactError
from tests.build_hooks.small_release import write_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "tree", {"PKG-INFO": b"Name: vllm\n", "vllm/a.py": b"a = 1\n"})


def refused(root: Path, why: str) -> None:
    with pytest.raises(ArtifactError, match=why) as caught:
        FolderTree(root)
    assert str(root) in str(caught.value)


def test_gives_files_with_their_bits_and_the_newest_time(root: Path) -> None:
    (root / "vllm/a.py").chmod(0o755)
    os.utime(root / "vllm/a.py", (4_000_000_000, 4_000_000_000))
    tree = FolderTree(root)
    assert sorted(tree) == ["PKG-INFO", "vllm/a.py"]
    assert tree.read("vllm/a.py") == b"a = 1\n"
    assert tree.is_executable("vllm/a.py")
    assert not tree.is_executable("PKG-INFO")
    assert tree.newest == 4_000_000_000


def test_leaves_out_byte_code_and_version_control(root: Path) -> None:
    write_folder(root, {".git/config": b"", "vllm/__pycache__/a.pyc": b"", "vllm/b.pyc": b""})
    assert sorted(FolderTree(root)) == ["PKG-INFO", "vllm/a.py"]


def test_follows_a_link_inside_the_tree(root: Path) -> None:
    (root / "vllm/b.py").symlink_to("a.py")
    assert FolderTree(root).read("vllm/b.py") == b"a = 1\n"


@pytest.mark.parametrize("folder", [False, True])
def test_refuses_a_link_out_of_the_tree(root: Path, *, folder: bool) -> None:
    outside = root.parent / "outside"
    write_folder(outside, {"x.py": b""})
    (root / "vllm/link").symlink_to(outside if folder else outside / "x.py")
    refused(root, "a link out of the tree: 'vllm/link'")


def test_refuses_a_link_that_only_begins_like_the_tree(root: Path) -> None:
    write_folder(root.parent / "tree2", {"x.py": b""})
    (root / "vllm/link").symlink_to(root.parent / "tree2" / "x.py")
    refused(root, "a link out of the tree")


@pytest.mark.parametrize("target", ["missing.py", "link", "."])
def test_refuses_a_link_to_no_file(root: Path, target: str) -> None:
    (root / "vllm/link").symlink_to(target)
    refused(root, "a link to no file of it: 'vllm/link'")


def test_refuses_pipes_and_sockets(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(root / "vllm/pipe")
    refused(root, "a device or pipe: 'vllm/pipe'")
    (root / "vllm/pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        # The whole path may be longer than an address can be.
        monkeypatch.chdir(root)
        listener.bind("socket")
        refused(root, "a device or pipe: 'socket'")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"vllm/b\xff.py", "a bad encoding"),
        (b"vllm/b\\c.py", "a backslash"),
        (b"vllm/b\nc.py", "a control character"),
        (b"vllm/c:x.py", "a drive letter"),
        (b"vllm/A.py", "equal but for case"),
        (b"VLLM/b.py", "equal but for case"),
    ],
)
def test_refuses_a_name_that_an_sdist_may_not_hold(root: Path, name: bytes, why: str) -> None:
    path = os.path.join(os.fsencode(root), name)  # noqa: PTH118 - a name that `Path` cannot hold
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    with open(path, "wb"):  # noqa: PTH123
        pass
    refused(root, why)


def test_says_which_folder_cannot_be_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path).endswith("vllm"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    # Root may read everything, so that permissions alone would not show it.
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(ArtifactError, match="vllm cannot be read: Permission denied"):
        FolderTree(root)


def test_says_which_file_went_away(root: Path) -> None:
    tree = FolderTree(root)
    (root / "vllm/a.py").unlink()
    with pytest.raises(ArtifactError, match=r"a\.py cannot be read: No such file"):
        tree.read("vllm/a.py")
    with pytest.raises(ArtifactError, match=r"a\.py cannot be read: No such file"):
        tree.is_executable("vllm/a.py")
