"""Matrices that are made by hand, for the tests of how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.drift.cell import ERROR, OUTCOMES, Cell, Failure
from build_hooks.drift.changes import Change
from build_hooks.drift.matrix import Matrix, Row
from transforms.edits import Patch, Replace

if TYPE_CHECKING:
    from collections.abc import Mapping

LETTERS = dict(zip("AEODMCX", OUTCOMES, strict=True))


def matrix(rows: Mapping[str, str], **cells: Cell) -> Matrix:
    """Make a matrix from a string of letters for each patch.

    Args:
        rows: for each patch's full name the letters of its outcomes, oldest release first.
        cells: the cells of some letters; plain ones by default.
    """
    (count,) = {len(letters) for letters in rows.values()} or {0}
    releases = tuple(f"0.{number}.0" for number in range(9, 9 + count))
    return Matrix(
        releases=releases,
        platforms=tuple(dict.fromkeys(name.partition("/")[0] for name in rows)),
        rows=tuple(
            Row(
                name=name,
                platform=name.partition("/")[0],
                patch=patch(),
                cells={
                    release: cells.get(letter, cell(name, release, LETTERS[letter]))
                    for release, letter in zip(releases, letters, strict=True)
                },
                changes={
                    release: Change(base=releases[0], notes=("it moved",), diff="-a\n+b\n")
                    for release, letter in zip(releases, letters, strict=True)
                    if letter in "DM" and letters[0] == "A"
                },
            )
            for name, letters in rows.items()
        ),
    )


def patch() -> Patch:
    """Make a patch that says why it is there."""
    edit = Replace(inside="vllm.a", find="x", replace="y")
    return Patch(why="w", upstream="u", drop_when="d", versions=">0", edits=[edit])


def cell(name: str, release: str, outcome: str) -> Cell:
    """Make a cell as a release would have it."""
    if outcome == ERROR:
        return Cell.failed(Failure(kind="network", exit_code=4, message=f"{release} is not here"))
    line = len(release) * 100 + int(release.split(".")[1])
    problem = {
        "edit": 1,
        "outcome": outcome,
        "reason": "r",
        "line": line,
        "notes": [f"line {line}"],
    }
    good = outcome in {"applied", "excluded"}
    return Cell(
        outcome=outcome,
        sites=(("vllm/a.py", line),) if outcome == "applied" else (),
        problems=() if good else (problem,),
        message=(f"{name}: {outcome} on {release}",),
        diff=f"diff --git a/a b/a\n@@ -{line} @@\n-x\n+y\n" if outcome == "applied" else "",
    )
