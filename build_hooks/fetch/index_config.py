"""Which index to fetch from: the user's own configuration, never an address of this repository.

Our own setting comes first, else what pip or uv are configured with, else what the index client
takes by itself. None of them is trusted with the bytes: the lock says what they must be.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.fetch.index_source import DEFAULT, IndexConfig, Source
from build_hooks.fetch.pip_config import Place, read_pip_config
from build_hooks.fetch.uv_config import read_uv_config

if TYPE_CHECKING:
    from collections.abc import Iterable


def choose_index(setting: str | None, place: Place | None = None) -> IndexConfig:
    """Say where to look for files.

    pip's and uv's places are never mixed. Where both name some, those of the tool that drives the
    build count: uv tells what it starts by the variable `UV` (uv's documentation, "Environment
    variables"). How to reach them (certificates, proxy, trusted hosts) is taken from both, because
    it belongs to the network and not to the index.

    Args:
        setting: the setting `index`: one or several URLs or folders with a space between them.
        place: the machine and user; those of this process when not given.

    Raises:
        UsageError: a configuration file cannot be read or understood.
    """
    place = place or Place.here()
    pip, uv = read_pip_config(place), read_uv_config(place)
    first, second = (uv, pip) if place.environment.get("UV") else (pip, uv)
    chosen = first if first.sources else second
    if setting is not None and setting.strip():
        chosen = replace(first, origin="the setting `index`", sources=tuple(_own(setting)))
    elif not chosen.sources:
        chosen = replace(first, origin="no configuration", sources=(DEFAULT,))
    environment = place.environment
    return replace(
        chosen,
        trusted_hosts=tuple(dict.fromkeys((*pip.trusted_hosts, *uv.trusted_hosts))),
        # What pip's own HTTP library falls back to. Our client reads SSL_CERT_FILE by itself.
        ca_file=pip.ca_file
        or environment.get("REQUESTS_CA_BUNDLE")
        or environment.get("CURL_CA_BUNDLE")
        or None,
        client_cert=first.client_cert or second.client_cert,
        proxy=pip.proxy,
        timeout=max(pip.timeout, uv.timeout),
    )


def _own(setting: str) -> Iterable[Source]:
    """Read our own setting: a folder may be a simple repository or just hold the files."""
    locations = [setting] if Path(setting).is_dir() else setting.split()
    for location in locations:
        if "://" in location:
            yield Source("index", location)
        else:
            folder = str(Path(location).expanduser().absolute())
            yield Source("links", folder)
            yield Source("index", folder)
