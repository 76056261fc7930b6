"""The matrix has an outcome for every patch and release, whatever goes wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import run
from tests.build_hooks.drift.planted import ABSENT, MALFORMED, RELEASES, TOY, own, plant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.build_hooks.drift.conftest import Report

EXPECTED = {
    "toy/broken": "error error error",
    "toy/drifts": "applied applied drifted",
    "toy/excluded": "excluded excluded excluded",
    "toy/holds": "applied applied applied",
    "toy/hostile": "applied applied applied",
    "toy/left": "excluded excluded conflict",
    "toy/moves": "applied missing missing",
    "toy/obsolete": "applied applied obsolete",
    "toy/raises": "excluded error excluded",
    "toy/right": "excluded excluded conflict",
    "toy/takes": "conflict excluded excluded",
    "toy/unsettled": "error excluded excluded",
    "wheelwright/compile_cache_key": "applied applied applied",
    "wheelwright/one_version": "applied applied applied",
    "wheelwright/self_description": "applied applied applied",
}


def test_every_patch_has_an_outcome_on_every_release(planted: Report) -> None:
    releases = [*RELEASES, ABSENT, MALFORMED]
    assert planted.document["releases"] == releases
    assert planted.document["platforms"] == ["toy", "wheelwright"]
    rows = planted.document["patches"]
    assert [row["name"] for row in rows] == list(EXPECTED)
    assert all(list(row["outcomes"]) == releases for row in rows)


@pytest.mark.parametrize("patch", EXPECTED)
def test_each_outcome_is_the_one_that_was_planted(planted: Report, patch: str) -> None:
    found = [planted.cell(patch, release)["outcome"] for release in RELEASES]
    assert found == EXPECTED[patch].split()


ERRORS = {
    ("toy/broken", RELEASES[0]): ("declaration", 9, "ValueError: planted"),
    ("toy/holds", ABSENT): ("network", 4, f"no index has vllm-{ABSENT}.tar.gz"),
    ("toy/holds", MALFORMED): ("artifact", 6, "is not a usable sdist"),
    ("toy/raises", RELEASES[1]): ("error", 70, "RuntimeError: planted"),
    ("toy/unsettled", RELEASES[0]): ("patches", 1, "does not compile"),
}


@pytest.mark.parametrize("place", ERRORS)
def test_what_has_no_outcome_says_why_with_its_exit_code(
    planted: Report, place: tuple[str, str]
) -> None:
    kind, code, said = ERRORS[place]
    cell = planted.cell(*place)
    assert cell["outcome"] == "error"
    assert (cell["error"]["kind"], cell["error"]["exit_code"]) == (kind, code)
    assert said in cell["error"]["message"]
    assert any(said in line for line in cell["message"])


def test_a_patch_that_raises_does_not_hide_the_others(planted: Report) -> None:
    release = RELEASES[1]
    others = [name for name in EXPECTED if name not in {"toy/raises", "toy/broken"}]
    assert all(planted.cell(name, release)["outcome"] != "error" for name in others)


def test_a_failed_check_is_in_the_cell_of_the_patch_that_it_names(planted: Report) -> None:
    (check,) = planted.cell("toy/unsettled", RELEASES[0])["checks"]
    assert check.startswith("vllm/platforms/__init__.py:2 does not compile after toy/uns")
    assert planted.cell("toy/holds", RELEASES[0])["checks"] == []


def test_good_cells_have_sites_and_a_diff_and_bad_ones_a_message(planted: Report) -> None:
    good = planted.cell("toy/holds", RELEASES[0])
    assert good["sites"] == [{"path": "vllm/platforms/interface.py", "line": 15}]
    diff = planted.document["diffs"][good["diff"]]
    assert '+        return self.device_type in ("cpu", "musa")\n' in diff
    assert good["problems"] == []
    bad = planted.cell("toy/drifts", RELEASES[2])
    assert bad["diff"] is None
    assert bad["problems"][0]["looked_for"] == '$d.device_type == "cuda"'
    assert any("looked for" in line for line in bad["message"])


def test_equal_diffs_are_kept_once(planted: Report) -> None:
    digests = {planted.cell("toy/holds", release)["diff"] for release in RELEASES}
    assert len(digests) == 1


def test_a_process_that_dies_costs_its_own_release_only(tmp_path: Path) -> None:
    lethal = own("import os; os.kill(os.getpid(), 9)", "vllm/__init__.py")
    patches = {"holds": TOY["holds"], "lethal": (lethal, "==0.32.0")}
    project = plant(tmp_path, patches)
    env = project.environment()
    done = run("drift", "--json", "--jobs", "2", project=project.root, env=env)
    assert done.returncode == 1, done.stderr
    rows = {row["name"]: row["outcomes"] for row in json.loads(done.stdout)["patches"]}
    found = {release: rows["toy/holds"][release]["outcome"] for release in RELEASES}
    assert found == {"0.31.0": "applied", "0.32.0": "error", "0.33.0": "applied"}
    assert "died" in rows["toy/lethal"]["0.32.0"]["error"]["message"]
    assert rows["wheelwright/self_description"]["0.33.0"]["outcome"] == "applied"
