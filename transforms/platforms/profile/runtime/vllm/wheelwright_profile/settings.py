# SPDX-License-Identifier: Apache-2.0
"""What the environment asks for, and the session that this process belongs to.

| variable | meaning | default |
|---|---|---|
| `VLLM_ENABLE_PROFILING` | 1 records, 0 does not | 0 |
| `VLLM_PROFILING_DIR` | the folder that sessions are made in | /tmp/vllm_profiling |
| `VLLM_PROFILING_LOG_INTERVAL` | the costly tables take one step in so many | 100 |
| `VLLM_PROFILING_VERBOSE` | 1 says on the log what is written, and where | 0 |
| `VLLM_PROFILING_DEBUG` | 1 adds a traceback to each trouble on the log | 0 |
| `VLLM_PROFILING_SESSION` | the session's name | set by the first process, for its children |
"""

from __future__ import annotations

import calendar
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

ENABLE = "VLLM_ENABLE_PROFILING"
DIRECTORY = "VLLM_PROFILING_DIR"
INTERVAL = "VLLM_PROFILING_LOG_INTERVAL"
VERBOSE = "VLLM_PROFILING_VERBOSE"
DEBUG = "VLLM_PROFILING_DEBUG"
SESSION = "VLLM_PROFILING_SESSION"

# Below vLLM's own logger, so that its handlers and levels hold; it needs none of its modules.
LOGGER = "vllm.wheelwright_profile"

DEFAULT_DIRECTORY = Path("/tmp/vllm_profiling")  # noqa: S108 - what ProfileMate's users know
DEFAULT_INTERVAL = 100

_TIME = "%Y%m%d_%H%M%S"
_NAME = re.compile(r"session_(\d{8}_\d{6})_[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process does about recording.

    Attributes:
        on: whether it records at all.
        directory: the folder that the session's folder is in; absolute.
        interval: the costly tables take one step in so many.
        verbose: whether to say on the log what is written.
        debug: whether to log tracebacks.
        session: the name of the session's folder; empty where it is off.
    """

    on: bool
    directory: Path = DEFAULT_DIRECTORY
    interval: int = DEFAULT_INTERVAL
    verbose: bool = False
    debug: bool = False
    session: str = ""

    @property
    def folder(self) -> Path:
        """The session's own folder."""
        return self.directory / self.session

    @property
    def started_ns(self) -> int:
        """When the session began, in ns since the epoch: the second that its name says."""
        return started_ns(self.session)


def read_settings(environment: MutableMapping[str, str]) -> Settings:
    """Read the variables; announce a session in them where there is none yet.

    Where recording is off, nothing but `VLLM_ENABLE_PROFILING` is looked at, and nothing is set.

    Args:
        environment: `os.environ`, which child processes inherit.

    Raises:
        ValueError: a variable has a value that means nothing; the message names it.
    """
    if not _switch(environment, ENABLE):
        return Settings(on=False)
    directory = Path(environment.get(DIRECTORY) or DEFAULT_DIRECTORY)
    if not directory.is_absolute():
        # A child may run in another folder.
        directory = Path.cwd() / directory
        environment[DIRECTORY] = str(directory)
    settings = Settings(
        on=True,
        directory=directory,
        interval=_interval(environment),
        verbose=_switch(environment, VERBOSE),
        debug=_switch(environment, DEBUG),
        session=_joined(environment) or f"session_{_now()}_{secrets.token_hex(4)}",
    )
    environment[SESSION] = settings.session
    return settings


def started_ns(session: str) -> int:
    """Give the second in a session's name (UTC), in ns since the epoch.

    Raises:
        ValueError: it is no session's name.
    """
    found = _NAME.fullmatch(session)
    if not found:
        raise ValueError(f"{session!r} is no session: expected session_YYYYmmdd_HHMMSS_<8 hex>")
    return calendar.timegm(time.strptime(found[1], _TIME)) * 1_000_000_000


def _now() -> str:
    return time.strftime(_TIME, time.gmtime())


def _switch(environment: MutableMapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip()
    if value not in {"", "0", "1"}:
        raise ValueError(f"{name}={value!r}: set it to 1 (on) or 0 (off), or leave it unset")
    return value == "1"


def _interval(environment: MutableMapping[str, str]) -> int:
    value = environment.get(INTERVAL, "").strip() or str(DEFAULT_INTERVAL)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError(f"{INTERVAL}={value!r}: set it to a whole number of steps, 1 or more")
    return int(value)


def _joined(environment: MutableMapping[str, str]) -> str:
    """Give the session that a parent has announced; empty where none has."""
    session = environment.get(SESSION, "")
    try:
        if session:
            started_ns(session)
    except ValueError as error:
        raise ValueError(
            f"{SESSION}: {error}. The first process of an engine sets it: leave it unset"
        ) from None
    return session


SETTINGS = read_settings(os.environ)
