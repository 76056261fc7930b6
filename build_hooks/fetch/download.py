"""One download: streamed, hashed on the way, resumed where it broke, refused if it differs.

What arrives goes into a `.part` file. A broken connection leaves it for the next attempt or the
next process, which asks for the rest only (RFC 9110, section 14); wrong bytes are removed.
"""

from __future__ import annotations

import re
import ssl
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2

from build_hooks.errors import IntegrityError, NetworkError
from build_hooks.fetch.cache import output_errors
from build_hooks.fetch.index_source import redact
from build_hooks.fetch.part_file import PartFile

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.fetch.progress import Progress

_LONGEST_WAIT = 30.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-")
# Answers after which the same request may succeed (RFC 9110, section 15; RFC 6585, section 4).
TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 527})


@dataclass(frozen=True, slots=True)
class Retry:
    """How often to try, and how long to wait in between.

    Args:
        attempts: how many in a row may bring nothing new.
        backoff: seconds before the second attempt; each later wait is twice as long.
    """

    attempts: int = 4
    backoff: float = 0.5

    def wait(self, failed: int, asked: str | None = None) -> None:
        """Sleep before the next attempt.

        Args:
            failed: how many attempts have failed in a row.
            asked: the server's `Retry-After`, if it gave one in seconds.
        """
        seconds = self.backoff * 2 ** (failed - 1)
        if asked and asked.isdigit():
            seconds = max(seconds, float(asked))
        time.sleep(min(seconds, _LONGEST_WAIT))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bytes must be; None where nobody knows it yet (`lock add`).

    Args:
        filename: how messages name the file.
        sha256: lower-case hexadecimal.
        size: in bytes.
    """

    filename: str
    sha256: str | None = None
    size: int | None = None


class TransientError(Exception):
    """Something failed that may work the next time."""

    def __init__(self, what: str, retry_after: str | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


def download(  # noqa: PLR0913  (each is a separate decision of the caller)
    client: httpx2.Client,
    url: str,
    part: Path,
    wanted: Wanted,
    *,
    retry: Retry,
    progress: Progress,
) -> str:
    """Bring `part` to its full length and verify it.

    Args:
        client: an open HTTP client, with credentials.
        url: where the file is; `file:` as well.
        part: the unfinished file, which may exist already; the caller holds the claim on it.
        wanted: what the bytes must be.
        retry: how often to try.
        progress: what to tell how far it is.

    Returns:
        The sha256 of the whole file.

    Raises:
        NetworkError: it could not be had; `part` stays for the next time.
        IntegrityError: other bytes than wanted came; `part` is removed.
        OutputError: `part` could not be written; it is removed.
    """
    with PartFile(part) as partial:
        resumed = partial.length > 0
        failed, best = 0, partial.length
        while True:
            try:
                _receive(client, url, partial, wanted, progress)
                break
            except TransientError as error:
                failed = 1 if partial.length > best else failed + 1
                best = max(best, partial.length)
                if failed >= retry.attempts:
                    message = f"{wanted.filename} could not be fetched from {redact(url)}: {error}"
                    step = "try again: the download is resumed where it broke"
                    raise NetworkError(message, next_step=step) from error
                retry.wait(failed, error.retry_after)
        digest = partial.finish()
    if wanted.sha256 in (None, digest):
        return digest
    _remove(part)
    if resumed:  # the part that was there may be what was wrong
        return download(client, url, part, wanted, retry=retry, progress=progress)
    raise _other_bytes(wanted, url, f"sha256 {digest}, expected {wanted.sha256}")


def _receive(
    client: httpx2.Client, url: str, partial: PartFile, wanted: Wanted, progress: Progress
) -> None:
    """Make one request, and append what it brings."""
    if wanted.size is not None and partial.length > wanted.size:
        partial.reset()
    if partial.length == wanted.size:
        return
    # Without `identity` a server may compress, and neither length nor offset would be the file's.
    headers = {"Accept-Encoding": "identity"}
    if partial.length:
        headers["Range"] = f"bytes={partial.length}-"
    try:
        with client.stream("GET", url, headers=headers) as response:
            total = _begin(response, url, partial, wanted)
            # Without a chunk size: one would hold bytes back, and lose them when it breaks.
            for chunk in response.iter_raw():
                partial.append(chunk)
                progress.update(partial.length)
                if total is not None and partial.length > total:
                    partial.doom()
                    raise _other_bytes(wanted, url, f"more than {total} bytes")
    except httpx2.TransportError as error:
        if is_permanent(error):
            message = f"{redact(url)}: {error}"
            raise NetworkError(message, next_step="check the address and certificates") from error
        raise TransientError(f"{type(error).__name__}: {error}") from error
    if total is not None and partial.length < total:
        raise TransientError(f"the connection ended after {partial.length} of {total} bytes")


def _begin(response: httpx2.Response, url: str, partial: PartFile, wanted: Wanted) -> int | None:
    """Judge status and headers; give the whole file's length, where it is known."""
    status = response.status_code
    if status in TRANSIENT_STATUS:
        raise TransientError(describe(response), response.headers.get("Retry-After"))
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and partial.length:
        partial.reset()
        raise TransientError(describe(response))
    if status == HTTPStatus.PARTIAL_CONTENT:
        start = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if start is None or int(start[1]) != partial.length:
            partial.reset()
            raise TransientError("the server resumed at another place than it was asked to")
    elif status == HTTPStatus.OK:
        partial.reset()  # a server without ranges sends everything again
    else:
        message = f"{wanted.filename} could not be fetched from {redact(url)}: {describe(response)}"
        raise NetworkError(message, next_step="check the index and its credentials")
    length = response.headers.get("Content-Length", "")
    if not length.isdigit() or "Content-Encoding" in response.headers:
        return wanted.size
    total = partial.length + int(length)
    if wanted.size not in (None, total):
        partial.doom()
        raise _other_bytes(wanted, url, f"{total} bytes, expected {wanted.size}")
    return total


def describe(response: httpx2.Response) -> str:
    """Give a status as people know it.

    Args:
        response: what a server answered.
    """
    return f"HTTP {response.status_code} {response.reason_phrase}".rstrip()


def is_permanent(error: httpx2.TransportError) -> bool:
    """Say whether trying again cannot help: no certificate grows valid by waiting.

    Args:
        error: why a request failed.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ssl.SSLCertVerificationError, httpx2.UnsupportedProtocol)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _other_bytes(wanted: Wanted, url: str, what: str) -> IntegrityError:
    message = (
        f"{wanted.filename} from {redact(url)} is not the locked file: {what}; nothing was kept"
    )
    step = "do not use this index before someone has found out why it serves other bytes"
    return IntegrityError(message, next_step=step)


def _remove(part: Path) -> None:
    with output_errors("cannot remove", part):
        part.unlink(missing_ok=True)
