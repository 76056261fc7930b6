# SPDX-License-Identifier: Apache-2.0
"""The session's folder: who makes it, what its metadata says, and who a process is."""

from __future__ import annotations

import importlib
import json
import os
import platform
import secrets
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

from .tables import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import Settings
    from .tables import Row

METADATA = "metadata.json"
# An option with such a word in its name has a value that is nobody else's business.
_SECRETS = ("key", "token", "password", "secret", "credential")


def open_session(settings: Settings) -> None:
    """Make the session's folder and its metadata, unless another process has.

    The metadata appears whole or not at all, and the first one stays: processes that come at the
    same time each write a file of their own, and link it to the one name.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    folder = settings.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / METADATA
    if path.exists():
        return
    own = folder / f"{METADATA}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        with own.open("x", encoding="utf-8") as file:
            json.dump(describe(settings), file, indent=1)
        try:
            path.hardlink_to(own)
        except FileExistsError:
            return
        except OSError:
            own.replace(path)  # a file system without links: the last one stays, and says the same
    finally:
        own.unlink(missing_ok=True)


def describe(settings: Settings) -> dict[str, Any]:
    """Give what `metadata.json` says."""
    wheel = _wheel()
    return {
        "schema": SCHEMA,
        "session": settings.session,
        "started_ns": settings.started_ns,
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "vllm": _version("vllm"),
        "wheel": wheel.get("version", ""),
        "digest": wheel.get("digest", ""),
        "settings": {
            "directory": str(settings.directory),
            "interval": settings.interval,
            "verbose": settings.verbose,
            "debug": settings.debug,
        },
    }


def identity(role: str, rank: int | None, dp_rank: int | None) -> Row:
    """Give the row of the table `process` for this process."""
    return (
        time.time_ns(),
        role,
        rank,
        dp_rank,
        socket.gethostname(),
        os.getpid(),
        os.getppid(),
        " ".join(masked(sys.argv)),
        platform.python_version(),
        _version("vllm"),
        _version("torch"),
    )


def masked(arguments: Sequence[str]) -> list[str]:
    """Give a command line without the values of options such as `--api-key`."""
    result = []
    hidden = False
    for argument in arguments:
        option, equals, _ = argument.partition("=")
        is_option = option.startswith("-")
        if hidden and not is_option:
            result.append("***")
            continue
        secret = is_option and any(word in option.lower() for word in _SECRETS)
        hidden = secret and not equals
        result.append(f"{option}=***" if secret and equals else argument)
    return result


def _version(package: str) -> str:
    """Give the version of a package that the process has imported; empty where it has not."""
    return str(getattr(sys.modules.get(package), "__version__", ""))


def _wheel() -> dict[str, Any]:
    """Give what the wheel says of itself; empty where this package runs outside of one."""
    if not __package__.startswith("vllm."):
        return {}
    wheelwright = importlib.import_module("vllm.wheelwright")
    try:
        manifest: dict[str, Any] = wheelwright.manifest()
    except (wheelwright.DescriptionError, OSError):
        return {"digest": wheelwright.DIGEST}  # an editable install, say
    return manifest
