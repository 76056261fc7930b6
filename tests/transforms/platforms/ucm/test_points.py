"""What the points call is added to the wheel, all of it."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm.points import PATCH


def test_every_module_is_added() -> None:
    paths = [edit.path for edit in PATCH.edits]  # type: ignore[attr-defined]
    folder = "vllm/wheelwright_ucm"
    names = ("__init__", "counterpart", "recovery", "steps")
    assert paths == [f"{folder}/{name}.py" for name in names]


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.1") is Status.EXCLUDED
