"""What the index knows of a file survives being written, and damage is said."""

from __future__ import annotations

import json

import pytest

from build_hooks.errors import IntegrityError
from build_hooks.index.entry import in_order, load_entry
from tests.build_hooks.index.test_simple import entry_of


def test_an_entry_is_what_was_written() -> None:
    entry = entry_of(
        yanked='a "b" <é>', built={"platforms": ["musa"]}, reports=("a", "b"), earlier=("00",)
    )
    assert load_entry(entry.dump(), entry.place) == entry


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema"),
        ({"size": "12"}, "size"),
        ({"sha256": None}, "sha256"),
        ({"filename": "other.whl"}, "is of other.whl"),
    ],
)
def test_what_is_not_an_entry_is_refused(change: dict[str, object], said: str) -> None:
    entry = entry_of()
    data = json.dumps({**json.loads(entry.dump()), **change}).encode()
    with pytest.raises(IntegrityError, match=said):
        load_entry(data, entry.place)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError, match=r"^entries/vllm/"):
        load_entry(data, entry_of().place)


def test_entries_are_ordered_by_version_not_by_text() -> None:
    versions = ["0.9.2", "0.33.0+musa", "0.33.0", "0.4.0"]
    entries = [entry_of(version=version) for version in versions]
    assert [item.version for item in in_order(entries)] == [
        "0.4.0",
        "0.9.2",
        "0.33.0",
        "0.33.0+musa",
    ]
