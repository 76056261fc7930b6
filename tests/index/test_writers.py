"""Writers at the same time, and writers that are killed, in a folder and in S3."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY, environment, run, run_json
from tests.build_hooks.sample_archives import make_wheel, save
from tests.index.servers import BUCKET

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.index

WRITERS, FILES, KILLED = 2, 12, 6


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "public")
    return f"s3://{BUCKET}/{tmp_path.name}"


def dists(folder: Path) -> list[Path]:
    """Write the files of each writer."""
    made = []
    for writer in range(WRITERS):
        made.append(folder / f"dist-{writer}")
        for number in range(FILES):
            version = f"0.{writer}.{number}+musa"
            save(made[-1] / f"vllm-{version}-py3-none-any.whl", make_wheel(version))
    return made


def start(folder: Path, place: str, env: dict[str, str]) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "build_hooks", "index", "build", str(folder), "--to", place]
    return subprocess.Popen(
        words, cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def test_two_writers_at_once_lose_nothing(
    place: str, objects: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    env = environment(**objects[1])
    writers = [start(folder, place, env) for folder in dists(tmp_path)]
    for writer in writers:
        assert writer.wait(300) == 0, writer.communicate()[1]
        writer.communicate()
    report = run_json("index", "check", place, env=env)
    assert (report["files"], report["problems"], report["notes"]) == (WRITERS * FILES, [], [])


def test_killed_writers_leave_what_the_next_one_goes_on_from(
    place: str, objects: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    env = environment(**objects[1])
    folders = dists(tmp_path)
    run_json("index", "build", folders[0], "--to", place, env=env)
    began = time.monotonic()
    run_json("index", "build", folders[0], "--to", place, env=env)
    whole = time.monotonic() - began
    seeded = random.Random(place.partition(":")[0])  # noqa: S311 - moments, no secrets
    for _ in range(KILLED):
        writer = start(folders[1], place, env)
        time.sleep(whole * seeded.uniform(0.3, 1.2))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    # A client's view: whatever pages say is there. Pages behind their entries are the next one's.
    report = json.loads(run("index", "check", place, "--json", env=env).stdout)
    behind = ("does not say what the entries say", "is missing: `index build` writes it")
    for problem in report["problems"]:
        assert problem["problem"].startswith((*behind, "leads to about/")), problem
        assert problem["name"].endswith((".html", ".json", "/"))
    run_json("index", "build", folders[1], "--to", place, env=env, timeout=300)
    report = run_json("index", "check", place, env=env)
    assert (report["files"], report["problems"]) == (WRITERS * FILES, [])
