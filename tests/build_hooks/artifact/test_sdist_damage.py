"""Archives that are larger than they may be, cut off or damaged: refused whole, and soon."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact.sdist import UNLOCKED_LIMIT, SdistTree
from build_hooks.errors import ArtifactError
from tests.build_hooks.artifact.archives import ROOT, entry, make_sdist, tar_of, write_tar

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = tarfile.BLOCKSIZE


def refused(path: Path, why: str, *, unpacked: int | None = None) -> None:
    with pytest.raises(ArtifactError, match=why) as caught:
        SdistTree(path, unpacked=unpacked)
    assert path.name in str(caught.value)
    assert "nothing of it was used" in str(caught.value)


def test_refuses_more_than_the_lock_allows_before_unpacking(tmp_path: Path) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/zeros", b"\0" * 1_000_000))
    refused(path, "1[0-9]{6} bytes when unpacked, more than the 50000 allowed", unpacked=50_000)


def test_accepts_exactly_what_the_lock_allows(tmp_path: Path) -> None:
    path = make_sdist(tmp_path)
    size = len(gzip.decompress(path.read_bytes()))
    assert list(SdistTree(path, unpacked=size)) == ["vllm/__init__.py"]
    refused(path, "bytes when unpacked", unpacked=size - 1)


@pytest.mark.parametrize("promised", [0, 1, 512, 10_239])
def test_refuses_an_archive_that_promises_less_than_it_holds(tmp_path: Path, promised: int) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/zeros", b"\0" * 1_000_000))
    path.write_bytes(path.read_bytes()[:-4] + promised.to_bytes(4, "little"))
    refused(path, "does not decompress|empty file", unpacked=50_000)


def test_refuses_an_archive_that_promises_more_than_it_holds(tmp_path: Path) -> None:
    path = make_sdist(tmp_path)
    path.write_bytes(path.read_bytes()[:-4] + (20_480).to_bytes(4, "little"))
    refused(path, "does not decompress")


def test_refuses_what_no_release_comes_near_where_there_is_no_lock(tmp_path: Path) -> None:
    path = make_sdist(tmp_path)
    path.write_bytes(path.read_bytes()[:-4] + (UNLOCKED_LIMIT + 1).to_bytes(4, "little"))
    refused(path, "bytes when unpacked")


def test_refuses_a_truncated_gzip(tmp_path: Path) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/noise", bytes(range(256)) * 40))
    whole = path.read_bytes()
    for length in (0, 1, 10, 17, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match=r"is not a usable sdist|is refused"):
            SdistTree(path)


def test_refuses_a_wrong_checksum(tmp_path: Path) -> None:
    path = make_sdist(tmp_path)
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(data)
    refused(path, "does not decompress")


def test_refuses_several_gzip_members_of_which_it_would_read_one(tmp_path: Path) -> None:
    path = make_sdist(tmp_path)
    second = gzip.compress(tar_of([entry(f"{ROOT}/{n}") for n in range(99)]), mtime=0)
    path.write_bytes(path.read_bytes() + second)
    refused(path, "unpacks to 10240 bytes and promises")


@pytest.mark.parametrize("data", [b"", b"PK\3\4" + b"\0" * 40, b"<html>not found</html>" * 9])
def test_refuses_what_is_no_gzip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / f"{ROOT}.tar.gz"
    path.write_bytes(data)
    refused(path, "it is not a gzip file")


@pytest.mark.parametrize("tar", [b"", b"\0" * 10_240, b"no tar at all" * 900])
def test_refuses_a_gzip_that_is_no_tar(tmp_path: Path, tar: bytes) -> None:
    refused(write_tar(tmp_path, tar), "is not a usable sdist")


@pytest.mark.parametrize("blocks", [1, 2, 3, 5])
def test_refuses_a_tar_that_was_cut(tmp_path: Path, blocks: int) -> None:
    tar = tar_of([entry(f"{ROOT}/vllm/two.py", b"y" * 2000)])
    refused(write_tar(tmp_path, tar[: blocks * BLOCK]), "cut off|ends or is damaged|not a usable")


def test_refuses_a_damaged_header_where_tarfile_sees_the_end(tmp_path: Path) -> None:
    tar = bytearray(tar_of([entry(f"{ROOT}/vllm/{n}.py") for n in range(4)]))
    at = tar.index(f"{ROOT}/vllm/2.py".encode())
    tar[at] ^= 1
    with tarfile.open(fileobj=io.BytesIO(bytes(tar))) as archive:
        assert len(archive.getnames()) == 3, "the mistake that this test is about"
    refused(write_tar(tmp_path, bytes(tar)), "ends or is damaged after 3 members")


def test_refuses_what_stands_behind_the_end(tmp_path: Path) -> None:
    tar = tar_of([])
    refused(write_tar(tmp_path, tar + tar), "ends or is damaged after 1 members")


def test_refuses_a_negative_size_and_does_not_hang(tmp_path: Path) -> None:
    file = io.BytesIO()
    member, _ = entry(f"{ROOT}/loop.py")
    # A size in base 256 may be negative (GNU); this one leads back to the header itself.
    member.size = -BLOCK
    file.write(tar_of([])[: 2 * BLOCK])
    file.write(member.tobuf(tarfile.GNU_FORMAT))
    file.write(b"\0" * 4 * BLOCK)
    refused(write_tar(tmp_path, file.getvalue()), "cut off|ends or is damaged|not a usable")


def test_refuses_headers_that_are_nested_without_end(tmp_path: Path) -> None:
    long_name, _ = entry("././@LongLink", b"", type=tarfile.GNUTYPE_LONGNAME, size=BLOCK)
    nested = long_name.tobuf(tarfile.GNU_FORMAT) + b"n" * BLOCK
    refused(write_tar(tmp_path, nested * 4000 + tar_of([])), "is not a usable sdist")


@pytest.mark.parametrize("time", ["inf", "nan", "1e400"])
def test_refuses_or_survives_a_time_that_is_none(tmp_path: Path, time: str) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/x.py", pax_headers={"mtime": time}))
    refused(path, "is not a usable sdist")
