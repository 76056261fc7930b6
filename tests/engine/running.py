"""Run programs in the engine's environments, and keep all that is known of a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.engine.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.engine.environment import Environments
    from tests.engine.sessions import Row

PROGRAMS = Path(__file__).resolve().parent
_TIMEOUT = 600.0
# One thread, and no process bound to a core: two engines may share two cores.
_QUICK = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
}
_NO_NETWORK = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_DO_NOT_TRACK": "1"}
_NOT_OURS = ("VLLM_", "PYTHON", "PYTEST", "OMP_", "RAY_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a program.

    Attributes:
        code: its exit code.
        log: all that it and its children wrote.
        answer: what `generate.py` wrote; empty for other programs, and where it did not come to it.
        profiling: the folder for sessions that it was given; need not be there.
    """

    code: int
    log: str
    answer: Mapping[str, Any]
    profiling: Path

    def tokens(self, name: str) -> list[list[int]]:
        """Give what an engine generated, by prompt."""
        assert self.code == 0, self.log[-4000:]
        tokens: list[list[int]] = self.answer["engines"][name]["tokens"]
        return tokens

    def figures(self, name: str) -> list[dict[str, int]]:
        """Give an engine's own figures, one for each step: what `generate.watch` saw."""
        figures: list[dict[str, int]] = self.answer["engines"][name]["figures"]
        return figures

    def steps(self, name: str) -> list[Row]:
        """Give what was recorded for an engine in the main process, one row for each step."""
        before = 0
        for engine in self.answer["engines"]:
            if engine == name:
                break
            before += len(self.figures(engine))
        rows = self.session().stream("main").rows("steps")
        return rows[before : before + len(self.figures(name))]

    def session(self) -> Session:
        """Give the session that all of the program's processes shared."""
        folders = sorted(self.profiling.glob("*"))
        assert len(folders) == 1, (folders, self.log[-4000:])
        return Session(folders[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a program runs, and what it is given.

    Attributes:
        environments: all environments.
        name: which of them, `stock` or `patched`.
        folder: a folder of its own, for what it writes.
        variables: what is added to its environment.
    """

    environments: Environments
    name: str
    folder: Path
    variables: Mapping[str, str]

    def with_variables(self, **variables: str) -> Place:
        """Give the same place with more in its environment."""
        return replace(self, variables={**self.variables, **variables})

    def with_path(self, folder: Path) -> Place:
        """Give the same place with a folder in front of all others that Python looks into."""
        have = self.variables.get("PYTHONPATH", "")
        return self.with_variables(PYTHONPATH=os.pathsep.join(filter(None, [str(folder), have])))

    def distribution(self, name: str, version: str) -> Path:
        """Make what says that a distribution is installed, and nothing more; give its folder."""
        described = self.folder / "path" / f"{name.replace('-', '_')}-{version}.dist-info"
        described.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (described / "METADATA").write_text(text)
        return described

    @property
    def profiling(self) -> Path:
        """The folder for sessions; whoever writes one makes it."""
        return Path(self.variables.get("VLLM_PROFILING_DIR", str(self.folder / "profiling")))

    def environment(self) -> dict[str, str]:
        """Give the environment: this machine's, without anything that decides what vLLM does."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_NOT_OURS)}
        kept["PATH"] = f"{self.environments.python(self.name).parent}{os.pathsep}{kept['PATH']}"
        # What is compiled once serves all runs. vLLM's key keeps stock and patched code apart.
        cache = {"VLLM_CACHE_ROOT": str(self.environments.folder / "cache")}
        config = {"VLLM_CONFIG_ROOT": str(self.folder / "config")}
        own = {"VLLM_PROFILING_DIR": str(self.profiling), **cache, **config}
        return {**kept, **_QUICK, **_NO_NETWORK, **own, **self.variables}

    def start(
        self, *words: str | Path, prefix: Sequence[str | Path] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a Python program in a group of its own; what it says goes to `log`.

        Args:
            words: after `python`.
            prefix: a command that runs the rest of its arguments.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*prefix, self.environments.python(self.name), *words],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self) -> str:
        """Give all that was said until now."""
        return (self.folder / "log").read_text(errors="replace")

    def finish(self, process: subprocess.Popen[bytes], timeout: float = _TIMEOUT) -> Run:
        """Wait for a program, end what it left behind, and give what came of it.

        Raises:
            TimeoutExpired: it took too long; all of it was ended.
        """
        try:
            code = process.wait(timeout)
        finally:
            end_group(process.pid)
        answer = self.folder / "answer.json"
        return Run(
            code=code,
            log=self.log(),
            answer=json.loads(answer.read_text()) if answer.is_file() else {},
            profiling=self.profiling,
        )

    def generate(
        self, engines: Sequence[Mapping[str, Any]], prefix: Sequence[str | Path] = ()
    ) -> subprocess.Popen[bytes]:
        """Start `generate.py` on some engines.

        Args:
            engines: what each of them is, and what it does.
            prefix: a command that runs the rest of its arguments.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        work = self.folder / "work.json"
        work.write_text(json.dumps(engines))
        words = (PROGRAMS / "generate.py", work, self.folder / "answer.json")
        return self.start(*words, prefix=prefix)

    def run(self, *words: str | Path) -> Run:
        """Run a Python program to its end."""
        return self.finish(self.start(*words))


def end_group(group: int) -> None:
    """End every process of a group, if there still is one."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
