"""A diagnosis says what is compiled in and what fired where; its verdict and exit code agree."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import (
    Done,
    opened,
    package,
    run,
    run_good,
)
from tests.transforms.platforms.profile.runtime.command.sessions import Recorded

if TYPE_CHECKING:
    from pathlib import Path

POINTS = package("points").POINTS
PATCHES = sorted({point.patch for point in POINTS})


def wheel(**outcomes: str) -> dict[str, Any]:
    """Give a manifest in which every patch is applied, but for some."""
    return {
        "distribution": "vllm",
        "version": "0.33.0+profile",
        "release": "0.33.0",
        "platforms": ["profile"],
        "digest": "0" * 64,
        "patches": [
            {"name": "wheelwright/self_description", "outcome": "applied"},
            *(
                {"name": f"profile/{name}", "outcome": outcomes.get(name, "applied")}
                for name in PATCHES
            ),
        ],
    }


def diagnose(folder: Path, fired: dict[str, int], **outcomes: str) -> Done:
    core = Recorded(role="engine_core", fired=fired)
    written = sessions.write(folder, [core])
    return run("diagnose", written, "--json", wheel=wheel(**outcomes))


def states(done: Done) -> dict[str, str]:
    return {point["name"]: point["state"] for point in done.document["points"]}


def test_what_fired_is_counted_in_each_process(folder: Path) -> None:
    document = run_good("diagnose", folder, "--json").document
    points = {point["name"]: point for point in document["points"]}
    forward = points["forward.ends"]
    assert forward["fired"] == sum(forward["processes"].values()) == 798
    labels = {str(one["number"]): one["label"] for one in document["session"]["processes"]}
    assert {labels[number] for number in forward["processes"]} == {"worker 0", "worker 1"}
    text = run_good("diagnose", folder).out
    assert text.splitlines()[-1].startswith("PASS: 5 of ")


def test_every_point_is_listed_with_its_reasons(folder: Path) -> None:
    text = run_good("diagnose", folder).out
    for point in POINTS:
        assert f"  {point.name} " in text
    assert "normally silent: the KV cache has room for all requests that run" in text


def test_steps_without_a_forward_pass_fail(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"requests.added": 3, "scheduler.schedule": 5})
    assert done.code == 1
    verdict = done.document["verdict"]
    assert (verdict["good"], verdict["failures"]) == (False, ["forward"])
    assert verdict["text"].startswith("FAIL: forward should have fired and did not")
    found = states(done)
    assert found["forward.ends"] == found["forward_v2.ends"] == "missing"
    assert found["scheduler.schedule"] == "fired"


def test_forward_passes_without_a_step_fail(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"forward_v2.ends": 3})
    assert (done.code, done.document["verdict"]["failures"]) == (1, ["schedule"])


def test_either_model_runner_will_do(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"scheduler.schedule": 5, "forward_v2.ends": 5})
    assert done.code == 0
    assert states(done)["forward.ends"] == "silent"


def test_an_engine_that_nobody_has_asked_passes(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"processes.engine_core": 1})
    assert (done.code, states(done)["scheduler.schedule"]) == (0, "not yet")
    quiet = diagnose(tmp_path / "b", {"processes.engine_core": 1})
    assert "no reason to" in quiet.document["verdict"]["text"]


def test_a_request_that_no_step_was_made_for_fails(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"requests.added": 1})
    assert (done.code, done.document["verdict"]["failures"]) == (1, ["schedule", "forward"])


def test_points_of_patches_that_the_release_does_not_have_are_no_failure(tmp_path: Path) -> None:
    fired = {"scheduler.schedule": 5, "forward.ends": 5}
    done = diagnose(tmp_path, fired, forward_v2="excluded")
    assert states(done)["forward_v2.ends"] == "not compiled in"
    assert done.code == 0


def test_the_text_names_the_wheel_and_its_patches(folder: Path) -> None:
    done = run("diagnose", folder, wheel=wheel(forward_v2="excluded"))
    assert done.out.startswith("Wheel: vllm 0.33.0+profile (profile)\n  applied: block_pool, ")
    assert "\n  excluded: forward_v2\n" in done.out
    assert "the patch profile/forward_v2 is excluded in this wheel" in done.out


def test_an_unreadable_manifest_is_said(folder: Path) -> None:
    done = run_good("diagnose", folder)
    assert done.out.splitlines()[0].endswith("this is no wheel")
    document = run_good("diagnose", folder, "--json").document
    assert {point["compiled_in"] for point in document["points"]} == {"unknown"}


def test_without_a_session_it_says_what_is_compiled_in(tmp_path: Path) -> None:
    environment = {"VLLM_PROFILING_DIR": str(tmp_path)}
    done = run("diagnose", wheel=wheel(), environment=environment)
    assert done.code == 0
    assert "VLLM_ENABLE_PROFILING=1" in done.out
    assert f"  VLLM_PROFILING_DIR={tmp_path}" in done.out
    assert done.out.splitlines()[-1] == (
        f"PASS: {len(POINTS)} of {len(POINTS)} points are compiled in;"
        " there is no session to say which of them fired"
    )
    assert max(map(len, done.out.splitlines())) <= 100


def test_the_newest_session_is_the_default(folder: Path) -> None:
    environment = {"VLLM_PROFILING_DIR": str(folder.parent)}
    document = run_good("diagnose", "--json", environment=environment).document
    assert document["session"]["name"] == folder.name


def test_processes_that_ended_are_told(folder: Path) -> None:
    processes = run_good("diagnose", folder, "--json").document["session"]["processes"]
    assert [one["state"] for one in processes] == ["ended"] * 4
    assert all(one["silent_seconds"] >= 0 for one in processes)


PROGRAM = """
import sys, time
from pathlib import Path
from tests.transforms.platforms.profile.loaded import load, switched_on
recording = load(switched_on(Path(sys.argv[1]), session=sys.argv[2])).recording
recording.set_process("engine_core")
recording.fired("processes.engine_core")
recording.flush()
print("there", flush=True)
time.sleep(600)
"""


def test_a_running_engine_runs_until_it_is_killed(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path), sessions.NAME]
    with subprocess.Popen(words, cwd=sessions.REPOSITORY, stdout=subprocess.PIPE) as engine:
        assert engine.stdout
        assert engine.stdout.readline() == b"there\n"
        process = opened(tmp_path / sessions.NAME).processes[0]
        state = package("command.diagnose.alive").state
        assert process.pid == engine.pid
        assert state(process) == "runs"
        engine.kill()
        # Killed, and not yet waited for: a zombie.
        deadline = time.monotonic() + 20
        while state(process) == "runs" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert state(process) == "ended"


def proc(folder: Path, pid: int, *, began: float) -> Path:
    """Play the kernel: a process with brackets in its name that began at some time."""
    (folder / str(pid)).mkdir(parents=True)
    (folder / "stat").write_text("cpu 1\nbtime 1000\n", encoding="ascii")
    ticks = round((began - 1000) * os.sysconf("SC_CLK_TCK"))
    fields = ["S", *["0"] * 18, str(ticks), "0"]
    (folder / str(pid) / "stat").write_text(f"{pid} (a) b) {' '.join(fields)}\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(("began", "state"), [(2000, "runs"), (2100, "ended")])
def test_a_process_id_that_came_round_again_is_another_process(
    folder: Path, tmp_path: Path, began: float, state: str
) -> None:
    process = replace(opened(folder).processes[0], pid=77, began_ns=2050 * 10**9)
    found = package("command.diagnose.alive").state(process, proc(tmp_path, 77, began=began))
    assert found == state


def test_a_process_of_another_host_cannot_be_seen(folder: Path) -> None:
    process = replace(opened(folder).processes[0], host="elsewhere")
    assert package("command.diagnose.alive").state(process) == "on elsewhere"
