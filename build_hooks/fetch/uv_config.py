"""What uv is configured with, read the way uv documents it, without running uv.

uv's documentation ("Configuration files", "Package indexes") gives the order: environment
variables, then the nearest `uv.toml` or `[tool.uv]` of a `pyproject.toml`, then the user's and the
system's `uv.toml`. Indexes are joined, the default index is asked last. An index marked `explicit`
is for packages that name it, which no build here does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from build_hooks.errors import UsageError
from build_hooks.fetch.index_source import DEFAULT, DEFAULT_TIMEOUT, IndexConfig, Source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.fetch.pip_config import Place

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


def read_uv_config(place: Place) -> IndexConfig:
    """Read uv's index configuration.

    Args:
        place: the machine and user.

    Raises:
        UsageError: a configuration file cannot be read or understood.
    """
    layers = [_from_environment(place.environment), *(table for _, table in _files(place))]
    entries = [entry for layer in layers for entry in _indexes(layer)]
    normal = [entry for entry in entries if not entry.get("default")]
    default = [entry for entry in entries if entry.get("default")][:1]
    found = [_source(entry, place.environment) for entry in (*normal, *default)]
    links = [Source("links", link) for layer in layers for link in _strings(layer, "find-links")]
    sources: list[Source] = []
    if any(layer.get("no-index") is True for layer in layers):
        sources = links
    elif found or links:
        sources = [*links, *found, *([] if default else [DEFAULT])]
    hosts = [host for layer in layers for host in _strings(layer, "allow-insecure-host")]
    timeout = place.environment.get("UV_HTTP_TIMEOUT", "")
    return IndexConfig(
        origin="uv's configuration",
        sources=tuple(dict.fromkeys(sources)),
        trusted_hosts=tuple(dict.fromkeys(hosts)),
        client_cert=place.environment.get("SSL_CLIENT_CERT") or None,
        timeout=float(timeout) if timeout.isdigit() else DEFAULT_TIMEOUT,
    )


def uv_config_files(place: Place) -> list[Path]:
    """Give the configuration files that uv would read, the most important first.

    Args:
        place: the machine and user.
    """
    return [path for path, _ in _files(place)]


def _files(place: Place) -> Iterator[tuple[Path, dict[str, Any]]]:
    environment = place.environment
    if environment.get("UV_NO_CONFIG", "").lower() in _TRUE:
        return
    if chosen := environment.get("UV_CONFIG_FILE"):
        yield Path(chosen), _parse(Path(chosen))
        return
    for folder in (place.cwd, *place.cwd.parents):
        own, project = folder / "uv.toml", folder / "pyproject.toml"
        if own.is_file():
            yield own, _parse(own)
            break
        if project.is_file() and "uv" in (tool := _parse(project).get("tool", {})):
            yield project, tool["uv"]
            break
    if place.platform == "win32":
        user = Path(environment.get("APPDATA", place.home / "AppData" / "Roaming"))
        system = [Path(environment.get("PROGRAMDATA", "C:\\ProgramData"))]
    else:
        user = Path(environment.get("XDG_CONFIG_HOME") or place.home / ".config")
        folders = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        system = [*map(Path, folders.split(":")), Path("/etc")]
    for candidates in ([user], system):
        for path in (folder / "uv" / "uv.toml" for folder in candidates):
            if path.is_file():
                yield path, _parse(path)
                break


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"uv's configuration file {path} cannot be read: {error}"
        step = "repair it, or name the index yourself with the setting `index`"
        raise UsageError(message, next_step=step) from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Give the `UV_*` variables in the shape of a configuration file."""
    named = environment.get("UV_INDEX", "").split()
    default = environment.get("UV_DEFAULT_INDEX", "").split()[:1]
    return {
        "index": [
            *(_named(text) for text in named),
            *({**_named(text), "default": True} for text in default),
        ],
        "index-url": environment.get("UV_INDEX_URL") or None,
        "extra-index-url": environment.get("UV_EXTRA_INDEX_URL", "").split(),
        "find-links": [x for x in environment.get("UV_FIND_LINKS", "").split(",") if x],
        "no-index": environment.get("UV_NO_INDEX", "").lower() in _TRUE,
        "allow-insecure-host": environment.get("UV_INSECURE_HOST", "").split(),
    }


def _named(text: str) -> dict[str, Any]:
    """Read `name=url`, where the name may be left out."""
    name, separator, url = text.partition("=")
    if separator and "/" not in name and ":" not in name:
        return {"name": name, "url": url}
    return {"url": text}


def _indexes(layer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in layer.get("index") or []:
        explicit = not isinstance(entry, dict) or entry.get("explicit")
        if not explicit and isinstance(entry.get("url"), str):
            yield entry
    for url in _strings(layer, "extra-index-url"):
        yield {"url": url}
    if default := layer.get("index-url"):
        yield {"url": str(default), "default": True}


def _strings(layer: Mapping[str, Any], key: str) -> list[str]:
    value = layer.get(key) or []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _source(entry: Mapping[str, Any], environment: Mapping[str, str]) -> Source:
    """Give the place, with the credentials that `UV_INDEX_<NAME>_*` hold for it."""
    url, name = entry["url"], str(entry.get("name") or "")
    variable = "UV_INDEX_" + "".join(c if c.isalnum() else "_" for c in name).upper()
    user = environment.get(f"{variable}_USERNAME", "") if name else ""
    password = environment.get(f"{variable}_PASSWORD", "") if name else ""
    parts = urlsplit(url)
    if (user or password) and "@" not in parts.netloc:
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}@"
        url = urlunsplit(parts._replace(netloc=credentials + parts.netloc))
    return Source("links" if entry.get("format") == "flat" else "index", url)
