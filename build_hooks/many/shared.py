"""The shared cache of many builds: files by hash, results by what they follow from.

`sha256/<first two digits>/<digest>/<file name>` is a file, whether a build reads or has made it;
`results/<first two digits>/<key>.json` says which of them a build has made. A result is written
after its file, so that what it names is there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from build_hooks.errors import IntegrityError
from build_hooks.index.store import open_store
from build_hooks.output import replacing

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a build has made.

    Attributes:
        filename: the wheel's or sdist's name.
        release: vLLM's release.
        sha256: its hash.
        size: in bytes.
        notes: what whoever built it should know, a line each.
        seconds: how long it took.
    """

    filename: str
    release: str
    sha256: str
    size: int
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Shared:
    """A cache that several machines use.

    Args:
        address: a folder, or anything that fsspec knows, e.g. ``s3://bucket/path``.

    Raises:
        UsageError: the address is of no use, or a package for it is missing.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._store = open_store(address)

    def has(self, sha256: str, filename: str, size: int | None = None) -> bool:
        """Tell whether a file is there.

        Args:
            sha256: its hash.
            filename: its name.
            size: its size, where that is known.
        """
        name = _file(sha256, filename)
        found = self._store.names(name.rpartition("/")[0] + "/").get(name)
        return found is not None and size in {None, found}

    def bring(self, sha256: str, filename: str, target: Path) -> None:
        """Write a file that is there to a path of this machine.

        Raises:
            IntegrityError: it has other bytes than its name says; nothing is written.
        """
        digest = hashlib.sha256()
        with replacing(target) as file:
            for chunk in self._store.chunks(_file(sha256, filename)):
                digest.update(chunk)
                file.write(chunk)
            if digest.hexdigest() != sha256:
                raise IntegrityError(
                    f"{self.address}: {_file(sha256, filename)} has other bytes than its name says",
                    next_step="remove it there, and build again",
                )

    def keep(self, sha256: str, path: Path) -> None:
        """Keep a file of this machine, unless it is there."""
        if not self.has(sha256, path.name, path.stat().st_size):
            self._store.send(_file(sha256, path.name), path)

    def result(self, key: str) -> Made | None:
        """Give what a build has made; None where nobody has built it, or its file is gone."""
        name = _result(key)
        data = self._store.read([name]).get(name)
        if data is None:
            return None
        try:
            document: dict[str, Any] = json.loads(data)
            made = Made(**{**document, "notes": tuple(document["notes"])})
        except (ValueError, TypeError, KeyError) as error:
            raise IntegrityError(
                f"{self.address}: {name} is no result: {error}",
                next_step="remove it there, and build again",
            ) from error
        return made if self.has(made.sha256, made.filename, made.size) else None

    def keep_result(self, key: str, made: Made, path: Path) -> None:
        """Keep what a build has made, for everyone who would build the same."""
        self.keep(made.sha256, path)
        self._store.write(_result(key), json.dumps(asdict(made), indent=1).encode())


def _file(sha256: str, filename: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256}/{filename}"


def _result(key: str) -> str:
    return f"results/{key[:2]}/{key}.json"
