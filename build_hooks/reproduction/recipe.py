"""What a rebuild needs: all from the manifest of what was built, nothing from the environment.

Where files come from (`index`, `cache`, `offline`) is the user's to say; what is built is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import deflate

from build_hooks import __version__
from build_hooks.errors import IntegrityError, UnknownReleaseError, UsageError
from build_hooks.fetch.cache import Cache, cache_root, hash_file
from build_hooks.lock import read_lock
from build_hooks.lock.plugin_lock import read_plugin_lock
from build_hooks.manifest import SBOM_LIBRARY
from build_hooks.settings import Settings
from build_hooks.shipping import WHEEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The user's own files, for what no lock holds.

    Attributes:
        source: upstream's sdist, wheel or folder; None for the locked or cached one.
        plugin: the plugin's; None for the locked or cached one, or where there is none.
    """

    source: Path | None = None
    plugin: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How something was built.

    Attributes:
        settings: what to build it with.
        output: ``wheel`` or ``sdist``.
        timestamp: the time of the members, in seconds since 1970 UTC.
        notes: what is not here as it was then, a line each.
    """

    settings: Settings
    output: str
    timestamp: int
    notes: tuple[str, ...]


def recipe_of(manifest: Mapping[str, Any], settings: Settings, files: Files) -> Recipe:
    """Read how something was built, and bring what it was built from.

    Args:
        manifest: what it says of itself.
        settings: where files come from; all else of it is left aside.
        files: the user's own files.

    Raises:
        UnknownReleaseError: neither a lock nor the cache holds what it was built from.
        IntegrityError: a file of the user's is another one.
        WheelwrightError: the network or the cache.
    """
    described, plugin = manifest["artifact"], manifest.get("plugin")
    if plugin is None and files.plugin is not None:
        raise UsageError("it was built without a plugin, and --plugin names one")
    locked = [item for item in read_lock().artifacts if item.sha256 == described["sha256"]]
    again = Settings(
        platform=tuple(manifest["platforms"]),
        vllm=manifest["release"],
        distribution=manifest["distribution"],
        source=str(_brought(described, files.source, locked, settings, "source")),
        only=tuple(manifest["only"]),
        skip=tuple(manifest["skip"]),
        switches=manifest.get("switches", False),
        index=settings.index,
        cache=settings.cache,
        offline=settings.offline,
        **({} if plugin is None else _plugin(plugin, files.plugin, settings)),
    )
    return Recipe(
        settings=again,
        output=manifest.get("output", WHEEL),
        timestamp=manifest["timestamp"],
        notes=tuple(_notes(manifest)),
    )


def _plugin(described: Mapping[str, Any], given: Path | None, settings: Settings) -> dict[str, Any]:
    """Give the settings by which a plugin is built in as it was."""
    found = [
        item for item in read_plugin_lock().plugins if item.artifact.sha256 == described["sha256"]
    ]
    define = dict(described["define"])
    if found and given is None:
        # By its name, as the lock's may differ from that in its own metadata.
        wanted = found[0].spec
        define = {name: text for name, text in define.items() if found[0].define.get(name) != text}
    else:
        wanted = str(_brought(described, given, [], settings, "plugin"))
    return {
        "plugin": wanted,
        "define": tuple(f"{name}={text}" for name, text in sorted(define.items())),
        "root": tuple(described["roots"]),
    }


def _brought(
    described: Mapping[str, Any],
    given: Path | None,
    locked: Sequence[Any],
    settings: Settings,
    option: str,
) -> Path:
    """Give the path of the very file that was built from.

    Args:
        described: its `filename` and `sha256`, as the manifest has them.
        given: the user's own.
        locked: what the lock says of it; empty where it does not hold it.
        settings: where files come from.
        option: how the user names one.
    """
    name, digest = described["filename"], described["sha256"]
    if given is not None:
        _require_same(given, digest, option)
        return given
    if digest is None:
        raise UsageError(
            f"it was built from the folder {name}, which has no hash",
            next_step=f"name one with the same files by --{option}",
        )
    if locked:
        from build_hooks.fetch import fetch  # noqa: PLC0415 - a file at hand needs no index client

        return fetch(
            locked[0], cache=settings.cache, index=settings.index, offline=settings.offline
        )
    slot = Cache(cache_root(settings.cache)).slot(digest, name)
    if slot.state() == "good":
        return slot.path
    raise UnknownReleaseError(
        f"neither the lock nor the cache holds {name}, sha256 {digest}",
        next_step=f"name the file by --{option}",
    )


def _require_same(given: Path, digest: str | None, option: str) -> None:
    if not given.exists():
        raise UsageError(f"--{option}: no such file or folder: {given}")
    if digest is None:
        if not given.is_dir():
            raise UsageError(f"--{option}: it was built from a folder, and {given} is a file")
    elif given.is_dir():
        raise UsageError(f"--{option}: it was built from a file, and {given} is a folder")
    elif (found := hash_file(given)) != digest:
        raise IntegrityError(
            f"{given} is not what it was built from: sha256 {found}, and the manifest has {digest}"
        )


def _notes(manifest: Mapping[str, Any]) -> list[str]:
    """Say which of the tools that bytes depend on are other ones here."""
    notes = []
    built = manifest["builder"]["version"]
    if built != __version__:
        notes.append(f"it was built by vllm-wheelwright {built}, and this is {__version__}")
    for wanted, here, did in (
        (manifest["compression"]["library"], f"deflate {deflate.__version__}", "was compressed"),
        (manifest["sbom"]["library"], SBOM_LIBRARY, "has an SBOM made"),
    ):
        if wanted != here:
            step = f"pip install {wanted.replace(' ', '==')}"
            notes.append(f"it {did} by {wanted}, and {here} is installed: {step}")
    return notes
