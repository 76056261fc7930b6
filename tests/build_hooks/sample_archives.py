"""Small but true sdists and wheels, and what the lock says of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from build_hooks.lock import Kind, LockedArtifact

if TYPE_CHECKING:
    from pathlib import Path

DATE = datetime(2026, 11, 1, 12, 0, 0, tzinfo=timezone.utc)
X86 = "cp38-abi3-manylinux_2_28_x86_64"


def noise(size: int, seed: str = "noise") -> bytes:
    """Give bytes that do not compress, the same ones every time."""
    blocks = (hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def make_sdist(release: str = "0.33.0", *, name: str = "vllm", payload: int = 0) -> bytes:
    """Give an sdist as setuptools writes it, with `payload` bytes that do not compress."""
    files = {
        "PKG-INFO": f"Metadata-Version: 2.4\nName: {name}\nVersion: {release}\n"
        "Requires-Python: <3.15,>=3.11\n",
        "vllm/__init__.py": "",
    }
    contents = {path: text.encode() for path, text in files.items()}
    contents["payload.bin"] = noise(payload)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for n, (path, content) in enumerate(contents.items()):
            member = tarfile.TarInfo(f"{name}-{release}/{path}")
            member.size, member.mtime = len(content), int(DATE.timestamp()) - n
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def make_wheel(release: str = "0.33.0", *, name: str = "vllm", tags: str = "py3-none-any") -> bytes:
    """Give a wheel that pip can install."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n"
    info = f"{name.replace('-', '_')}-{release}.dist-info"
    files = {
        "vllm/__init__.py": "",
        f"{info}/METADATA": metadata + "Requires-Python: >=3.10\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            member = zipfile.ZipInfo(path, (2026, 11, 1, 12, 0, 0))
            archive.writestr(member, text)
    return file.getvalue()


def locked(
    data: bytes = b"bytes",
    filename: str = "vllm-0.33.0.tar.gz",
    *,
    release: str = "0.33.0",
    kind: Kind = "sdist",
    distribution: str = "vllm",
) -> LockedArtifact:
    """Give the lock's entry for some bytes."""
    return LockedArtifact(
        distribution=distribution,
        release=release,
        kind=kind,
        filename=filename,
        size=len(data),
        unpacked=max(1, 4 * len(data)),
        sha256=hashlib.sha256(data).hexdigest(),
        date=DATE,
        requires_python=">=3.10",
    )


def save(path: Path, data: bytes) -> Path:
    """Write bytes where no folder may be yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
