"""Which plugin the setting `plugin` names, and its file: a locked one, or a path of the user's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.lock.plugin_lock import read_plugin_lock
from build_hooks.plugins.opened import open_plugin

if TYPE_CHECKING:
    from build_hooks.lock.plugin_lock import LockedPlugin
    from build_hooks.plugins.opened import OpenedPlugin
    from build_hooks.settings import Settings

# A name (PEP 508) and a version; extras and markers say nothing here.
_SPEC = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*==\s*([^\s=*;,]+)")
_NEXT = "write NAME==VERSION for a locked one, or the path of an sdist, a wheel or a folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlugin:
    """What is to be built in; nothing of it is fetched or opened yet.

    Attributes:
        locked: what the lock says of it; None for a path.
        path: the user's own file or folder; None for a locked one.
    """

    locked: LockedPlugin | None = None
    path: Path | None = None


def wanted_plugin(text: str) -> WantedPlugin:
    """Read the setting `plugin`.

    Args:
        text: ``NAME==VERSION``, or a path.

    Raises:
        UnknownReleaseError: the lock does not hold what is named.
        UsageError: it is neither; says what it is close to.
    """
    path = Path(text).expanduser()
    if path.exists():
        return WantedPlugin(path=path)
    if _SPEC.fullmatch(text.strip()):
        return WantedPlugin(locked=read_plugin_lock().find(*named_version(text)))
    known = [item.spec for item in read_plugin_lock().plugins]
    raise UsageError(
        f"setting 'plugin' is {text!r}: no such file or folder, and no NAME==VERSION"
        f"{did_you_mean(text, known)}",
        next_step=_NEXT,
    )


def named_version(text: str) -> tuple[str, str]:
    """Take ``NAME==VERSION`` apart.

    Raises:
        UsageError: it is something else, or the version is none (PEP 440).
    """
    named = _SPEC.fullmatch(text.strip())
    if named is None:
        raise UsageError(f"plugin {text!r} is no NAME==VERSION")
    try:
        Version(named[2])
    except InvalidVersion as error:
        raise UsageError(f"plugin {text!r}: {named[2]!r} is no version (PEP 440)") from error
    return named[1], named[2]


def opened_plugin(text: str, settings: Settings) -> OpenedPlugin:
    """Open the plugin that the setting names: fetched and verified where it is a locked one.

    Args:
        text: ``NAME==VERSION``, or a path.
        settings: the index, the cache, whether the network may be touched, and what else is said
            of the plugin.

    Raises:
        WheelwrightError: the setting, the network, the file's bytes or its content.
    """
    wanted = wanted_plugin(text)
    return open_plugin(
        _bring(wanted, settings), wanted.locked, roots=settings.root, define=settings.define
    )


def _bring(wanted: WantedPlugin, settings: Settings) -> Path:
    if wanted.locked is None:
        assert wanted.path is not None  # noqa: S101 - one of the two is there
        return wanted.path
    from build_hooks.fetch import fetch  # noqa: PLC0415 - a path needs no index client

    return fetch(
        wanted.locked.artifact,
        cache=settings.cache,
        index=settings.index,
        offline=settings.offline,
    )
