"""pip and uv install a patched binary wheel; uv also while it downloads, by the headers."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.index_server import IndexServer
from tests.build_hooks.small_release import RELEASE
from tests.build_hooks.small_wheel import LIBRARY
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path


def with_pip(wheel: Path, folder: Path) -> list[str]:
    return ["-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), str(wheel)]


def with_uv(wheel: Path, folder: Path) -> list[str]:
    return ["-m", "uv", "pip", "install", "-q", "--no-deps", "--target", str(folder), str(wheel)]


@pytest.mark.parametrize("install", [with_pip, with_uv])
def test_pip_and_uv_install_it(patched: Path, tmp_path: Path, install: object) -> None:
    subprocess.run([sys.executable, *install(patched, tmp_path)], check=True)  # type: ignore[operator]
    files = contents(patched)
    for name, data in files.items():
        if not name.endswith("/RECORD"):
            assert (tmp_path / name).read_bytes() == data, name
    assert (tmp_path / LIBRARY).stat().st_mode & 0o111 == 0o111


def over_http(wheel: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let uv install a wheel from an index: it unpacks while it downloads."""
    with IndexServer({wheel.name: wheel.read_bytes()}).running() as index:
        words = ["--no-deps", "--no-config", "--cache-dir", str(folder / "cache")]
        return subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--target", str(folder / "site")),
                *("--index-url", index.url, *words, f"vllm=={RELEASE}+musa"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )


def test_uv_takes_it_over_http(patched: Path, tmp_path: Path) -> None:
    done = over_http(patched, tmp_path)
    assert done.returncode == 0, done.stderr
    for name, data in contents(patched).items():
        if not name.endswith("/RECORD"):
            assert (tmp_path / "site" / name).read_bytes() == data, name


def test_uv_over_http_would_not_take_an_old_record(patched: Path, tmp_path: Path) -> None:
    """The oracle above can fail: this is what appending to an archive leaves behind."""
    name = b"vllm/config/vllm.py"
    deflate = zlib.compressobj(wbits=-15)
    old = deflate.compress(b"old") + deflate.flush()
    fields = (20, 0, 8, 0, 33, zlib.crc32(b"old"), len(old), 3, len(name), 0)
    record = struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name + old
    data = patched.read_bytes()
    begin = data.index(b"PK\1\2")
    directory = bytearray(data[begin:])
    at = 0
    while directory[at : at + 4] == b"PK\1\2":
        offset = int.from_bytes(directory[at + 42 : at + 46], "little")
        struct.pack_into("<L", directory, at + 42, offset + len(record))
        at += 46 + sum(struct.unpack_from("<3H", directory, at + 28))
    struct.pack_into("<L", directory, len(directory) - 6, begin + len(record))
    wheel = tmp_path / patched.name
    wheel.write_bytes(record + data[:begin] + directory)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
    assert over_http(wheel, tmp_path).returncode != 0
