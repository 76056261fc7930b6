"""A plugin that is open: its modules, and what it and its file are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from build_hooks.artifact import open_artifact
from build_hooks.fetch.cache import hash_file
from build_hooks.plugins.defines import parsed_defines
from build_hooks.plugins.package import plugin_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from build_hooks.lock.plugin_lock import LockedPlugin
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.plugin import Plugin


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPlugin:
    """A plugin, and where it came from.

    Attributes:
        plugin: its modules and roots.
        name: its distribution's name, or its package's where it has no metadata.
        version: its version; None where it has no metadata.
        filename: the name of its file or folder.
        kind: ``sdist``, ``wheel`` or ``folder``.
        sha256: the file's digest; None for a folder.
        size: the file's size in bytes; None for a folder.
        define: what is true of the machine that it is built for, by name.
        asked: the names among them that the user gave, and the lock did not.
    """

    plugin: Plugin
    name: str
    version: str | None
    filename: str
    kind: str
    sha256: str | None
    size: int | None
    define: Mapping[str, str]
    asked: frozenset[str]

    @property
    def label(self) -> str:
        """What the version of a wheel is labelled with that is for no platform (PEP 440)."""
        return ".".join(re.findall("[a-z0-9]+", self.plugin.package.lower())) or "plugin"

    def __str__(self) -> str:
        """Give the name and version as messages show them."""
        return f"{self.name} {self.version}" if self.version else self.name


def open_plugin(
    path: Path, locked: LockedPlugin | None, *, roots: Sequence[str], define: Sequence[str]
) -> OpenedPlugin:
    """Open a plugin. Nothing of it is imported.

    Args:
        path: its sdist, its wheel, a folder that holds its package, or the package's own folder.
        locked: what the lock says of it; None for one that is not locked.
        roots: the modules that it imports in order to patch, or functions of them that it calls;
            where there are none, those of the lock, or those of its `patch`.
        define: what the user says of the machine: ``name=value`` each.

    Raises:
        UsageError: there is no package, or no such root.
        ArtifactError: the archive is malformed or hostile.
    """
    tree = open_artifact(path, unpacked=locked.artifact.unpacked if locked else None)
    plugin = plugin_in(tree, path, roots or (locked.roots if locked else ()))
    given = parsed_defines(define)
    if locked is not None:
        name, version = locked.artifact.distribution, locked.artifact.release
    else:
        name, version = _named(tree)
    digest = locked.artifact.sha256 if locked else hash_file(path) if path.is_file() else None
    return OpenedPlugin(
        plugin=plugin,
        name=name or plugin.package,
        version=version or None,
        filename=path.resolve().name,
        kind=tree.kind,
        sha256=digest,
        size=path.stat().st_size if path.is_file() else None,
        define={**(locked.define if locked else {}), **given},
        asked=frozenset(given),
    )


def _named(tree: Tree) -> tuple[str, str]:
    """Give the name and version of a plugin's own metadata; empty where it has none."""
    paths = [path for path in tree if path.endswith(".dist-info/METADATA") and path.count("/") == 1]
    paths += ["PKG-INFO"] if "PKG-INFO" in tree else []
    for path in paths:
        fields, _ = parse_email(tree.read(path))
        return canonicalize_name(fields.get("name", "")), fields.get("version", "")
    return "", ""
