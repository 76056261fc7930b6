"""`python -m vllm.wheelwright live DIR` asks every process that was started with the variable."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[4]
RUNTIME = ROOT / "transforms/common/runtime/vllm"
DIGEST = "ab" * 32
ENGINE = "class Engine:\n    def step(self):\n        return 1\n"
INIT = "from vllm import wheelwright_checks\n\nwheelwright_checks.start()\n"
WAIT = "import time; print('there', flush=True); time.sleep(600)"
REBIND = "vllm.engine.Engine.step = lambda self: 2; "


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Install a package of a few files that says that one of them is patched."""
    package = tmp_path / "site" / "vllm"
    package.mkdir(parents=True)
    for name in ("wheelwright.py", "wheelwright_marks.py"):
        text = (RUNTIME / name).read_text(encoding="utf-8")
        (package / name).write_text(text.replace("@WHEELWRIGHT_DIGEST@", DIGEST), encoding="utf-8")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(RUNTIME / "wheelwright_checks", package / "wheelwright_checks", ignore=ignore)
    (package / "__init__.py").write_text(INIT)
    (package / "engine.py").write_text(ENGINE)
    sha256 = hashlib.sha256(ENGINE.encode()).hexdigest()
    described = {
        "digest": DIGEST,
        "patches": [],
        "files": [{"path": "vllm/engine.py", "sha256_after": sha256}],
    }
    (package / "wheelwright.json").write_text(json.dumps(described))
    return package.parent


@pytest.fixture
def start(site: Path, tmp_path: Path) -> Iterator[Callable[[str], int]]:
    """Give a function that starts a process with the variable, and ends them all afterwards."""
    started: list[subprocess.Popen[str]] = []

    def begin(program: str) -> int:
        env = {**os.environ, "PYTHONPATH": str(site), "WHEELWRIGHT_LIVE": str(tmp_path / "live")}
        command = [sys.executable, "-c", program]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        return process.pid

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def asked(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = site / "vllm/wheelwright.py"
    command = [sys.executable, str(script), "live", str(folder), "--timeout", "60", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def states(site: Path, folder: Path, code: int) -> dict[int, dict[str, Any]]:
    done = asked(site, folder, "--json")
    assert done.returncode == code, done.stderr
    document = json.loads(done.stdout)
    schema = ROOT / "docs/schemas/installed/live.schema.json"
    jsonschema.validate(document, json.loads(schema.read_text(encoding="utf-8")))
    assert document["good"] is (code == 0)
    return {row["pid"]: row for row in document["processes"]}


def test_every_process_answers_for_itself(
    site: Path, start: Callable[[str], int], tmp_path: Path
) -> None:
    good = start(f"import vllm.engine; {WAIT}")
    found = states(site, tmp_path / "live", 0)
    assert {pid: row["state"] for pid, row in found.items()} == {good: "patched"}
    assert (found[good]["modules"], found[good]["built"]) == (1, 2)

    idle, bad, stock = (
        start(f"import vllm; {WAIT}"),
        start(f"import vllm.engine; {REBIND}{WAIT}"),
        start(WAIT),
    )
    found = states(site, tmp_path / "live", 1)
    shown = {pid: row["state"] for pid, row in found.items()}
    if not Path("/proc").is_dir():
        shown[stock] = "stock"
    assert shown == {good: "patched", idle: "patched", bad: "rebound", stock: "stock"}
    assert found[idle]["modules"] == 0
    (row,) = found[bad]["rebound"]
    assert (row["module"], row["name"], row["by"]["name"]) == (
        "vllm.engine",
        "Engine.step",
        "<lambda>",
    )
    text = asked(site, tmp_path / "live").stdout
    assert "vllm.engine.Engine.step  (?)" in text
    assert text.splitlines()[-1] == "FAIL: 2 patched, 1 rebound, 1 stock"


def test_a_process_that_is_forked_answers_too(
    site: Path, start: Callable[[str], int], tmp_path: Path
) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("nothing is forked here")
    parent = start(
        "import os, vllm.engine\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    vllm.engine.Engine.step = lambda self: 2\n"
        "    import time; time.sleep(60)\n" + WAIT
    )
    until = time.monotonic() + 30
    while len(list((tmp_path / "live").glob("[0-9]*.json"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.1)
    found = states(site, tmp_path / "live", 1)
    (child,) = set(found) - {parent}
    assert (found[parent]["state"], found[child]["state"]) == ("patched", "rebound")
    os.kill(child, 9)


def test_another_build_is_named(site: Path, start: Callable[[str], int], tmp_path: Path) -> None:
    pid = start(f"import vllm.engine; {WAIT}")
    script = site / "vllm/wheelwright.py"
    script.write_text(script.read_text().replace(DIGEST, "cd" * 32))
    found = states(site, tmp_path / "live", 1)
    assert (found[pid]["state"], found[pid]["digest"]) == ("other build", DIGEST)


def test_who_is_gone_is_not_asked_and_nobody_is_no_pass(
    site: Path, start: Callable[[str], int], tmp_path: Path
) -> None:
    start(f"import vllm.engine; {WAIT}")
    (said,) = (tmp_path / "live").glob("*.json")
    document = json.loads(said.read_text())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (said.with_name(f"{gone.pid}.json")).write_text(json.dumps({**document, "pid": gone.pid}))
    assert gone.pid not in states(site, tmp_path / "live", 0)
    (tmp_path / "empty").mkdir()
    done = asked(site, tmp_path / "empty")
    assert (done.returncode, done.stdout) == (1, "FAIL: no process answers\n")


def test_wrong_use(site: Path, tmp_path: Path) -> None:
    done = asked(site, tmp_path / "missing")
    assert done.returncode == 2
    assert "start the engine with WHEELWRIGHT_LIVE set to it" in done.stderr


def test_without_the_variable_nothing_is_started(site: Path) -> None:
    program = (
        "import sys, threading, vllm; "
        "print(threading.active_count(), 'vllm.wheelwright_checks.answering' in sys.modules)"
    )
    env = {key: value for key, value in os.environ.items() if key != "WHEELWRIGHT_LIVE"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**env, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 False\n"


def test_a_folder_that_cannot_be_written_stops_nothing(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "import vllm; print('on')"],
        env={**os.environ, "PYTHONPATH": str(site), "WHEELWRIGHT_LIVE": str(tmp_path / "file")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "on\n"
    assert "vllm.wheelwright: WHEELWRIGHT_LIVE=" in done.stderr
