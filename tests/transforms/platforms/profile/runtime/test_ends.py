"""However a process ends, what it recorded is there: all of it, or all but the last half second."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.runtime.processes import (
    FORMATS,
    begun,
    ended,
    ran,
    session_of,
)

if TYPE_CHECKING:
    from pathlib import Path

# A row whose number is its step.
RECORD = "wheelwright_profile.recording.record('evictions', (time.time_ns(), {}, 3, 4, 5))"


@pytest.mark.parametrize("form", FORMATS)
def test_a_process_that_is_killed_keeps_all_up_to_the_last_flush(tmp_path: Path, form: str) -> None:
    process = begun(
        tmp_path,
        f"""
        flushed = threading.Semaphore(0)
        wheelwright_profile.recording.on_flush(flushed.release)
        wheelwright_profile.recording.set_process("engine_core")
        for step in range(500):
            {RECORD.format("step")}
        for _ in range(2):  # when the second begins, the first has ended
            flushed.acquire()
        for step in range(500, 700):
            {RECORD.format("step")}
        print("recorded", flush=True)
        while True:
            step += 1
            {RECORD.format("step")}
            time.sleep(0.001)
        """,
        form=form,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "recorded\n"
    process.kill()
    ended(process, -signal.SIGKILL)
    session = session_of(tmp_path)
    steps = [row["step"] for row in session.rows("evictions")]
    assert steps == list(range(len(steps)))
    assert len(steps) >= 500
    (stream,) = session.streams
    assert (stream.role, stream.path.suffix) == ("engine_core", f".{form}")
    assert (session.metadata["schema"], session.metadata["session"]) == (1, session.name)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("return", 0),
        ("sys.exit(3)", 3),
        ("raise RuntimeError('the engine fails')", 1),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); os.kill(os.getpid(), 15)", 4),
    ],
)
def test_an_orderly_end_writes_everything(tmp_path: Path, form: str, end: str, code: int) -> None:
    process = begun(tmp_path, f"{RECORD.format(1)}\n{RECORD.format(2)}\n{end}", form=form)
    ended(process, code)
    session = session_of(tmp_path)
    assert [row["step"] for row in session.rows("evictions")] == [1, 2]
    assert session.notes == []


def test_what_is_recorded_at_the_very_end_is_written_too(tmp_path: Path) -> None:
    ran(
        tmp_path,
        f"""
        import atexit
        atexit.register(lambda: {RECORD.format(2)})
        {RECORD.format(1)}
        atexit.register(lambda: {RECORD.format(0)})
        """,
    )
    assert [row["step"] for row in session_of(tmp_path).rows("evictions")] == [1, 0, 2]


def test_counters_are_asked_before_what_was_there_earlier_is_torn_down(tmp_path: Path) -> None:
    ran(
        tmp_path,
        f"""
        import atexit, multiprocessing.util
        there = True
        def tear_down():
            nonlocal there
            there = False
        atexit.register(tear_down)
        def emit():
            wheelwright_profile.recording.record("evictions", (1, 1 if there else -1, 0, 0, 0))
        wheelwright_profile.recording.on_flush(emit)
        {RECORD.format(0)}
        """,
    )
    steps = [row["step"] for row in session_of(tmp_path).rows("evictions")]
    assert steps[:2] == [0, 1]


def test_rows_of_many_threads_are_written_once_each(tmp_path: Path) -> None:
    ran(
        tmp_path,
        f"""
        sys.setswitchinterval(1e-5)
        def work(first):
            for step in range(first, first + 2000):
                {RECORD.format("step")}
                if step % 50 == 0:
                    wheelwright_profile.recording.flush()
        threads = [threading.Thread(target=work, args=(2000 * item,)) for item in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """,
    )
    session = session_of(tmp_path)
    assert sorted(row["step"] for row in session.rows("evictions")) == list(range(8000))
    assert session.notes == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_costs_rows_and_no_more(tmp_path: Path, form: str) -> None:
    printed, said = ran(
        tmp_path,
        f"""
        import pathlib, resource
        recording = wheelwright_profile.recording
        {RECORD.format(0)}
        recording.flush()
        (path,) = pathlib.Path({str(tmp_path / "sessions")!r}).glob("*/main-*")
        whole = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (whole + 50, resource.RLIM_INFINITY))
        for step in range(1, 10):
            {RECORD.format("step")}
            recording.flush()
        assert path.stat().st_size == whole
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        {RECORD.format(10)}
        print("the engine goes on")
        """,
        form=form,
    )
    assert printed == "the engine goes on\n"
    assert said.count("\n") == 1
    assert "cannot write to" in said
    assert "File too large (said once; the engine goes on)" in said
    session = session_of(tmp_path)
    # The rest until the next attempt, which is the end of the process.
    assert [row["step"] for row in session.rows("evictions")] == [0, 10]
    losses = {row["lost"]: row["rows"] for row in session.rows("losses")}
    assert losses["evictions"] == 9
    assert session.notes == []


@pytest.mark.parametrize("kind", ["a file is in the way", "read-only"])
def test_a_folder_that_cannot_be_written_costs_rows_and_no_more(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "sessions"
    become = ""
    if kind == "read-only":
        folder.mkdir(mode=0o500)
        if os.geteuid() == 0:  # who may write anywhere
            become = "import multiprocessing.util; os.setuid(65534)"
    else:
        folder.write_text(kind)
    printed, said = ran(
        tmp_path,
        f"""
        {become}
        for step in range(5):
            {RECORD.format("step")}
            wheelwright_profile.recording.flush()
        print("the engine goes on")
        """,
    )
    assert printed == "the engine goes on\n"
    assert said.count("\n") == 1
    assert f"cannot write to {folder}/session_" in said
    assert folder.is_file() or list(folder.iterdir()) == []


def test_an_import_alone_writes_nothing(tmp_path: Path) -> None:
    ran(tmp_path, "pass")
    assert not (tmp_path / "sessions").exists()


def test_off_nothing_is_written_nor_set_nor_begun(tmp_path: Path) -> None:
    process = begun(
        tmp_path,
        """
        before = {name for name in os.environ if "PROFILING" in name}
        assert before == set(), before
        assert wheelwright_profile.on is False
        assert threading.active_count() == 1
        loaded = [name for name in sys.modules if name.startswith("wheelwright_profile.")]
        print(*sorted(loaded))
        """,
        profiling=False,
    )
    printed, said = ended(process)
    assert printed == "wheelwright_profile.settings\n"
    assert said == ""
    assert not (tmp_path / "sessions").exists()


def test_on_an_import_loads_no_library_of_others(tmp_path: Path) -> None:
    printed, _ = ran(
        tmp_path,
        """
        others = {"torch", "numpy", "pyarrow", "vllm", "multiprocessing"}
        print(sorted(others & {name.split(".")[0] for name in sys.modules}))
        """,
    )
    assert printed == "[]\n"
