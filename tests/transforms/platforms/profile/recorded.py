"""Run upstream's lines with points compiled in, and look at what they record."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.excerpts import run
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    import pytest

    from transforms.edits import Patch


class Recorded:
    """What points record, in order, in place of a recorder that writes it.

    Args:
        package: the runtime package, loaded with profiling on.
        monkeypatch: undoes it.
    """

    def __init__(self, package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.package = package
        self.points: list[str] = []
        self.flushes = 0
        self._rows: list[tuple[str, tuple[object, ...]]] = []
        recording = package.recording
        monkeypatch.setattr(recording, "record", lambda *row: self._rows.append(row))
        monkeypatch.setattr(recording, "fired", self.points.append)
        monkeypatch.setattr(recording, "flush_soon", self._flush)
        monkeypatch.setattr(recording, "trouble", self._trouble)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give a table's rows by column; each has been checked as it is before it is written."""
        tables = sys.modules[f"{self.package.__name__}.tables"]
        names = [column.name for column in tables.TABLES[table]]
        return [
            dict(zip(names, tables.checked(table, row), strict=True))
            for name, row in self._rows
            if name == table
        ]

    def clear(self) -> None:
        """Forget the rows so far."""
        self._rows.clear()

    def _flush(self) -> None:
        self.flushes += 1

    def _trouble(self, what: str, error: BaseException | None = None) -> None:
        raise AssertionError(what) from error


def compiled(
    patches: list[Patch], release: str, module: str, before: str, package: object
) -> SimpleNamespace:
    """Apply patches together to a few lines like upstream's, and run the result.

    Args:
        patches: the patches; those of their edits count that are for the module.
        release: the release that the lines are taken to be from.
        module: its dotted name.
        before: its text.
        package: what `from vllm import wheelwright_profile` gives.
    """
    path = f"{module.replace('.', '/')}.py"
    tree = MemoryTree.of({path: before})
    mine = {f"profile/{at}": _part(patch, module, release) for at, patch in enumerate(patches)}
    outcomes = match_patches(mine, tree, release)
    assert {outcome.status for outcome in outcomes} == {Status.APPLIED}, outcomes
    (file,) = apply_sites(outcomes, tree)
    return run_in_vllm(file.after.decode(), package)


def run_in_vllm(text: str, package: object, **names: object) -> SimpleNamespace:
    """Execute a module's text where `from vllm import wheelwright_profile` gives the package."""
    vllm = ModuleType("vllm")
    vllm.wheelwright_profile = package  # type: ignore[attr-defined]
    real, sys.modules["vllm"] = sys.modules.get("vllm"), vllm
    try:
        return run(text, **names)
    finally:
        del sys.modules["vllm"]
        if real is not None:
            sys.modules["vllm"] = real


def _part(patch: Patch, module: str, release: str) -> Patch:
    edits = [
        edit
        for edit in patch.edits
        if getattr(edit, "inside", "").startswith(module) and admits(edit.versions, release)
    ]
    return replace(patch, edits=edits)
