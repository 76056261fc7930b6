"""The published plugin, read and compiled: every one of its 243 changes is accounted for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.plugins.importing import import_plugin
from build_hooks.plugins.wanted import opened_plugin
from build_hooks.settings import Settings
from tests.transforms.importers.monkeypatch.census import DEFINES, ROOTS, differences
from tests.wheels.real import artifact
from transforms.importers.monkeypatch.reading import read

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.compiler import Imported
    from transforms.importers.monkeypatch.reading import Reading

pytestmark = pytest.mark.upstream

_PLUGIN, _RELEASE = "vllm-ascend==0.23.0.post1", "0.23.0"
_LEAST_DONE = 0.85
_MUTATIONS = 243


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, Imported]:
    """Give what is read of the plugin, and what is written of it, on its release."""
    define = tuple(f"{name}={value}" for name, value in DEFINES.items())
    settings = Settings(
        plugin=_PLUGIN, root=ROOTS, define=define, vllm=_RELEASE, source=str(artifact(_RELEASE))
    )
    opened = opened_plugin(_PLUGIN, settings)
    reading = read(opened.plugin, open_artifact(artifact(_RELEASE)), _RELEASE, DEFINES)
    written = import_plugin(_PLUGIN, tmp_path_factory.mktemp("imported"), settings)
    return reading, written.imported


def test_what_is_read_is_the_census_and_nothing_twice(both: tuple[Reading, Imported]) -> None:
    mutations = both[0].mutations
    assert differences(mutations) == []
    targets = Counter((row.place, row.target, row.spelled) for row in mutations)
    assert len(mutations) == len(targets) == _MUTATIONS


def test_every_change_is_one_row_of_the_table(both: tuple[Reading, Imported]) -> None:
    reading, made = both
    rows = Counter((row.place, row.spelled) for row in made.rows)
    assert rows == Counter((row.place, row.spelled) for row in reading.mutations)
    assert all(row.what and row.place.line and row.processes for row in made.rows)


def test_most_are_compiled_or_need_nothing(both: tuple[Reading, Imported]) -> None:
    outcomes = Counter(row.outcome for row in both[1].rows)
    done = outcomes["compiled"] + outcomes["needs nothing"]
    assert done >= _LEAST_DONE * _MUTATIONS, outcomes
