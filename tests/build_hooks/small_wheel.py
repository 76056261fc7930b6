"""The small release as a binary wheel: what setuptools and auditwheel would write."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

from tests.build_hooks.sample_archives import noise
from tests.build_hooks.small_release import PKG_INFO, RELEASE, small_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO

TAG = "py3-none-any"
NAME = f"vllm-{RELEASE}-{TAG}.whl"
INFO = f"vllm-{RELEASE}.dist-info"
RECORD = f"{INFO}/RECORD"
OURS = f"vllm-{RELEASE}+musa.dist-info"
LIBRARY, TOOL = "vllm/_C.abi3.so", "vllm/tool.sh"
DATE = (2026, 9, 21, 14, 13, 20)
# Upstream's wheels are renamed after they are made.
WHEEL_FILE = """\
Wheel-Version: 1.0
Generator: setuptools (80.10.2)
Root-Is-Purelib: false
Tag: cp312-cp312-linux_x86_64

"""


def small_contents(info: str = INFO, **texts: str) -> dict[str, bytes]:
    """Give the wheel's files by path, all but RECORD.

    Args:
        info: the `.dist-info` folder.
        texts: see `small_files`; `metadata` and `wheel` for these files.
    """
    own = {
        name: texts.pop(name, text)
        for name, text in (("metadata", PKG_INFO), ("wheel", WHEEL_FILE))
    }
    package = {
        name: data for name, data in small_files(**texts).items() if name.startswith("vllm/")
    }
    return {
        **package,
        LIBRARY: noise(300_000),
        f"{info}/licenses/LICENSE": b"Apache License\n" * 100,
        f"{info}/METADATA": own["metadata"].encode(),
        f"{info}/WHEEL": own["wheel"].encode(),
        f"{info}/entry_points.txt": b"[console_scripts]\nvllm = vllm.entrypoints:main\n",
        f"{info}/top_level.txt": b"vllm\n",
    }


def record_rows(files: Mapping[str, bytes], path: str = RECORD) -> list[list[str]]:
    """Give the rows of a true RECORD.

    Args:
        files: all files but RECORD.
        path: where RECORD is.
    """
    rows = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        rows.append([name, f"sha256={digest}", str(len(data))])
    return [*rows, [path, "", ""]]


def as_csv(rows: list[list[str]]) -> bytes:
    """Write rows as a RECORD has them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def write_members(
    target: Path | BinaryIO,
    files: Mapping[str, bytes],
    *,
    executable: tuple[str, ...] = (LIBRARY, TOOL),
    method: int = zipfile.ZIP_DEFLATED,
) -> None:
    """Write files as a zip, and nothing else.

    Args:
        target: the archive.
        files: what goes into it, RECORD included; a name with a slash at its end is a folder.
        executable: the files that have mode 0755.
        method: how they are compressed.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, DATE)
            member.compress_type, member.create_system = method, 3
            member.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(member, data)


def small_wheel(folder: Path, name: str = NAME, **texts: str) -> Path:
    """Write the release as a wheel.

    Args:
        folder: where it goes.
        name: its file name.
        texts: see `small_contents`.
    """
    info = "-".join(name.split("-")[:2]) + ".dist-info"
    return wheel_of(folder / name, small_contents(info, **texts), f"{info}/RECORD")


def wheel_of(path: Path, files: Mapping[str, bytes], record: str = RECORD) -> Path:
    """Write files and their RECORD as a wheel.

    Args:
        path: the wheel.
        files: what goes into it.
        record: the path of RECORD in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = {name: data for name, data in files.items() if not name.endswith("/")}
    write_members(path, {**files, record: as_csv(record_rows(listed, record))})
    return path


def members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """Give what a wheel's directory says of its files.

    Args:
        path: the wheel.
    """
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info for info in archive.infolist()}
