"""A patched sdist is upstream's, but for what patches change and what says so."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.artifact.sdist import SdistTree
from build_hooks.errors import ArtifactError, OutputError
from build_hooks.metadata import core_metadata
from build_hooks.sdist import labelled, write_sdist
from tests.build_hooks.artifact.archives import entry, make_sdist
from tests.build_hooks.small_release import PKG_INFO, RELEASE, TIME, small_files, write_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROOT = f"vllm-{RELEASE}"
OURS = f"vllm-{RELEASE}+toy"


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """Write an sdist with all that an archive can hold."""
    files = [entry(f"{ROOT}/{name}", data, mode=0o664) for name, data in small_files().items()]
    more = [
        entry(f"{ROOT}", b"", type=tarfile.DIRTYPE, mode=0o700),
        entry(f"{ROOT}/empty/folder", b"", type=tarfile.DIRTYPE, mode=0o2775),
        entry(f"{ROOT}/tool.sh", b"#!/bin/sh\n", mode=0o4755),
        entry(f"{ROOT}/secret", b"x", mode=0o600),
        entry(f"{ROOT}/docs/link.sh", b"", type=tarfile.SYMTYPE, linkname="../tool.sh"),
        entry(f"{ROOT}/docs/chain.sh", b"", type=tarfile.SYMTYPE, linkname="link.sh"),
        entry(f"{ROOT}/docs/hard.sh", b"", type=tarfile.LNKTYPE, linkname=f"{ROOT}/tool.sh"),
    ]
    # `make_sdist` puts a file into another top folder, and this sdist has its own.
    path = tmp_path / f"{ROOT}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, data in [*files, *more]:
            _add(archive, member, data)
    return path


def _add(archive: tarfile.TarFile, member: tarfile.TarInfo, data: bytes) -> None:
    import io  # noqa: PLC0415 - the only use

    archive.addfile(member, io.BytesIO(data))


def written(
    source: Path,
    folder: Path,
    changed: Mapping[str, bytes] | None = None,
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    artifact = open_artifact(source)
    metadata = core_metadata(artifact, ["toy"], source.name)
    target = folder / metadata.sdist_name
    write_sdist(
        target,
        artifact=artifact,
        metadata=metadata,
        changed=changed or {},
        extra=extra or {},
        timestamp=TIME,
    )
    return target


def members(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        return {member.name: member for member in archive.getmembers()}


def content(path: Path, name: str) -> bytes:
    with tarfile.open(path) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def test_bytes_permissions_links_and_empty_folders_are_upstreams(
    upstream: Path, tmp_path: Path
) -> None:
    before, after = members(upstream), members(written(upstream, tmp_path / "out"))
    for name, member in before.items():
        other = after[name.replace(ROOT, OURS, 1)]
        if not member.islnk():
            assert (other.type, other.linkname) == (member.type, member.linkname)
        if not member.issym():
            # Nobody becomes another user by unpacking it.
            assert other.mode == before[f"{ROOT}/tool.sh" if member.islnk() else name].mode & 0o777
    old, new = SdistTree(upstream), SdistTree(tmp_path / "out" / f"{OURS}.tar.gz")
    assert set(new) == set(old)
    rewritten = {"PKG-INFO", "vllm.egg-info/PKG-INFO"}
    assert {path for path in old if old.read(path) != new.read(path)} == rewritten


def test_a_link_to_what_is_changed_becomes_the_file_that_patches_saw(
    upstream: Path, tmp_path: Path
) -> None:
    path = written(upstream, tmp_path / "out", {"tool.sh": b"changed\n"})
    found = members(path)
    for name in ("link.sh", "chain.sh", "hard.sh"):
        assert found[f"{OURS}/docs/{name}"].isreg()
        assert content(path, f"{OURS}/docs/{name}") == b"#!/bin/sh\n"
    assert content(path, f"{OURS}/tool.sh") == b"changed\n"
    assert found[f"{OURS}/tool.sh"].mode == 0o755


def test_a_folder_comes_before_what_is_in_it_and_everything_in_the_order_of_names(
    upstream: Path, tmp_path: Path
) -> None:
    added = {"csrc/new/deep/a.h": b"//\n"}
    names = list(members(written(upstream, tmp_path / "out", added)))
    assert names[0] == OURS
    for position, name in enumerate(names[1:], start=1):
        assert name.rpartition("/")[0] in names[:position], name
    found = members(tmp_path / "out" / f"{OURS}.tar.gz")
    files = [name for name in names if not found[name].isdir()]
    assert files == sorted(files)
    assert found[f"{OURS}/csrc/new/deep"].mode == 0o755
    assert found[f"{OURS}/csrc/new/deep/a.h"].mode == 0o644


def test_metadata_have_the_label_and_the_list_of_files_has_what_is_added(
    upstream: Path, tmp_path: Path
) -> None:
    path = written(
        upstream,
        tmp_path / "out",
        {"vllm/new.py": b"", "vllm/__init__.py": b"1\n"},
        {"wheelwright/a.json": b"{}"},
    )
    expected = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {RELEASE}+toy").encode()
    assert content(path, f"{OURS}/PKG-INFO") == expected
    assert content(path, f"{OURS}/vllm.egg-info/PKG-INFO") == expected
    # By folder, then by name, and no line end behind the last: as setuptools writes it.
    assert content(path, f"{OURS}/vllm.egg-info/SOURCES.txt") == (
        b"LICENSE\nsetup.py\nvllm/__init__.py\nvllm/_version.py\nvllm/new.py\nwheelwright/a.json"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_version_of_the_header_changes(end: str) -> None:
    text = end.join(["Name: vllm", "Version: 1.0", "Summary: s", "", "Version: 2.0", "text"])
    expected = text.replace("Version: 1.0", "Version: 1.0+toy")
    assert labelled(text.encode(), "1.0+toy") == expected.encode()
    assert labelled(b"Version: 1", "2") == b"Version: 2"


def test_an_unpacked_sdist_gives_the_permissions_that_every_checkout_has(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tree", small_files())
    (folder / "vllm/tool.sh").chmod(0o700)
    (folder / "PKG-INFO").chmod(0o600)
    (folder / "LINK").symlink_to("LICENSE")
    found = members(written(folder, tmp_path / "out"))
    modes = {name.partition("/")[2]: member.mode for name, member in found.items()}
    assert (modes["vllm/tool.sh"], modes["PKG-INFO"], modes["vllm"]) == (0o755, 0o644, 0o755)
    assert found[f"{OURS}/LINK"].isreg()


def test_a_file_of_upstreams_own_is_not_overwritten(upstream: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="has a file LICENSE of its own"):
        written(upstream, tmp_path / "out", extra={"LICENSE": b""})
    assert not (tmp_path / "out").exists()


def test_tar_unpacks_it_without_a_word(upstream: Path, tmp_path: Path) -> None:
    path = written(upstream, tmp_path / "out")
    done = subprocess.run(
        ["tar", "-xzf", path, "-C", tmp_path], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / OURS / "docs/link.sh").readlink().as_posix() == "../tool.sh"
    assert (tmp_path / OURS / "empty/folder").is_dir()


def test_a_place_that_cannot_be_written_leaves_nothing(upstream: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(OutputError, match="cannot be written"):
        written(upstream, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", f"{ROOT}.tar.gz"]


def test_an_sdist_without_setuptools_folder_has_none_afterwards(tmp_path: Path) -> None:
    source = make_sdist(
        tmp_path,
        entry("vllm-1.0/PKG-INFO", PKG_INFO.replace(RELEASE, "1.0").encode()),
        entry("vllm-1.0/requirements/common.txt", b""),
    )
    assert "vllm-1.0+toy/PKG-INFO" in members(written(source, tmp_path / "out"))
    assert not any("egg-info" in name for name in members(tmp_path / "out/vllm-1.0+toy.tar.gz"))
