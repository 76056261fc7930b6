"""The small release as a patched binary wheel: what is not changed is upstream's."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_hooks.backend import prepare_metadata_for_build_wheel
from build_hooks.building import build
from build_hooks.errors import UsageError
from build_hooks.settings import Settings
from tests.build_hooks.command_line import run_json
from tests.build_hooks.small_release import (
    COMMON_FILES,
    OWN_FILES,
    PATCHES,
    PKG_INFO,
    RELEASE,
)
from tests.build_hooks.small_wheel import (
    INFO,
    LIBRARY,
    NAME,
    OURS,
    TAG,
    TOOL,
    members,
)
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGED = {
    *COMMON_FILES,
    "vllm/config/vllm.py",
    "vllm/platforms/interface.py",
    "vllm/v1/worker/gpu_worker.py",
}
ADDED = {*OWN_FILES}
DESCRIBED = (f"{OURS}/wheelwright/", f"{OURS}/sboms/")
MANIFEST = f"{OURS}/wheelwright/manifest.json"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def settings(source: Path) -> Settings:
    return Settings(source=str(source), only=PATCHES)


def headers(data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Walk the records from the first byte on, as a reader does that sees no directory yet."""
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        flags = int.from_bytes(data[at + 6 : at + 8], "little")
        assert not flags & 8, "a length is unknown"
        packed, _, name, extra = struct.unpack_from("<2L2H", data, at + 18)
        start = at + 30 + name + extra
        yield (
            data[at + 30 : at + 30 + name].decode(),
            data[at : start + packed],
            data[start:][:packed],
        )
        at = start + packed
    assert data[at : at + 4] == b"PK\1\2"


def packed_bytes(path: Path) -> dict[str, bytes]:
    return {name: packed for name, _, packed in headers(path.read_bytes())}


def test_is_named_as_upstreams_with_the_label(patched: Path) -> None:
    assert patched.name == f"vllm-{RELEASE}+musa-{TAG}.whl"


def test_what_is_not_changed_is_upstreams_record_bit_for_bit(upstream: Path, patched: Path) -> None:
    theirs = {name: record for name, record, _ in headers(upstream.read_bytes())}
    ours = {name: record for name, record, _ in headers(patched.read_bytes())}
    kept = {name for name in theirs if name.startswith("vllm/")} - CHANGED
    assert LIBRARY in kept
    for name in kept:
        assert ours[name] == theirs[name], name


def test_modes_and_times_of_kept_files_stay_and_ours_have_the_newest(
    upstream: Path, patched: Path
) -> None:
    before, after = members(upstream), members(patched)
    assert after[LIBRARY].external_attr >> 16 == after[TOOL].external_attr >> 16 == 0o100755
    for name, info in after.items():
        old = before.get(name.replace(OURS, INFO))
        assert info.external_attr == (old.external_attr if old else 0o100644 << 16), name
        assert info.date_time == (2026, 9, 21, 14, 13, 20), name
        assert info.create_system == 3, name


def test_times_of_new_members_can_be_set(
    upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    times = {
        name: info.date_time
        for name, info in members(build(settings(upstream), tmp_path).path).items()
    }
    ours = {name for name, time in times.items() if time == (2020, 9, 13, 12, 26, 40)}
    described = {name for name in times if name.startswith(DESCRIBED)}
    assert len(described) > 3
    rewritten = {f"{OURS}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    assert ours == CHANGED | ADDED | described | rewritten
    assert {times[name] for name in times if name not in ours} == {(2026, 9, 21, 14, 13, 20)}


def test_changed_and_added_files_are_those_of_the_manifest(upstream: Path, patched: Path) -> None:
    before, after = contents(upstream), contents(patched)
    assert {name for name in before if after.get(name) != before[name]} - CHANGED == {
        name for name in before if name.startswith(INFO)
    }
    manifest = json.loads(after[MANIFEST])
    assert {file["path"] for file in manifest["files"]} == CHANGED | ADDED
    for file in manifest["files"]:
        assert hashlib.sha256(after[file["path"]]).hexdigest() == file["sha256_after"]
    assert manifest["artifact"] == {
        "filename": NAME,
        "kind": "wheel",
        "sha256": hashlib.sha256(upstream.read_bytes()).hexdigest(),
        "size": upstream.stat().st_size,
    }


def test_no_old_record_is_left(patched: Path) -> None:
    seen = [name for name, _, _ in headers(patched.read_bytes())]
    assert seen == list(members(patched))
    assert len(seen) == len({*seen})
    assert not any(name.startswith(INFO) for name in seen)


def test_members_are_in_upstreams_order_then_ours_and_record_is_last(
    upstream: Path, patched: Path
) -> None:
    order = list(members(patched))
    kept = [name for name in members(upstream) if name.startswith("vllm/") and name not in CHANGED]
    assert order[: len(kept)] == kept
    rest = order[len(kept) :]
    assert rest[: len(CHANGED | ADDED)] == sorted(CHANGED | ADDED)
    described = rest[len(CHANGED | ADDED) : -1]
    assert described == sorted(described)
    assert order[-1] == f"{OURS}/RECORD"


def test_record_names_every_file_with_its_hash_and_size(patched: Path) -> None:
    files = contents(patched)
    text = files[f"{OURS}/RECORD"].decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == list(files)
    for name, digest, size in rows[:-1]:
        value = base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "=")
        assert value == hashlib.sha256(files[name]).digest(), name
        assert size == str(len(files[name]))
    assert rows[-1] == [f"{OURS}/RECORD", "", ""]
    assert '"vllm/configs/E=1,N=2,device_name=A.json",sha256=' in text


def test_upstreams_own_description_stays(upstream: Path, patched: Path) -> None:
    before, after = contents(upstream), contents(patched)
    for name in ("licenses/LICENSE", "entry_points.txt", "top_level.txt"):
        assert after[f"{OURS}/{name}"] == before[f"{INFO}/{name}"]
        assert packed_bytes(patched)[f"{OURS}/{name}"] == packed_bytes(upstream)[f"{INFO}/{name}"]
    expected = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {RELEASE}+musa")
    assert after[f"{OURS}/METADATA"].decode() == expected
    assert after[f"{OURS}/WHEEL"].decode().splitlines()[2:] == [
        "Root-Is-Purelib: false",
        f"Tag: {TAG}",
    ]


def test_prepared_metadata_are_those_of_the_wheel(
    upstream: Path, patched: Path, tmp_path: Path
) -> None:
    prepared = prepare_metadata_for_build_wheel(
        str(tmp_path), {"source": str(upstream), "only": ",".join(PATCHES)}
    )
    assert prepared == OURS
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    files = contents(patched)
    expected = {name for name in files if name.startswith(OURS)}
    expected -= {name for name in expected if name.startswith((*DESCRIBED, f"{OURS}/RECORD"))}
    assert written == {name: files[name] for name in expected}


def test_show_and_verify_know_it(patched: Path) -> None:
    assert run_json("verify", patched)["good"] is True
    manifest = run_json("show", patched)["manifest"]
    assert (manifest["version"], manifest["artifact"]["kind"]) == (f"{RELEASE}+musa", "wheel")


def test_two_builds_give_the_same_bytes(upstream: Path, patched: Path, tmp_path: Path) -> None:
    copy = shutil.copy(upstream, tmp_path)
    again = build(settings(Path(copy)), tmp_path / "dist").path
    assert again.read_bytes() == patched.read_bytes()


def test_a_wheel_of_our_own_is_refused(patched: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was built by vllm-wheelwright") as caught:
        build(settings(patched), tmp_path)
    assert "all platforms in one build" in caught.value.next_step
