"""The matrix as JSON, each diff once: artifacts that upstream did not touch share theirs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from build_hooks.drift.columns import column_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from build_hooks.drift.cell import Cell
    from build_hooks.drift.changes import Change
    from build_hooks.drift.compatibility import Support
    from build_hooks.drift.matrix import Matrix, Row
    from build_hooks.lock import LockedArtifact

_SHOWN = 16


def document(matrix: Matrix, supports: Sequence[Support]) -> dict[str, Any]:
    """Give the matrix as `drift --json` writes it.

    `artifacts` are the columns, and `outcomes` has a cell under the name of each. `diffs` holds
    every diff under the beginning of its sha256; cells name it. `compatibility` has the state of
    every platform on every artifact.

    Args:
        matrix: every patch on every artifact.
        supports: what that comes to.
    """
    diffs: dict[str, str] = {}
    return {
        "good": matrix.is_good,
        "releases": list(dict.fromkeys(locked.release for locked in matrix.artifacts)),
        "artifacts": [_artifact(locked) for locked in matrix.artifacts],
        "platforms": list(matrix.platforms),
        "compatibility": [support.as_json() for support in supports],
        "patches": [_row(row, diffs) for row in matrix.rows],
        "diffs": diffs,
    }


def _artifact(locked: LockedArtifact) -> dict[str, str]:
    return {
        "name": column_name(locked),
        "release": locked.release,
        "distribution": locked.distribution,
        "kind": locked.kind,
        "filename": locked.filename,
        "sha256": locked.sha256,
    }


def _row(row: Row, diffs: dict[str, str]) -> dict[str, Any]:
    patch = row.patch
    return {
        "name": row.name,
        "platform": row.platform,
        "why": patch.why if patch else "",
        "upstream": patch.upstream if patch else "",
        "drop_when": patch.drop_when if patch else "",
        "versions": patch.versions if patch else "",
        "stopped": row.stopped,
        "outcomes": {
            name: _cell(cell, row.changes.get(name), diffs) for name, cell in row.cells.items()
        },
    }


def _cell(cell: Cell, change: Change | None, diffs: dict[str, str]) -> dict[str, Any]:
    failure = cell.failure
    return {
        "outcome": cell.outcome,
        "sites": [{"path": path, "line": line} for path, line in cell.sites],
        "problems": list(cell.problems),
        "message": list(cell.message),
        "checks": list(cell.checks),
        "diff": _keep(cell.diff, diffs),
        "error": failure
        and {
            "kind": failure.kind,
            "exit_code": failure.exit_code,
            "message": failure.message,
        },
        "change": change
        and {
            "base": change.base,
            "notes": list(change.notes),
            "diff": _keep(change.diff, diffs),
        },
    }


def _keep(diff: str, diffs: dict[str, str]) -> str | None:
    if not diff:
        return None
    digest = hashlib.sha256(diff.encode()).hexdigest()[:_SHOWN]
    diffs[digest] = diff
    return digest
