"""The matrix of the planted platform, made once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import run
from tests.build_hooks.drift.planted import TOY, plant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.build_hooks.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `drift` said of the planted platform.

    Attributes:
        project: the checkout.
        document: what `--json` wrote.
        page: what `--html` wrote.
        notes: standard error.
    """

    project: Project
    document: dict[str, Any]
    page: str
    notes: str

    def cell(self, patch: str, release: str) -> dict[str, Any]:
        """Give the cell of one patch on one release."""
        found: dict[str, Any] = self.row(patch)["outcomes"][release]
        return found

    def row(self, patch: str) -> dict[str, Any]:
        """Give a patch and all its cells."""
        (row,) = (item for item in self.document["patches"] if item["name"] == patch)
        found: dict[str, Any] = row
        return found


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Give the matrix of a platform whose patches have every outcome; nothing may change it."""
    folder: Path = tmp_path_factory.mktemp("planted")
    project = plant(folder, TOY, damaged=True)
    broken = project.root / "transforms" / "platforms" / "toy" / "broken.py"
    broken.write_text("raise ValueError('planted')\n")
    page = folder / "drift.html"
    words = ("drift", "--json", "--html", page)
    done = run(*words, project=project.root, env=project.environment())
    assert done.returncode == 1, done.stderr
    return Report(
        project=project,
        document=json.loads(done.stdout),
        page=page.read_text(encoding="utf-8"),
        notes=done.stderr,
    )
