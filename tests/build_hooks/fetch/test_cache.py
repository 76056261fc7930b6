"""The cache: whole files only, trusted by a stamp, written by one process at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build_hooks.errors import OutputError
from build_hooks.fetch.cache import (
    Cache,
    Slot,
    cache_root,
    hash_file,
    output_errors,
)
from tests.build_hooks.sample_archives import locked, save

DATA = b"the bytes of an artifact"
ENTRY = locked(DATA)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    return Cache(tmp_path / "cache").slot(ENTRY.sha256, ENTRY.filename)


def fill(slot: Slot, data: bytes = DATA) -> Path:
    with slot.claim():
        slot.part.write_bytes(data)
        return slot.commit()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/vllm-wheelwright"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "~/.cache/vllm-wheelwright"),
        ("linux", {"XDG_CACHE_HOME": ""}, "~/.cache/vllm-wheelwright"),
        ("freebsd14", {}, "~/.cache/vllm-wheelwright"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "~/Library/Caches/vllm-wheelwright"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/vllm-wheelwright"),
        ("win32", {}, "~/AppData/Local/vllm-wheelwright"),
    ],
)
def test_the_folder_is_where_the_platform_keeps_such_things(
    platform: str, variables: dict[str, str], expected: str
) -> None:
    assert cache_root(None, variables, platform) == Path(expected).expanduser()


def test_the_setting_beats_the_platform(tmp_path: Path) -> None:
    assert cache_root(tmp_path, {"XDG_CACHE_HOME": "/x"}, "linux") == tmp_path
    assert cache_root(Path("here"), {}).is_absolute()


def test_a_file_lies_under_its_own_digest(slot: Slot, tmp_path: Path) -> None:
    digest = ENTRY.sha256
    folder = tmp_path / "cache" / "sha256" / digest[:2] / digest
    assert slot.path == folder / "vllm-0.33.0.tar.gz"


def test_an_empty_cache_has_nothing(slot: Slot, tmp_path: Path) -> None:
    assert slot.state() == "missing"
    assert list(tmp_path.iterdir()) == []


def test_a_committed_file_is_good_and_its_part_is_gone(slot: Slot) -> None:
    assert fill(slot).read_bytes() == DATA
    assert slot.state() == "good"
    assert not slot.part.exists()


def test_a_stamped_file_is_not_read_again(slot: Slot) -> None:
    """Same size, time and inode: only `rehash` sees the change, so nothing was read."""
    path = fill(slot)
    status = path.stat()
    path.write_bytes(DATA.upper())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert slot.state() == "good"
    assert slot.state(rehash=True) == "corrupt"


@pytest.mark.parametrize("data", [DATA.upper(), DATA[:-1], b""])
def test_a_changed_file_is_corrupt(slot: Slot, data: bytes) -> None:
    fill(slot).write_bytes(data)
    os.utime(slot.path, ns=(1, 1))
    assert slot.state() == "corrupt"


def test_a_touched_file_is_hashed_and_stamped_anew(slot: Slot) -> None:
    os.utime(fill(slot), ns=(1, 1))
    assert slot.state() == "good"
    assert json.loads(slot.stamp.read_bytes())["mtime_ns"] == 1


def test_a_copied_cache_is_hashed_once_and_good(slot: Slot, tmp_path: Path) -> None:
    fill(slot)
    shutil.copytree(tmp_path / "cache", tmp_path / "copy")
    copy = Cache(tmp_path / "copy").slot(ENTRY.sha256, ENTRY.filename)
    assert json.loads(copy.stamp.read_bytes())["inode"] != copy.path.stat().st_ino
    assert copy.state() == "good"
    assert json.loads(copy.stamp.read_bytes())["inode"] == copy.path.stat().st_ino


@pytest.mark.parametrize("stamp", [b"", b"{", b"\xff", b"[]", b'{"size": 1}'])
def test_a_broken_stamp_costs_a_hash_and_no_more(slot: Slot, stamp: bytes) -> None:
    fill(slot)
    slot.stamp.write_bytes(stamp)
    assert slot.state() == "good"
    assert json.loads(slot.stamp.read_bytes())["sha256"] == ENTRY.sha256


def test_a_cache_that_cannot_be_stamped_still_serves(slot: Slot) -> None:
    fill(slot)
    slot.stamp.unlink()
    slot.stamp.mkdir()
    assert slot.state() == "good"
    slot.path.write_bytes(DATA.upper())
    assert slot.state() == "corrupt"


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX's")
def test_a_read_only_cache_still_serves(slot: Slot) -> None:
    fill(slot)
    slot.stamp.unlink()
    slot.path.parent.chmod(0o555)
    try:
        if os.access(slot.path.parent, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert slot.state() == "good"
        assert not slot.stamp.exists()
    finally:
        slot.path.parent.chmod(0o755)


def test_discard_leaves_only_the_lock(slot: Slot) -> None:
    fill(slot)
    slot.part.write_bytes(b"half")
    slot.discard()
    assert [path.name for path in slot.path.parent.iterdir()] == ["vllm-0.33.0.tar.gz.lock"]
    slot.discard()


def test_adopt_moves_a_file_to_where_its_digest_says(slot: Slot, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    path = cache.adopt(save(tmp_path / "cache" / "incoming" / "x", DATA), ENTRY.filename)
    assert path == slot.path
    assert slot.state() == "good"
    again = cache.adopt(save(tmp_path / "cache" / "incoming" / "x", DATA), ENTRY.filename)
    assert again == slot.path
    assert list((tmp_path / "cache" / "incoming").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    slot = Cache(tmp_path / "file").slot(ENTRY.sha256, ENTRY.filename)
    with pytest.raises(OutputError) as caught, slot.claim():
        pytest.fail("claimed")
    assert str(tmp_path / "file") in str(caught.value)
    assert "`cache`" in str(caught.value)


def test_a_cache_inside_a_file_reads_as_an_output_error(tmp_path: Path) -> None:
    slot = Cache(save(tmp_path / "file", b"")).slot(ENTRY.sha256, ENTRY.filename)
    with pytest.raises(OutputError, match="cannot read"):
        slot.state()


def test_output_errors_lets_other_errors_through(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="other"), output_errors("cannot", tmp_path):
        raise ValueError("other")


def test_hashes_files_longer_than_a_chunk(tmp_path: Path) -> None:
    data = os.urandom((1 << 20) + 17)
    assert hash_file(save(tmp_path / "file", data)) == locked(data).sha256


HOLD = """
import sys, time
from pathlib import Path
from build_hooks.fetch.cache import Slot
with Slot(Path(sys.argv[1]), "").claim():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_claim_waits_for_another_process_and_says_so(tmp_path: Path) -> None:
    slot = Slot(tmp_path / "file", "")
    waited: list[str] = []
    with hold(slot.path, 1.0) as process:
        started = time.monotonic()
        with slot.claim(lambda: waited.append("waited")):
            assert time.monotonic() - started > 0.3
    assert waited == ["waited"]
    assert process.returncode == 0


def test_a_killed_process_releases_its_claim(tmp_path: Path) -> None:
    slot = Slot(tmp_path / "file", "")
    with hold(slot.path, 60) as process:
        process.kill()
        process.wait()
        waited: list[str] = []
        with slot.claim(lambda: waited.append("waited")):
            assert waited == []
