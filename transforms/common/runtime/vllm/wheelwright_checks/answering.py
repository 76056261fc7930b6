# SPDX-License-Identifier: Apache-2.0
"""Let a process of an engine say what of its code is as the wheel has it, when somebody asks.

A daemon thread looks for `request.json` in a folder twice a second and writes `<pid>.answer.json`
beside it. `<pid>.json` says from the start on that this process is there. A process that is forked
begins anew. Nothing here raises into the engine.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from . import comparing

REQUEST = "request.json"
_PAUSE = 0.5  # seconds between two looks


def begin(folder: str) -> None:
    """Say that this process is there, and answer from now on.

    Args:
        folder: where requests and answers lie; it is made where it does not exist.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    _attend(place)
    if hasattr(os, "register_at_fork"):  # nothing forks on Windows
        os.register_at_fork(after_in_child=lambda: _attend(place))


def _attend(place: Path) -> None:
    try:
        write(place / f"{os.getpid()}.json", {**_who(), "started": started(os.getpid())})
        threading.Thread(
            target=_answer_all, args=(place,), name="wheelwright-live", daemon=True
        ).start()
    except Exception as error:  # noqa: BLE001 - a check must never stop an engine
        sys.stderr.write(f"vllm.wheelwright: {place}: {error}\n")


def _answer_all(place: Path) -> None:
    answered = None
    while True:
        try:
            asked = json.loads((place / REQUEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            asked = {}
        wanted = asked.get("id") if isinstance(asked, dict) else None
        if wanted is not None and wanted != answered:
            answered = wanted
            _answer(place, asked)
        time.sleep(_PAUSE)


def _answer(place: Path, asked: dict[str, Any]) -> None:
    said: dict[str, Any] = {"id": asked["id"], **_who()}
    try:
        said["found"] = comparing.compare(asked["files"])
    except Exception as error:  # noqa: BLE001 - somebody else's objects may fail in any way
        said["error"] = f"{type(error).__name__}: {error}"
    try:
        write(place / f"{os.getpid()}.answer.json", said)
    except OSError as error:
        sys.stderr.write(f"vllm.wheelwright: {place}: {error}\n")


def _who() -> dict[str, Any]:
    from vllm.wheelwright import DIGEST  # noqa: PLC0415 - while vLLM itself is imported

    name = multiprocessing.current_process().name
    return {"pid": os.getpid(), "parent": os.getppid(), "name": name, "digest": DIGEST}


def write(path: Path, document: object) -> None:
    """Write JSON so that nobody ever reads half of it.

    Args:
        path: the file.
        document: what goes into it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(document, default=str), encoding="utf-8")
    temporary.replace(path)


def started(pid: int) -> str | None:
    """Give what tells a process from a later one of the same number; None where nothing does.

    Args:
        pid: the process's number. Field 22 of /proc/<pid>/stat is its start, in ticks since boot.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]
