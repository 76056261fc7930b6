"""Every kind of tree gives what the standard library unpacks, for whatever tree and damage."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from build_hooks.artifact import open_artifact
from build_hooks.errors import ArtifactError
from tests.build_hooks.artifact.archives import FILES, ROOT, write_tar

if TYPE_CHECKING:
    from build_hooks.artifact import Artifact

Files = dict[str, tuple[bytes, bool]]
FORMS = st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
# Where to damage an archive, and with what.
DAMAGE = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3)), max_size=4)


def pack_tar(files: Files, form: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, encoding="utf-8") as archive:
        for name, (data, executable) in files.items():
            member = tarfile.TarInfo(f"{ROOT}/{name}")
            member.size, member.mode = len(data), 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def pack_zip(path: Path, files: Files) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, (data, executable)) in enumerate(files.items()):
            member = zipfile.ZipInfo(name, (2026, 11, 1, 12, 0, 0))
            member.external_attr = (0o100755 if executable else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED
            archive.writestr(member, data)


def unpack_tar(tar: bytes) -> Files:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(tar), encoding="utf-8") as archive:
        for member in archive:
            if not member.isdir():
                file = archive.extractfile(member)
                assert file is not None
                inner = member.name.partition("/")[2]
                found[inner] = (file.read(), bool(member.mode & 0o100))
    return found


def unpack_zip(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & 0o100))
            for info in archive.infolist()
            if not info.is_dir()
        }


def content(tree: Artifact) -> Files:
    return {name: (tree.read(name), tree.is_executable(name)) for name in tree}


def damaged(data: bytes, damage: list[tuple[float, bytes]]) -> bytes:
    changed = bytearray(data)
    for place, value in damage:
        at = int(place * len(changed))
        changed[at : at + len(value)] = value
    return bytes(changed)


def with_true_checksums(tar: bytes) -> bytes:
    """Mend the checksum of each header, so that what is damaged in it gets read."""
    blocks = [bytearray(tar[at : at + 512]) for at in range(0, len(tar), 512)]
    for block in blocks:
        if block[257:262] == b"ustar":
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
    return b"".join(blocks)


@given(FILES, FORMS)
@settings(deadline=None)
def test_sdist_gives_what_tarfile_gives(files: Files, form: int) -> None:
    tar = pack_tar(files, form)
    with tempfile.TemporaryDirectory() as folder:
        path = write_tar(Path(folder), tar)
        assert content(open_artifact(path)) == unpack_tar(tar) == files


@given(FILES)
@settings(deadline=None)
def test_wheel_gives_what_zipfile_gives(files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vllm-1.0-py3-none-any.whl"
        pack_zip(path, files)
        assert content(open_artifact(path)) == unpack_zip(path) == files


@given(FILES)
@settings(deadline=None, max_examples=50)
def test_folder_gives_what_was_unpacked_there(files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (data, executable) in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o755 if executable else 0o644)
        assert content(open_artifact(Path(folder))) == files


@given(files=FILES, form=FORMS, damage=DAMAGE, mended=st.booleans())
@settings(deadline=None, max_examples=400)
def test_a_damaged_tar_is_refused_or_read_as_tarfile_reads_it(
    files: Files, form: int, damage: list[tuple[float, bytes]], *, mended: bool
) -> None:
    tar = damaged(pack_tar(files, form), damage)
    if mended:
        tar = with_true_checksums(tar)
    with tempfile.TemporaryDirectory() as folder:
        path = write_tar(Path(folder), tar)
        try:
            found = content(open_artifact(path))
        except ArtifactError:
            return
    assert found == unpack_tar(tar)


@given(FILES, DAMAGE)
@settings(deadline=None, max_examples=300)
def test_a_damaged_zip_is_refused_or_read_as_zipfile_reads_it(
    files: Files, damage: list[tuple[float, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vllm-1.0-py3-none-any.whl"
        pack_zip(path, files)
        path.write_bytes(damaged(path.read_bytes(), damage))
        try:
            found = content(open_artifact(path))
        except ArtifactError:
            return
        assert found == unpack_zip(path)
