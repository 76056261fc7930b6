"""Where a patch stopped to hold, and what upstream did to its code since then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.build_hooks.drift.planted import ABSENT, RELEASES

if TYPE_CHECKING:
    from tests.build_hooks.drift.conftest import Report


def test_a_row_names_the_first_release_where_it_stopped_to_hold(planted: Report) -> None:
    stopped = {row["name"]: row["stopped"] for row in planted.document["patches"]}
    assert stopped["toy/drifts"] == RELEASES[2]
    assert stopped["toy/moves"] == RELEASES[1]
    assert stopped["toy/obsolete"] == RELEASES[2]
    # It never held, so it did not stop; and a release that nobody could fetch says nothing of it.
    assert stopped["toy/left"] is None
    assert stopped["toy/holds"] is None
    assert planted.cell("toy/holds", ABSENT)["change"] is None


def test_the_change_is_from_the_nearest_older_release_where_it_was_applied(
    planted: Report,
) -> None:
    change = planted.cell("toy/drifts", RELEASES[2])["change"]
    assert change["base"] == RELEASES[1]
    diff = planted.document["diffs"][change["diff"]].splitlines()
    path = "vllm/v1/worker/gpu_worker.py"
    assert diff[:2] == [
        f"--- {RELEASES[1]} {path} from line 3",
        f"+++ {RELEASES[2]} {path} from line 3",
    ]
    assert '-        if self.device_config.device_type == "cuda":' in diff
    assert '+        if self.device_config.device_type == "gpu":' in diff
    assert len(diff) == 7


def test_code_that_moved_is_found_by_its_body(planted: Report) -> None:
    first, second = (planted.cell("toy/moves", release)["change"] for release in RELEASES[1:])
    assert first["base"] == second["base"] == RELEASES[0]
    (note,) = first["notes"]
    assert "moved, with the same body: vllm.v1.worker.helpers.helper (line 1)" in note
    (gone,) = second["notes"]
    assert f"on {RELEASES[2]}: no 'helper'" in gone
    assert first["diff"] is None
    assert second["diff"] is None


def test_a_good_cell_has_no_change(planted: Report) -> None:
    assert planted.cell("toy/drifts", RELEASES[1])["change"] is None
