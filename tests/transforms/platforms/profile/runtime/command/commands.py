"""Load and run the commands as `vllm/wheelwright.py` does: without vLLM, recording nothing."""

from __future__ import annotations

import importlib
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.profile.loaded import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Not the name that tests of the recorder load anew: these modules stay.
NAME = "read_profile"
WHEEL: Mapping[str, Any] = {"problem": "this is no wheel"}


def package(name: str) -> ModuleType:
    """Import a module of the package, e.g. `command.perfetto`."""
    if NAME not in sys.modules:
        bare = ModuleType(NAME)
        bare.__path__ = [str(FOLDER)]
        sys.modules[NAME] = bare
    return importlib.import_module(f"{NAME}.{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended.

    Attributes:
        code: its exit code.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
    """

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """What it wrote, as JSON."""
        return json.loads(self.out)


def run(
    *words: str | Path,
    wheel: Mapping[str, Any] = WHEEL,
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run a command in this process."""
    main = package("command").main
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(word) for word in words], wheel=wheel, environment=environment or {})
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
    return Done(code=code, out=out.getvalue(), err=err.getvalue())


def run_good(*words: str | Path, environment: Mapping[str, str] | None = None) -> Done:
    """Run a command that has nothing to complain about."""
    done = run(*words, environment=environment)
    assert (done.code, done.err) == (0, ""), done
    return done


def opened(folder: Path) -> Any:  # noqa: ANN401 - `command.session.Session`
    """Read a session with all of its tables."""
    return package("command.session").open_session(folder, package("tables").TABLES)
