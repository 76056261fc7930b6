"""The lock of plugins: those that can be built in by name and version, known by their sha256.

`vendored/plugins.lock.toml` says of each file what `vllm.lock.toml` says of vLLM's, and with it
what a build must know of the plugin: the modules that it imports in order to patch, and what is
true of the machines that it is built for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from build_hooks.errors import LockError, UnknownReleaseError, UsageError, did_you_mean
from build_hooks.lock.document import SCHEMA, parse_tables, read_text
from build_hooks.lock.locked import (
    ARTIFACT_KEYS,
    LockedArtifact,
    artifact_from_table,
    artifact_lines,
    check_keys,
    quote,
)
from build_hooks.plugins.defines import parsed_defines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PLUGIN_LOCK_PATH = Path(__file__).resolve().parents[2] / "vendored" / "plugins.lock.toml"

_HEADER = """\
# Every plugin that can be built in by name and version, and what its bytes are. No addresses.
# Kept by `python -m build_hooks lock add --plugin NAME==VERSION`; README.md here says how.
"""
_OWN_KEYS = ("roots", "define")


@dataclass(frozen=True, slots=True)
class LockedPlugin:
    """One version of a plugin.

    Args:
        artifact: its file.
        roots: the modules that it imports in order to patch, or functions of them that it calls,
            in its order.
        define: what is true of the machines that it is built for, by name.
    """

    artifact: LockedArtifact
    roots: tuple[str, ...]
    define: Mapping[str, str] = field(default_factory=dict)

    @property
    def spec(self) -> str:
        """Name it as the setting `plugin` does."""
        return f"{self.artifact.distribution}=={self.artifact.release}"

    def as_json(self) -> dict[str, object]:
        """Give the fields as they appear in JSON output."""
        return {**self.artifact.as_json(), "roots": list(self.roots), "define": dict(self.define)}


@dataclass(frozen=True, slots=True)
class PluginLock:
    """All locked plugins.

    Args:
        plugins: in the order of the file: by name, and then by version.
    """

    plugins: tuple[LockedPlugin, ...] = ()

    def find(self, name: str, version: str) -> LockedPlugin:
        """Find a plugin.

        Args:
            name: in any spelling that PEP 503 holds equal.
            version: a version (PEP 440), in any spelling that is held equal.

        Raises:
            UnknownReleaseError: it is not locked; names the closest thing that is.
        """
        wanted, normal = Version(version), canonicalize_name(name)
        named = [item for item in self.plugins if item.artifact.distribution == normal]
        for item in named:
            if item.artifact.version == wanted:
                return item
        if named:
            hint = did_you_mean(version, [item.artifact.release for item in named])
            what = f"the lock holds no {normal} {version}{hint}"
        else:
            hint = did_you_mean(normal, {item.artifact.distribution for item in self.plugins})
            what = f"the lock holds no plugin {normal!r}{hint}"
        raise UnknownReleaseError(
            what,
            next_step=f"lock it: `python -m build_hooks lock add --plugin {normal}=={version}`, "
            "or give the path of its sdist, wheel or folder",
        )

    def merge(self, plugins: Iterable[LockedPlugin]) -> PluginLock:
        """Give a lock that holds these too, each in place of what it held of that version.

        Args:
            plugins: what to add.
        """
        found = {_key(item): item for item in (*self.plugins, *plugins)}
        return PluginLock(tuple(found[key] for key in sorted(found)))


def read_plugin_lock(path: Path = PLUGIN_LOCK_PATH) -> PluginLock:
    """Read and validate the lock of plugins.

    Args:
        path: the lock; the one of this repository when not given.

    Raises:
        LockError: it cannot be read, or says something that cannot be.
    """
    return parse_plugin_lock(read_text(path), where=str(path))


def parse_plugin_lock(text: str, *, where: str = "the lock") -> PluginLock:
    """Parse and validate the text of a lock of plugins.

    Args:
        text: TOML.
        where: how error messages name it.

    Raises:
        LockError: it is not TOML, or says something that cannot be.
    """
    data = parse_tables(text, where)
    tables = data.setdefault("plugin", [])
    check_keys(data, ("schema", "plugin"), where)
    if not isinstance(tables, list):
        raise LockError(f"{where}: plugin must be an array of tables")
    plugins = [_plugin(table, f"{where}, plugin {n}") for n, table in enumerate(tables, 1)]
    lock = PluginLock().merge(plugins)
    if len(lock.plugins) != len(plugins):
        raise LockError(f"{where}: a version of a plugin stands in it twice")
    return lock


def dump_plugin_lock(lock: PluginLock) -> str:
    """Write a lock of plugins as text, the same text for the same content.

    Args:
        lock: what to write.

    Raises:
        LockError: a plugin says something that `read_plugin_lock` would refuse.
    """
    lines = [_HEADER, f"schema = {SCHEMA}"]
    for item in sorted(lock.plugins, key=_key):
        settled = sorted(item.define.items())
        define = ", ".join(f"{quote(name)} = {quote(text)}" for name, text in settled)
        lines += [
            "",
            "[[plugin]]",
            *artifact_lines(item.artifact),
            f"roots = [{', '.join(map(quote, item.roots))}]",
            f"define = {{ {define} }}" if define else "define = {}",
        ]
    text = "\n".join(lines) + "\n"
    parse_plugin_lock(text, where="the lock to be written")
    return text


def _key(item: LockedPlugin) -> tuple[str, Version]:
    return item.artifact.distribution, item.artifact.version


def _plugin(table: object, where: str) -> LockedPlugin:
    if not isinstance(table, dict):
        raise LockError(f"{where} is not a table")
    check_keys(table, (*ARTIFACT_KEYS, *_OWN_KEYS), where)
    artifact = artifact_from_table({key: table[key] for key in ARTIFACT_KEYS}, where)
    roots, define = table["roots"], table["define"]
    if not _is_texts(roots) or not roots:
        raise LockError(f"{where}: roots must be the names of modules, at least one")
    if not isinstance(define, dict) or not _is_texts(list(define.values())):
        raise LockError(f"{where}: define must be a table of texts")
    try:
        parsed = parsed_defines(f"{name}={text}" for name, text in define.items())
    except UsageError as error:
        raise LockError(f"{where}: {error.what}") from error
    return LockedPlugin(artifact=artifact, roots=tuple(roots), define=parsed)


def _is_texts(value: Any) -> bool:  # noqa: ANN401 - whatever TOML holds
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
