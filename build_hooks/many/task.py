"""One build as something that can be sent: what it reads by hash, what it makes by content.

The key of a task is a hash of all that its bytes follow from. So a result that is there for the
key is the result, whoever built it and when.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.fetch.cache import hash_file
from build_hooks.locating import chosen_source
from build_hooks.lock import KINDS, LockedArtifact, read_lock
from build_hooks.pipeline import timestamp_of
from build_hooks.platforms import load_platform
from build_hooks.plugins.wanted import wanted_plugin
from build_hooks.shipping import main_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.settings import Settings

SCHEMA = 1
_ROOT = Path(__file__).resolve().parents[2]
_CODE = ("build_hooks", "transforms", "vendored")
# Libraries whose version shows in what is built, or in whether it is.
_LIBRARIES = (
    *("deflate", "cyclonedx-python-lib", "packaging", "pyflakes", "libcst"),
    *("tree-sitter", "tree-sitter-cmake", "tree-sitter-cuda"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file that a build reads.

    Attributes:
        filename: its name.
        sha256: its hash; None for a folder.
        locked: what a lock says of it; None for the user's own.
        path: the user's own; None for a locked one.
    """

    filename: str
    sha256: str | None
    locked: LockedArtifact | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One build.

    Attributes:
        settings: what to build, without where files come from: that is each machine's own.
        output: ``wheel`` or ``sdist``.
        timestamp: SOURCE_DATE_EPOCH; None for the artifact's own time.
        artifact: upstream's file.
        plugin: the plugin's; None where there is none.
    """

    settings: Settings
    output: str
    timestamp: int | None
    artifact: Input
    plugin: Input | None

    @property
    def release(self) -> str:
        """The release, as far as it is known before the artifact is opened."""
        if self.artifact.locked is not None:
            return self.artifact.locked.release
        return self.settings.vllm or self.artifact.filename

    @property
    def name(self) -> str:
        """What people call it."""
        platforms = ",".join(self.settings.platform) or str(self.settings.plugin)
        return f"{platforms} on {self.release}"

    @property
    def inputs(self) -> Iterator[Input]:
        """All files that it reads."""
        yield self.artifact
        if self.plugin is not None:
            yield self.plugin

    @property
    def key(self) -> str | None:
        """The hash of all that its result follows from; None where it reads a folder."""
        if any(item.sha256 is None for item in self.inputs):
            return None
        chosen = ("platform", "only", "skip", "define", "root", "switches", "distribution")
        said = {
            "schema": SCHEMA,
            "identity": identity(),
            "output": self.output,
            "timestamp": self.timestamp,
            "inputs": [[item.filename, item.sha256] for item in self.inputs],
            "settings": {name: getattr(self.settings, name) for name in chosen},
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def task_of(settings: Settings, output: str = "") -> Task:
    """Find out what a build reads; nothing is fetched.

    Args:
        settings: what the user set.
        output: ``wheel`` or ``sdist``; empty for what the platforms are built to.

    Raises:
        WheelwrightError: there is no such platform, release, plugin or file.
    """
    platforms = [load_platform(name) for name in settings.platform]
    output = output or main_output(platforms)
    source = chosen_source(settings, platforms, output)
    if source in KINDS:
        lock = read_lock()
        release = settings.vllm or lock.default_for(settings.distribution, source)
        artifact = _locked(lock.find(settings.distribution, release, source))
    else:
        artifact = _own(Path(source).expanduser())
    plugin: Input | None = None
    if settings.plugin is not None:
        wanted = wanted_plugin(settings.plugin)
        if wanted.locked is not None:
            plugin = _locked(wanted.locked.artifact)
        elif wanted.path is not None:
            plugin = _own(wanted.path)
    return Task(
        settings=replace(settings, index=None, cache=None),
        output=output,
        timestamp=timestamp_of(os.environ),
        artifact=artifact,
        plugin=plugin,
    )


def _locked(locked: LockedArtifact) -> Input:
    return Input(filename=locked.filename, sha256=locked.sha256, locked=locked)


def _own(path: Path) -> Input:
    path = path.resolve()
    return Input(filename=path.name, sha256=hash_file(path) if path.is_file() else None, path=path)


@cache
def identity() -> str:
    """Name the code and the libraries of this machine that bytes follow from."""
    whole = hashlib.sha256(repr([(name, _version(name)) for name in _LIBRARIES]).encode())
    for folder in _CODE:
        for path in sorted((_ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                data = path.read_bytes()
                name = path.relative_to(_ROOT).as_posix()
                whole.update(f"\0{name}\0{len(data)}\0".encode())
                whole.update(data)
    return whole.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
