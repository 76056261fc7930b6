"""Children record for themselves, and neither repeat nor lose what is their parent's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.runtime.processes import (
    ran,
    session_of,
)

if TYPE_CHECKING:
    from pathlib import Path

# A row whose number is its step.
RECORD = "wheelwright_profile.recording.record('evictions', (time.time_ns(), {}, 3, 4, 5))"


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_children_of_multiprocessing_lose_nothing(tmp_path: Path, method: str) -> None:
    program = f"""
        import multiprocessing
        import child
        {RECORD.format(0)}
        context = multiprocessing.get_context({method!r})
        children = [context.Process(target=child.work, args=(rank,)) for rank in (1, 2)]
        for process in children:
            process.start()
        for process in children:
            process.join()
        assert [process.exitcode for process in children] == [0, 0]
        """
    (tmp_path / "child.py").write_text(
        "import time, wheelwright_profile\n"
        "def work(rank):\n"
        "    wheelwright_profile.recording.set_process('worker', rank)\n"
        "    wheelwright_profile.recording.fired('a')\n"
        f"    {RECORD.format('rank')}\n"
    )
    ran(tmp_path, program)
    session = session_of(tmp_path)
    found = {
        (stream.role, stream.rank): [row["step"] for row in stream.rows("evictions")]
        for stream in session.streams
    }
    assert found == {("main", None): [0], ("worker", 1): [1], ("worker", 2): [2]}
    assert len(list((tmp_path / "sessions").iterdir())) == 1
    assert session.notes == []
    main = next(stream for stream in session.streams if stream.role == "main")
    if method != "forkserver":
        assert {
            stream.process["parent_pid"] for stream in session.streams if stream is not main
        } == {main.pid}


def test_a_forked_child_forgets_what_is_its_parents(tmp_path: Path) -> None:
    printed, said = ran(
        tmp_path,
        f"""
        recording = wheelwright_profile.recording
        recording.trouble("of each process")
        count = emitted = 0
        def emit():
            nonlocal emitted
            if count > emitted:
                recording.record("evictions", (1, 100 + count, 0, 0, 0))
                emitted = count
        def forget():
            nonlocal count, emitted
            count = emitted = 0
        recording.on_flush(emit)
        recording.on_fork(forget)
        recording.set_process("engine_core")
        recording.step = 7
        {RECORD.format(1)}
        recording.flush()
        {RECORD.format(2)}
        recording.fired("parent")
        count = 5
        child = os.fork()
        if child == 0:
            assert recording.step == -1
            assert not any(item.name == "wheelwright_profile" for item in threading.enumerate())
            recording.set_process("worker", 0)
            recording.fired("child")
            recording.trouble("of each process")
            recording.trouble("of each process")
            {RECORD.format(3)}
            sys.exit()
        print(os.waitpid(child, 0)[1])
        {RECORD.format(4)}
        """,
    )
    assert printed == "0\n"
    assert said.count("of each process") == 2
    session = session_of(tmp_path)
    steps = {
        stream.role: [row["step"] for row in stream.rows("evictions")] for stream in session.streams
    }
    assert steps == {"engine_core": [1, 2, 4, 105], "worker": [3]}
    fired = {
        stream.role: [row["point"] for row in stream.rows("points")] for stream in session.streams
    }
    assert fired == {"engine_core": ["parent"], "worker": ["child"]}
    assert session.notes == []


def test_forks_in_the_middle_of_writes_never_hang_nor_repeat(tmp_path: Path) -> None:
    """Two threads write as fast as they can; each child of each fork records and ends."""
    ran(
        tmp_path,
        f"""
        recording = wheelwright_profile.recording
        stop = threading.Event()
        def write():
            while not stop.is_set():
                {RECORD.format(0)}
                recording.flush()
        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number in range(1, 31):
            child = os.fork()
            if child == 0:
                {RECORD.format("number")}
                recording.finish()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        stop.set()
        for thread in threads:
            thread.join()
        """,
    )
    session = session_of(tmp_path)
    children = [row["step"] for row in session.rows("evictions") if row["step"]]
    assert sorted(children) == list(range(1, 31))
    assert len(session.streams) == 31
    assert session.notes == []
