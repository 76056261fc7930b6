"""The matrix as JSON: each diff once, and a name for it in every cell that has it."""

from __future__ import annotations

import hashlib

from build_hooks.drift.document import document
from tests.build_hooks.drift.matrices import matrix


def test_every_cell_is_there_and_names_its_diff() -> None:
    made = matrix({"toy/a": "AD", "toy/b": "AE"})
    found = document(made)
    assert found["good"] is False
    assert [row["name"] for row in found["patches"]] == ["toy/a", "toy/b"]
    first, second = (row["outcomes"] for row in found["patches"])
    assert list(first) == found["releases"] == ["0.9.0", "0.10.0"]
    # The two patches do the same to this release.
    assert first["0.9.0"]["diff"] == second["0.9.0"]["diff"]
    assert first["0.10.0"]["diff"] is None
    assert first["0.10.0"]["change"]["base"] == "0.9.0"
    names = {first["0.9.0"]["diff"], first["0.10.0"]["change"]["diff"]}
    assert set(found["diffs"]) == names
    for name, diff in found["diffs"].items():
        assert hashlib.sha256(diff.encode()).hexdigest().startswith(name)


def test_an_error_keeps_its_kind_and_exit_code() -> None:
    row = document(matrix({"toy/a": "X"}))["patches"][0]
    assert row["outcomes"]["0.9.0"]["error"] == {
        "kind": "network",
        "exit_code": 4,
        "message": "0.9.0 is not here",
    }
    assert row["stopped"] is None
