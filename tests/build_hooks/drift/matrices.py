"""Matrices that are made by hand, for the tests of how they are shown."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from build_hooks.drift.cell import ERROR, OUTCOMES, Cell, Failure
from build_hooks.drift.changes import Change
from build_hooks.drift.columns import column_name
from build_hooks.drift.matrix import Matrix, Row
from build_hooks.lock import LockedArtifact
from transforms.edits import Patch, Replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from build_hooks.lock import Kind

LETTERS = dict(zip("AEODMCX", OUTCOMES, strict=True))


def artifact(release: str, distribution: str = "vllm", kind: Kind = "sdist") -> LockedArtifact:
    """Make a locked artifact of a release."""
    name = f"{distribution.replace('-', '_')}-{release}"
    filename = f"{name}.tar.gz" if kind == "sdist" else f"{name}-cp38-abi3-linux_x86_64.whl"
    return LockedArtifact(
        distribution=distribution,
        release=release,
        kind=kind,
        filename=filename,
        size=1,
        unpacked=1,
        sha256=hashlib.sha256(filename.encode()).hexdigest(),
        date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        requires_python="",
    )


def matrix(
    rows: Mapping[str, str], artifacts: Sequence[LockedArtifact] = (), **cells: Cell
) -> Matrix:
    """Make a matrix from a string of letters for each patch.

    Args:
        rows: for each patch's full name the letters of its outcomes, oldest release first.
        artifacts: what the letters stand for; sdists of 0.9.0 and the releases behind it where
            none are given.
        cells: the cells of some letters; plain ones by default.
    """
    (count,) = {len(letters) for letters in rows.values()} or {0}
    artifacts = artifacts or [artifact(f"0.{number}.0") for number in range(9, 9 + count)]
    columns = [column_name(locked) for locked in artifacts]
    return Matrix(
        artifacts=tuple(artifacts),
        platforms=tuple(dict.fromkeys(name.partition("/")[0] for name in rows)),
        rows=tuple(
            Row(
                name=name,
                platform=name.partition("/")[0],
                patch=patch(),
                cells={
                    column: cells.get(letter, cell(name, column, LETTERS[letter]))
                    for column, letter in zip(columns, letters, strict=True)
                },
                changes={
                    column: Change(base=columns[0], notes=("it moved",), diff="-a\n+b\n")
                    for column, letter in zip(columns, letters, strict=True)
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
