"""What a wheel may hold, and that nothing of any other is used."""

from __future__ import annotations

import stat
import struct
import tracemalloc
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import ArtifactError
from tests.build_hooks.artifact.archives import lie_about_size, make_zip, set_central

if TYPE_CHECKING:
    from pathlib import Path


def refused(path: Path, why: str, *, unpacked: int | None = None) -> None:
    with pytest.raises(ArtifactError, match=why) as caught:
        WheelTree(path, unpacked=unpacked)
    assert path.name in str(caught.value)
    assert "nothing of it was used" in str(caught.value)


def info(name: str, mode: int = 0) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (2026, 11, 1, 12, 0, 0))
    member.create_system = 3
    member.external_attr = mode << 16
    return member


def test_gives_files_with_their_bits_and_the_newest_time(tmp_path: Path) -> None:
    tool = info("vllm/tool.sh", 0o100755)
    path = make_zip(tmp_path, ("vllm/sub/", b""), (tool, b"#!\n"), (info("vllm/e"), b""))
    tree = WheelTree(path)
    assert sorted(tree) == ["vllm/__init__.py", "vllm/e", "vllm/tool.sh"]
    assert tree.read("vllm/tool.sh") == b"#!\n"
    assert tree.read("vllm/e") == b""
    assert [name for name in tree if tree.is_executable(name)] == ["vllm/tool.sh"]
    assert tree.newest >= 1_793_534_400
    assert "vllm/sub/" not in tree


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "an absolute path"),
        ("../x.py", r"a path with '\.\.'"),
        ("C:/x.py", "a drive letter"),
        ("vllm\\x.py", "a backslash"),
        ("vllm/a\0b.py", "a control character"),
        ("vllm//x.py", r"an empty or '\.' part"),
    ],
)
def test_refuses_a_hostile_name(tmp_path: Path, name: str, why: str) -> None:
    member = info("placeholder")
    member.filename = member.orig_filename = name
    refused(make_zip(tmp_path, (member, b"x")), why)


def test_refuses_a_name_in_an_old_code_page(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/gr?n.py", b"x"))
    path.write_bytes(path.read_bytes().replace(b"gr?n", b"gr\x81n"))
    refused(path, "not marked as UTF-8")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK])
def test_refuses_links_and_devices(tmp_path: Path, kind: int) -> None:
    refused(make_zip(tmp_path, (info("vllm/link", kind | 0o777), b"/etc/x")), "a link or device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_a_member_twice(tmp_path: Path) -> None:
    refused(make_zip(tmp_path, ("vllm/__init__.py", b"y")), "the member .* twice")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("vllm/__INIT__.py", "equal but for case"),
        ("VLLM/other.py", "equal but for case"),
        ("vllm/__init__.py/x.py", "as a file and as a folder"),
        ("vllm/__init__.py/", "as a file and as a folder"),
    ],
)
def test_refuses_names_that_have_one_place(tmp_path: Path, name: str, why: str) -> None:
    refused(make_zip(tmp_path, (name, b"")), why)


def test_refuses_more_than_the_lock_allows(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/zeros", b"\0" * 10_000_000))
    assert path.stat().st_size < 20_000
    refused(path, "10000006 bytes when unpacked, more than the 50000 allowed", unpacked=50_000)
    assert len(WheelTree(path, unpacked=10_000_006).read("vllm/zeros")) == 10_000_000


def test_unpacks_no_more_than_a_member_promises(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/zeros", b"\0" * 200_000_000))
    lie_about_size(path, size=10, crc_of=b"\0" * 10)
    tree = WheelTree(path, unpacked=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ArtifactError, match="longer or shorter than it promises"):
            tree.read("vllm/zeros")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_refuses_a_member_that_is_shorter_than_it_promises(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n" * 100))
    lie_about_size(path, size=700, crc_of=b"x = 1\n" * 100)
    with pytest.raises(ArtifactError, match="size or its checksum is wrong"):
        WheelTree(path).read("vllm/x.py")


def test_refuses_a_wrong_checksum(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    set_central(path, offset=16, value=struct.pack("<L", zlib.crc32(b"other")))
    with pytest.raises(ArtifactError, match=r"'vllm/x\.py' cannot be read: .*checksum is wrong"):
        WheelTree(path).read("vllm/x.py")


def test_refuses_compressed_bytes_that_are_damaged(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", bytes(range(256)) * 9))
    data = bytearray(path.read_bytes())
    at = data.index(b"vllm/x.py") + len(b"vllm/x.py")
    data[at : at + 20] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"'vllm/x\.py' cannot be read"):
        WheelTree(path).read("vllm/x.py")


def test_refuses_another_name_in_the_header_than_in_the_directory(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    path.write_bytes(path.read_bytes().replace(b"vllm/x.py", b"vllm/y.py", 1))
    with pytest.raises(ArtifactError, match="its header and the directory differ"):
        WheelTree(path).read("vllm/x.py")


def test_refuses_an_encrypted_member(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    for flag in (0x1, 0x41, 0x2000):
        set_central(path, offset=8, value=struct.pack("<H", flag))
        refused(path, "an encrypted member")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 1, 9, 93, 99])
def test_refuses_another_compression_than_wheels_have(tmp_path: Path, method: int) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    set_central(path, offset=10, value=struct.pack("<H", method))
    refused(path, "an unexpected compression method")


def test_refuses_patched_data(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    refused(set_central(path, offset=8, value=b"\x20\x00"), "an unexpected compression method")


def test_refuses_a_zip_of_a_later_format(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    refused(set_central(path, offset=6, value=b"\xff\x00"), "is not a usable wheel")


def test_refuses_a_truncated_zip(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", bytes(range(256)) * 40))
    whole = path.read_bytes()
    for length in (0, 4, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refused(path, "is not a usable wheel")


def test_refuses_a_member_that_lies_behind_the_end(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    set_central(path, offset=42, value=struct.pack("<L", path.stat().st_size - 4))
    with pytest.raises(ArtifactError, match=r"'vllm/x\.py' cannot be read"):
        WheelTree(path).read("vllm/x.py")


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b" + b"\0" * 99, b"<html>" * 99])
def test_refuses_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "vllm-1.0-py3-none-any.whl"
    path.write_bytes(data)
    refused(path, "is not a usable wheel")


def test_reads_a_member_without_a_date(tmp_path: Path) -> None:
    path = make_zip(tmp_path, ("vllm/x.py", b"x = 1\n"))
    set_central(path, offset=12, value=b"\0\0\0\0")
    assert WheelTree(path).read("vllm/x.py") == b"x = 1\n"
