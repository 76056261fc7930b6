"""The places of an index: a folder, memory, and a file system that writes in pieces."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import OutputError, UsageError
from build_hooks.index.folder_store import FolderStore
from build_hooks.index.object_store import ObjectStore
from build_hooks.index.store import Store, open_store
from tests.build_hooks.index.indexes import memory_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["folder", "memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return memory_store()
    # fsspec's own way to a folder is one that needs temporary names.
    path = tmp_path / "public"
    return open_store(str(path)) if request.param == "folder" else ObjectStore(f"local://{path}")


def test_a_store_gives_back_what_it_was_given(store: Store, tmp_path: Path) -> None:
    assert store.names() == {}
    source = tmp_path / "source"
    source.write_bytes(b"large")
    store.write("a/b+c/d.html", b"page")
    store.send("files/x/y.whl", source)
    assert store.names() == {"a/b+c/d.html": 4, "files/x/y.whl": 5}
    assert store.names("a/") == {"a/b+c/d.html": 4}
    assert store.names("none/") == {}
    assert store.read(["a/b+c/d.html", "none", "files/x/y.whl/below"]) == {"a/b+c/d.html": b"page"}
    assert b"".join(store.chunks("files/x/y.whl")) == b"large"
    assert store.digest("files/x/y.whl") == hashlib.sha256(b"large").hexdigest()
    store.write("a/b+c/d.html", b"other page")
    assert store.read(["a/b+c/d.html"]) == {"a/b+c/d.html": b"other page"}


def test_what_is_there_is_not_created(store: Store) -> None:
    assert store.create("entries/a.json", b"1")
    assert not store.create("entries/a.json", b"2")
    assert store.read(["entries/a.json"]) == {"entries/a.json": b"1"}


def test_no_temporary_file_is_left(tmp_path: Path) -> None:
    for store in (open_store(str(tmp_path / "a")), ObjectStore(f"local://{tmp_path / 'b'}")):
        store.write("x/y", b"1")
        store.write("x/y", b"2")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"y"}


def test_temporary_files_of_writers_long_dead_are_removed(tmp_path: Path) -> None:
    old, young = tmp_path / "files" / ".a.whl.1.tmp", tmp_path / "files" / ".b.whl.2.tmp"
    store = open_store(str(tmp_path))
    store.write("files/a.whl", b"1")
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    assert list(store.names()) == ["files/a.whl"]
    with store.claim(print):
        pass
    assert (old.exists(), young.exists()) == (False, True)


def test_one_writer_at_a_time_is_let_in(store: Store) -> None:
    waiting = threading.Event()
    order: list[str] = []

    def second() -> None:
        with store.claim(lambda _: waiting.set()):
            order.append("second is in")

    thread = threading.Thread(target=second)
    with store.claim(print) as keep:
        thread.start()
        assert waiting.wait(30)
        keep()
        order.append("first goes")
    thread.join(30)
    assert order == ["first goes", "second is in"]


def test_a_path_and_its_file_address_are_the_same_folder(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    assert isinstance(store, FolderStore)
    store.write("a b", b"1")
    assert (tmp_path / "a b").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://index.example/simple", "not written through https"),
        ("nosuch://bucket", "nosuch"),
    ],
)
def test_a_scheme_that_cannot_be_written_is_wrong_use(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        open_store(address)
    assert caught.value.next_step


def test_a_missing_package_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> object:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("build_hooks.index.object_store.ObjectStore", missing)
    with pytest.raises(UsageError, match="Install s3fs") as caught:
        open_store("s3://bucket/index")
    assert "--group index" in caught.value.next_step


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = open_store(str(tmp_path / "file"))
    with pytest.raises(OutputError):
        store.write("a", b"")
    with pytest.raises(OutputError), store.claim(print):
        pass


def test_what_storage_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    store = memory_store()
    assert isinstance(store, ObjectStore)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(store._fs), "pipe_file", refuse)
    with pytest.raises(OutputError, match=r"memory://.* cannot be written: Access Denied"):
        store.write("a", b"")
