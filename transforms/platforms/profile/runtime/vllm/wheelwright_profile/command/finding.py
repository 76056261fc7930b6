# SPDX-License-Identifier: Apache-2.0
"""Find the session that a command line means."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..reading import SessionError, find_session
from ..settings import DEFAULT_DIRECTORY, DIRECTORY
from .failure import UnreadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

LATEST = "latest"


def sessions_folder(environment: Mapping[str, str]) -> Path:
    """Give the folder that sessions are made in."""
    return Path(environment.get(DIRECTORY) or DEFAULT_DIRECTORY)


def find(word: str, environment: Mapping[str, str]) -> Path:
    """Give the folder of a session.

    Args:
        word: a session's folder, a folder of sessions (the newest of them), the name of a session
            in `VLLM_PROFILING_DIR`, or `latest`: the newest there.
        environment: with `VLLM_PROFILING_DIR`, if it is set.

    Raises:
        UsageError: there is no such session.
        UnreadableError: the folder cannot be read.
    """
    sessions = sessions_folder(environment)
    if word == LATEST:
        path = sessions
    else:
        path = next((one for one in (Path(word), sessions / word) if one.exists()), Path(word))
    if not path.exists():
        raise UsageError(
            f"no session {word!r}: {path} does not exist", next_step=_hint(word, sessions)
        )
    if not path.is_dir():
        raise UsageError(
            f"{path} is no session: it is a file", next_step="name the session's folder"
        )
    try:
        return Path(find_session(os.fspath(path)))
    except SessionError as error:
        if isinstance(error.__cause__, OSError):
            raise UnreadableError(str(error)) from error
        raise UsageError(str(error), next_step=_hint(word, sessions)) from error


def _hint(word: str, sessions: Path) -> str:
    """Name the closest of the sessions that are there, else the newest."""
    try:
        names = sorted(path.name for path in sessions.iterdir() if path.name.startswith("session_"))
    except OSError:
        names = []
    if not names:
        return f"{DIRECTORY} ({sessions}) has no sessions"
    close = difflib.get_close_matches(Path(word).name, names, n=1) or names[-1:]
    return f"did you mean {sessions / close[0]}?"
