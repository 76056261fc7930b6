"""Bring a locked artifact to this machine, verified: from the cache, else from the user's index.

The name finds the file, the lock's sha256 decides whether it is used. A cache hit needs neither the
index client nor the network, and does not import them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.errors import IntegrityError, NetworkError, WheelwrightError
from build_hooks.fetch.cache import Cache, Slot, cache_root
from build_hooks.fetch.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.fetch.index_client import Found, IndexClient
    from build_hooks.lock import LockedArtifact


def fetch(  # noqa: PLR0913  (each is a setting of its own)
    artifact: LockedArtifact,
    *,
    cache: Path | None = None,
    index: str | None = None,
    offline: bool = False,
    rehash: bool = False,
    attempts: int = 4,
    backoff: float = 0.5,
) -> Path:
    """Give the path of an artifact's verified bytes.

    Args:
        artifact: what the lock says of it.
        cache: the folder that keeps downloads; the user's cache folder when not given.
        index: where to fetch from; what pip or uv are configured with when not given.
        offline: never touch the network.
        rehash: hash a cached file again, even if its stamp says that it is good.
        attempts: how often to try in a row without anything coming.
        backoff: seconds before the second attempt; each later wait is twice as long.

    Raises:
        NetworkError: it is not in the cache, and offline or nowhere to be had.
        IntegrityError: what is there has other bytes than the lock says; it was removed.
        OutputError: the cache cannot be written.
        UsageError: the index configuration cannot be read.
    """
    slot = Cache(cache_root(cache)).slot(artifact.sha256, artifact.filename)
    state = slot.state(rehash=rehash)
    if state == "good":
        return slot.path
    if state == "missing" and offline:
        raise _not_cached(artifact, slot)
    progress = Progress(artifact.filename, artifact.size)
    with slot.claim(lambda: progress.note(f"waiting for another build: {artifact.filename}")):
        # Another build may have fetched or mended it meanwhile.
        state = slot.state(rehash=rehash)
        if state == "good":
            return slot.path
        if state == "corrupt":
            slot.discard()
        if offline:
            raise _corrupt(artifact, slot) if state == "corrupt" else _not_cached(artifact, slot)
        try:
            _download(artifact, slot, index, (attempts, backoff), progress)
        finally:
            progress.close()
        return slot.commit()


def _download(
    artifact: LockedArtifact,
    slot: Slot,
    index: str | None,
    patience: tuple[int, float],
    progress: Progress,
) -> None:
    """Bring the slot's part to its verified full length, from the first place that has it."""
    # Here and not above: a cache hit must not pay for the HTTP client.
    from build_hooks.fetch.download import Retry, Wanted, download  # noqa: PLC0415
    from build_hooks.fetch.index_client import open_index  # noqa: PLC0415
    from build_hooks.fetch.index_config import choose_index  # noqa: PLC0415

    wanted = Wanted(artifact.filename, artifact.sha256, artifact.size)
    retry = Retry(*patience)
    failures: list[WheelwrightError] = []
    with open_index(choose_index(index), retry) as client:
        for found in client.files(artifact.distribution):
            if found.filename != artifact.filename:
                continue
            if found.sha256 not in (None, artifact.sha256):
                failures.append(_other_file(artifact, found))
                continue
            try:
                download(client.http, found.url, slot.part, wanted, retry=retry, progress=progress)
            except (IntegrityError, NetworkError) as error:
                failures.append(error)
            else:
                return
        raise _failure(artifact, client, failures)


def _failure(
    artifact: LockedArtifact, client: IndexClient, failures: list[WheelwrightError]
) -> WheelwrightError:
    """Choose what to say when no place gave the file: wrong bytes before no bytes."""
    for kind in (IntegrityError, NetworkError):
        for error in failures:
            if isinstance(error, kind):
                return error
    asked = "\n".join(f"    {answer}" for answer in client.answers)
    what = f"no index has {artifact.filename} ({client.config.origin}):\n{asked}"
    step = "check the network, or name an index that has it with the setting `index`"
    return NetworkError(what, next_step=step)


def _other_file(artifact: LockedArtifact, found: Found) -> IntegrityError:
    what = (
        f"{found.source} serves another {artifact.filename} than the locked one:"
        f" sha256 {found.sha256}, expected {artifact.sha256}; it was not fetched"
    )
    return IntegrityError(what, next_step="use another index, and find out why this one differs")


def _not_cached(artifact: LockedArtifact, slot: Slot) -> NetworkError:
    what = f"{artifact.filename} is not in the cache, and `offline` is set; looked at {slot.path}"
    return NetworkError(what, next_step="build once without `offline`, or copy the cache here")


def _corrupt(artifact: LockedArtifact, slot: Slot) -> IntegrityError:
    what = (
        f"{artifact.filename} in the cache had other bytes than the lock says; removed {slot.path}"
    )
    return IntegrityError(what, next_step="build once without `offline` to fetch it again")
