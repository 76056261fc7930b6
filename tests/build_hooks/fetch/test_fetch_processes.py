"""Fetching in real processes: several at once, killed in the middle, on a full disk."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build_hooks.fetch import fetch
from build_hooks.fetch.cache import Cache
from tests.build_hooks.index_server import IndexServer, files_in, without_configuration
from tests.build_hooks.sample_archives import locked, noise

ROOT = Path(__file__).resolve().parents[3]
NAME = "vllm-0.33.0.tar.gz"


@pytest.fixture(autouse=True)
def _no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_configuration(tmp_path, monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


CHILD = """
import sys
from pathlib import Path
from build_hooks.errors import WheelwrightError
from build_hooks.fetch import fetch
from tests.build_hooks.fetch.test_fetch_processes import BIG_ENTRY
if len(sys.argv) > 3:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    print("started", flush=True)
    print(fetch(BIG_ENTRY, cache=Path(sys.argv[1]), index=sys.argv[2], backoff=0.001))
except WheelwrightError as error:
    print(error)
    sys.exit(error.exit_code)
"""
BIG = noise(4_000_000, "big")
BIG_ENTRY = locked(BIG, NAME)


def start(cache: Path, server: IndexServer, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(cache), server.url, *more]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_processes_that_want_the_same_file_fetch_it_once(cache: Path) -> None:
    with IndexServer({NAME: BIG}, delay=0.01).running() as server:
        processes = [start(cache, server) for _ in range(3)]
        outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert server.downloads(NAME) == [None]
    assert files_in(cache) == {NAME, f"{NAME}.stamp"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_an_interrupted_download_harms_nothing_and_is_resumed(cache: Path, number: int) -> None:
    slot = Cache(cache).slot(BIG_ENTRY.sha256, NAME)
    with IndexServer({NAME: BIG}, delay=0.05).running() as server:
        process = start(cache, server)
        deadline = time.monotonic() + 30
        while not (slot.part.exists() and slot.part.stat().st_size > 300_000):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode != 0
        assert slot.state() == "missing"
        size = slot.part.stat().st_size
        assert 300_000 < size < len(BIG)
        assert slot.part.read_bytes() == BIG[:size]
        server.delay = 0
        server.requests.clear()
        path = fetch(BIG_ENTRY, cache=cache, index=server.url)
        assert server.downloads(NAME) == [f"bytes={size}-"]
    assert path.read_bytes() == BIG
    assert files_in(cache) == {NAME, f"{NAME}.stamp"}


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_full_disk_is_an_output_error_and_leaves_nothing(cache: Path) -> None:
    with IndexServer({NAME: BIG}).running() as server:
        process = start(cache, server, "1000000")
        out, err = process.communicate(timeout=60)
        assert process.returncode == 7, err
        assert "cannot write the download" in out
        assert len(server.downloads(NAME)) == 1
    assert files_in(cache) == set()
