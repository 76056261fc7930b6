"""Whatever is wrong: one message, its own exit code, nothing half-written, the cache unharmed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.artifact.archives import entry, make_sdist
from tests.build_hooks.command_line import (
    REPOSITORY,
    assert_clean_failure,
    environment,
    limited,
    run,
)
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import (
    ONLY,
    RELEASE,
    WHEEL,
    WORKER,
    small_files,
    small_sdist,
    write_sdist,
)

if TYPE_CHECKING:
    from pathlib import Path

# Nothing listens on the discard port of this machine (RFC 863).
NOWHERE = "http://127.0.0.1:9/simple"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return tmp_path / "dist"


def assert_nothing_written(folder: Path) -> None:
    assert not folder.exists() or list(folder.iterdir()) == []


def assert_builds_again(project: Project, dist: Path) -> None:
    """Assert that what went wrong has harmed nothing."""
    done = project.build("-o", dist)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in dist.iterdir()] == [WHEEL]
    assert project.kept() == [f"vllm-{RELEASE}.tar.gz"]


def test_an_unknown_key(project: Project, dist: Path) -> None:
    done = project.hook(f"backend.build_wheel({str(dist)!r}, {{'platfrom': 'musa'}})")
    message = assert_clean_failure(done, 2)
    assert message == "error: setting -C platfrom is unknown (did you mean 'platform'?)\n"
    assert_nothing_written(dist)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-p", "muse"], "no platform 'muse' (did you mean 'musa'?)"),
        (["--only", "musa/is_musa"], "no patch 'musa/is_musa' (did you mean 'musa/"),
        (["--skip", "musa/x"], "no patch 'musa/x'"),
        (["--distribution", "vlm"], "setting 'distribution' is 'vlm' (did you mean 'vllm'?)"),
        (["--source", "sdsit"], "no such file or folder: sdsit"),
    ],
)
def test_an_unknown_value(project: Project, dist: Path, words: list[str], message: str) -> None:
    assert message in assert_clean_failure(project.build("-o", dist, *words), 2)
    assert_nothing_written(dist)


@pytest.mark.parametrize("release", ["0.33.1", "latest"])
def test_an_unknown_release(project: Project, dist: Path, release: str) -> None:
    message = assert_clean_failure(project.build("-o", dist, "--vllm", release), 3)
    assert f"the lock holds no release {release!r} of vllm" in message
    assert "next: " in message
    assert_nothing_written(dist)
    assert project.kept() == []


def test_no_network(project: Project, dist: Path) -> None:
    started = time.monotonic()
    done = project.build("-o", dist, VLLM_WHEELWRIGHT_INDEX=NOWHERE, NO_PROXY="*")
    message = assert_clean_failure(done, 4)
    assert f"vllm-{RELEASE}.tar.gz" in message
    assert "127.0.0.1:9" in message
    assert time.monotonic() - started < 60
    assert_nothing_written(dist)
    assert_builds_again(project, dist)


def test_offline_with_an_empty_cache(project: Project, dist: Path) -> None:
    message = assert_clean_failure(project.build("-o", dist, "--offline"), 4)
    assert "is not in the cache, and `offline` is set" in message
    assert_nothing_written(dist)
    assert_builds_again(project, dist)
    (dist / WHEEL).unlink()
    done = project.build("-o", dist, "--offline", VLLM_WHEELWRIGHT_INDEX=NOWHERE)
    assert done.returncode == 0, done.stderr


def test_a_wrong_hash(project: Project, dist: Path, tmp_path: Path) -> None:
    other = small_sdist(tmp_path / "other", worker="raise SystemExit('hostile')\n")
    message = assert_clean_failure(
        project.build("-o", dist, VLLM_WHEELWRIGHT_INDEX=str(other.parent)), 5
    )
    assert f"vllm-{RELEASE}.tar.gz" in message
    assert_nothing_written(dist)
    assert project.kept() == []
    assert_builds_again(project, dist)


def test_a_truncated_archive_on_the_index(project: Project, dist: Path) -> None:
    served = project.index / f"vllm-{RELEASE}.tar.gz"
    whole = served.read_bytes()
    served.write_bytes(whole[: len(whole) // 2])
    done = project.build("-o", dist)
    assert done.returncode in {4, 5}
    assert_clean_failure(done, done.returncode)
    assert_nothing_written(dist)
    served.write_bytes(whole)
    assert_builds_again(project, dist)


def test_a_truncated_archive_on_disk(dist: Path, sdist: Path, tmp_path: Path) -> None:
    cut = tmp_path / sdist.name
    cut.write_bytes(sdist.read_bytes()[:-100])
    message = assert_clean_failure(run("build", "--source", cut, "-o", dist), 6)
    assert f"{sdist.name} is not a usable sdist" in message or "it is cut off" in message
    assert_nothing_written(dist)


def test_a_hostile_archive(dist: Path, tmp_path: Path) -> None:
    hostile = make_sdist(tmp_path, entry("vllm-1.0/../../evil.py"))
    message = assert_clean_failure(run("build", "--source", hostile, "-o", dist), 6)
    assert "is refused: it holds a path with '..'" in message
    assert_nothing_written(dist)
    assert not list(tmp_path.rglob("evil.py"))


def test_a_name_in_the_metadata_that_leads_out_of_the_folder(dist: Path, tmp_path: Path) -> None:
    pkg_info = small_files()["PKG-INFO"].decode().replace("Name: vllm", "Name: ../evil")
    hostile = small_sdist(tmp_path / "hostile", pkg_info=pkg_info)
    message = assert_clean_failure(
        run("build", "--source", hostile, "-o", dist / "inner", "--only", ONLY), 6
    )
    assert "'../evil'" in message
    assert_nothing_written(dist)


def test_a_full_disk_while_the_wheel_is_written(sdist: Path, dist: Path) -> None:
    done = run(
        *("build", "--source", sdist, "-o", dist, "--only", ONLY),
        preexec_fn=lambda: limited(2000),
    )
    message = assert_clean_failure(done, 7)
    assert f"{WHEEL} cannot be written: File too large" in message
    assert "next: free space or choose another folder" in message
    assert_nothing_written(dist)


def test_a_full_disk_keeps_the_wheel_of_before(sdist: Path, dist: Path) -> None:
    dist.mkdir()
    (dist / WHEEL).write_bytes(b"the wheel of before")
    words = ("build", "--source", sdist, "-o", dist, "--only", ONLY)
    assert_clean_failure(run(*words, preexec_fn=lambda: limited(2000)), 7)
    assert [path.read_bytes() for path in dist.iterdir()] == [b"the wheel of before"]


def test_a_full_disk_while_an_artifact_is_fetched(project: Project, dist: Path) -> None:
    done = run(
        *("build", "-o", dist, "--only", ONLY),
        project=project.root,
        env=project.environment(),
        preexec_fn=lambda: limited(500),
    )
    assert "cannot" in assert_clean_failure(done, 7)
    assert_nothing_written(dist)
    assert_builds_again(project, dist)


def test_an_unwritable_output(sdist: Path, tmp_path: Path) -> None:
    # A path below a file: permissions would not stop root.
    (tmp_path / "file").write_bytes(b"kept")
    for below in ("dist", "dist/deeper"):
        output = tmp_path / "file" / below
        done = run("build", "--source", sdist, "-o", output, "--only", ONLY)
        assert f"{WHEEL} cannot be written: " in assert_clean_failure(done, 7)
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_an_unwritable_cache(project: Project, dist: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = project.build("-o", dist, VLLM_WHEELWRIGHT_CACHE=str(tmp_path / "file" / "cache"))
    assert f"{tmp_path / 'file' / 'cache'}" in assert_clean_failure(done, 7)
    assert_nothing_written(dist)


def test_a_patch_that_drifted(dist: Path, tmp_path: Path) -> None:
    worker = WORKER.replace('device_type == "cuda"', 'device_kind == "cuda"')
    drifted = small_sdist(tmp_path / "drifted", worker=worker)
    message = assert_clean_failure(run("build", "--source", drifted, "-o", dist, "--only", ONLY), 1)
    first, *others = message.splitlines()
    assert re.fullmatch(
        r"error: musa/worker_device_type: drifted on 0\.33\.0: "
        r"edit \d of \d matched 0 sites, expected 1",
        first,
    )
    assert others == [
        "  vllm/v1/worker/gpu_worker.py  in Worker.init_device",
        '    looked for   self.device_config.device_type == "cuda"',
        '    closest      self.device_config.device_kind == "cuda"    line 4',
        "    differs in: .device_type -> .device_kind",
        "  drop it when: init_device does not compare the device type with the literal 'cuda'",
        (
            "  next: compare it with line 4, and write an edit for that code, or leave 0.33.0 out "
            "of `versions` (>=0.14)"
        ),
        "FAIL: 3 applied, 1 drifted",
    ]
    assert_nothing_written(dist)


def interrupted(command: list[str | Path], folder: Path, number: int) -> tuple[int, str]:
    """Send a signal to a build in the middle of writing; give its exit code and its message."""
    # A session of its own, as a terminal gives it, so that the signal meets nobody else.
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until = time.monotonic() + 60
        while not list(folder.glob(".*.tmp")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.001)
        process.send_signal(number)
        _, message = process.communicate(timeout=60)
        return process.returncode, message


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an sdist that takes seconds to be written: it does not compress."""
    noise = bytes(bytearray(range(256)) * 2000)
    payload = {
        f"vllm/data/{number}.bin": bytes(b ^ (number * 7 % 251) for b in noise[:1000]) + noise * 4
        for number in range(60)
    }
    path = tmp_path_factory.mktemp("large") / f"vllm-{RELEASE}.tar.gz"
    return write_sdist(path, {**small_files(), **payload})


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGINT, 130, "interrupted: nothing was left half-written\n"),
        (signal.SIGTERM, 143, ""),
    ],
)
def test_ctrl_c_and_termination(
    large: Path, dist: Path, number: int, code: int, message: str
) -> None:
    dist.mkdir()
    words = ("build", "--source", large, "-o", dist, "--only", ONLY)
    command: list[str | Path] = [sys.executable, "-m", "build_hooks", *words]
    assert interrupted(command, dist, number) == (code, message)
    assert_nothing_written(dist)


def test_ctrl_c_in_a_front_ends_hook(large: Path, dist: Path) -> None:
    dist.mkdir()
    settings = {"source": str(large), "only": ONLY}
    program = f"from build_hooks import backend; backend.build_wheel({str(dist)!r}, {settings!r})"
    code, message = interrupted([sys.executable, "-c", program], dist, signal.SIGINT)
    assert (code, message) == (130, "interrupted: nothing was left half-written\n")
    assert_nothing_written(dist)
