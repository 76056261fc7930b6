"""An unfinished download on disk: it grows, is hashed on the way, and goes when it is wrong."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from build_hooks.errors import OutputError
from build_hooks.fetch.part_file import PartFile

ROOT = Path(__file__).resolve().parents[3]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_hashes_what_it_writes(tmp_path: Path) -> None:
    with PartFile(tmp_path / "part") as part:
        part.append(b"one")
        part.append(b"")
        part.append(b"two")
        assert part.length == 6
        assert part.finish() == digest(b"onetwo")
    assert (tmp_path / "part").read_bytes() == b"onetwo"


def test_goes_on_where_an_earlier_one_ended(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"one")
    with PartFile(tmp_path / "part") as part:
        assert part.length == 3
        part.append(b"two")
        assert part.finish() == digest(b"onetwo")


def test_forgets_everything_on_reset(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"a long beginning")
    with PartFile(tmp_path / "part") as part:
        part.reset()
        part.append(b"two")
        assert part.finish() == digest(b"two")
    assert (tmp_path / "part").read_bytes() == b"two"


def test_every_byte_is_on_disk_before_it_is_closed(tmp_path: Path) -> None:
    with PartFile(tmp_path / "part") as part:
        part.append(b"one")
        assert (tmp_path / "part").read_bytes() == b"one"


def test_stays_when_something_else_fails(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "part")
    with pytest.raises(KeyboardInterrupt), part:  # noqa: PT012  (the interrupt comes in the middle)
        part.append(b"one")
        raise KeyboardInterrupt
    assert (tmp_path / "part").read_bytes() == b"one"


def test_goes_when_it_is_doomed(tmp_path: Path) -> None:
    with PartFile(tmp_path / "part") as part:
        part.append(b"wrong")
        part.doom()
    assert list(tmp_path.iterdir()) == []


def test_says_where_it_cannot_be_opened(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"cannot write the download .*part"),
        PartFile(tmp_path / "nowhere" / "part"),
    ):
        pytest.fail("opened")


FULL_DISK = """
import resource, sys
from pathlib import Path
from build_hooks.errors import OutputError
from build_hooks.fetch.part_file import PartFile
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with PartFile(Path(sys.argv[1])) as part:
        part.append(bytes(4000))
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "part")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "cannot write the download" in result.stdout
    assert "free some space" in result.stdout
    assert list(tmp_path.iterdir()) == []
