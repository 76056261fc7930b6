"""What a configured index is: the places to look at, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Source:
    """One place to look at.

    Args:
        kind: `index` is a simple repository (PEP 503, PEP 691); `links` a page or folder with the
            files themselves; `default` is what the index client takes by itself.
        url: a URL or a path; empty for `default`. May hold credentials: show it by `str` only.
    """

    kind: Literal["index", "links", "default"]
    url: str = ""

    def __str__(self) -> str:
        """Name the place in a message, without credentials."""
        return redact(self.url) if self.url else "the index client's own default index"


DEFAULT = Source("default")
DEFAULT_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """Where to look for files, and how to reach it.

    Args:
        origin: who says so, for messages.
        sources: the places, in the order in which they are asked; empty where nothing is said.
        trusted_hosts: hosts whose certificate is not checked and that may use plain HTTP.
        ca_file: certificate authorities to trust instead of the client's own.
        client_cert: PEM file with the user's own certificate and key.
        proxy: proxy to use instead of what the environment says.
        timeout: seconds for which a connection may be silent.
    """

    origin: str
    sources: tuple[Source, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    ca_file: str | None = None
    client_cert: str | None = None
    proxy: str | None = None
    timeout: float = DEFAULT_TIMEOUT


def redact(url: str) -> str:
    """Give a URL as a message may show it: without user, password, query and fragment.

    Args:
        url: a URL or a path.
    """
    if "://" not in url:
        return url
    parts = urlsplit(url)
    _, has_auth, host = parts.netloc.rpartition("@")
    query = "***" if parts.query else ""
    return urlunsplit((parts.scheme, f"***@{host}" if has_auth else host, parts.path, query, ""))
