"""What pip is configured with, read the way pip documents it, without running pip.

pip's documentation ("Configuration") gives the order: configuration files (global, user, site, then
`PIP_CONFIG_FILE`), of which a later one wins; in them `[global]`, over which a section named after
a command wins; over all of them the environment variables `PIP_*`. What stood on pip's own command
line is not visible to a build backend.
"""

from __future__ import annotations

import configparser
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.fetch.index_source import DEFAULT, DEFAULT_TIMEOUT, IndexConfig, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What happens here is nearest to `pip download`; a user who configured an index for building or
# installing means it for this too.
_SECTIONS = ("global", "install", "wheel", "download")
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


@dataclass(frozen=True, slots=True)
class Place:
    """The machine and user that configuration files are looked up for.

    Args:
        environment: the environment variables.
        home: the user's home folder.
        prefix: the Python environment's folder (pip's "site" level).
        platform: as `sys.platform`.
        cwd: where the search for project configuration starts.
    """

    environment: Mapping[str, str]
    home: Path
    prefix: Path
    platform: str
    cwd: Path

    @classmethod
    def here(cls) -> Place:
        """Give the one that this process runs in."""
        home = Path(os.path.expanduser("~"))  # noqa: PTH111  (Path.home() fails where there is none)
        return cls(os.environ, home, Path(sys.prefix), sys.platform, Path.cwd())


def read_pip_config(place: Place) -> IndexConfig:
    """Read pip's index configuration.

    Args:
        place: the machine and user.

    Raises:
        UsageError: a configuration file cannot be read or understood.
    """
    values = dict(_values(place))
    indexes = [Source("index", url) for url in values.get("index-url", "").split()[:1]]
    extra = [Source("index", url) for url in values.get("extra-index-url", "").split()]
    links = [_links(url, place) for url in values.get("find-links", "").split()]
    if _is_true(values.get("no-index", "")):
        sources = links
    elif indexes or extra or links:
        sources = [*links, *(indexes or [DEFAULT]), *extra]
    else:
        sources = []
    timeout = values.get("timeout") or values.get("default-timeout") or ""
    return IndexConfig(
        origin="pip's configuration",
        sources=tuple(sources),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        ca_file=values.get("cert") or None,
        client_cert=values.get("client-cert") or None,
        proxy=values.get("proxy") or None,
        timeout=float(timeout) if timeout.isdigit() else DEFAULT_TIMEOUT,
    )


def pip_config_files(place: Place) -> list[Path]:
    """Give the configuration files that pip would read, the least important first.

    Args:
        place: the machine and user.
    """
    environment, home = place.environment, place.home
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    if place.platform == "win32":
        name, legacy = "pip.ini", home / "pip" / "pip.ini"
        shared = [Path(environment.get("PROGRAMDATA", "C:\\ProgramData")) / "pip" / name]
        user = Path(environment.get("APPDATA", home / "AppData" / "Roaming")) / "pip" / name
    else:
        name, legacy = "pip.conf", home / ".pip" / "pip.conf"
        user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / name
        if place.platform == "darwin":
            shared = [Path("/Library/Application Support/pip") / name]
            own = home / "Library" / "Application Support" / "pip"
            user = own / name if own.is_dir() else user
        else:
            folders = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
            shared = [*(Path(folder) / "pip" / name for folder in folders), Path("/etc") / name]
    site = place.prefix / name
    if chosen and Path(chosen).exists():  # then pip leaves the user's own files out
        return [*shared, site, Path(chosen)]
    return [*shared, legacy, user, site]


def _values(place: Place) -> Iterator[tuple[str, str]]:
    """Give every key and value, the least important first."""
    parsed = [_parse(path) for path in pip_config_files(place) if path.is_file()]
    for section in _SECTIONS:
        for parser in parsed:
            if parser.has_section(section):
                for key, value in parser.items(section):
                    yield _normal(key), value
    for name, value in sorted(place.environment.items()):
        if name.startswith("PIP_") and value.strip():
            yield _normal(name.removeprefix("PIP_")), value


def _parse(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        message = f"pip's configuration file {path} cannot be read: {error}"
        step = "repair it, or name the index yourself with the setting `index`"
        raise UsageError(message, next_step=step) from error
    return parser


def _normal(key: str) -> str:
    return key.lower().replace("_", "-").removeprefix("--")


def _is_true(text: str) -> bool:
    return text.strip().lower() in _TRUE


def _links(location: str, place: Place) -> Source:
    if location.startswith("~"):
        location = str(place.home) + location[1:]
    return Source("links", location)
