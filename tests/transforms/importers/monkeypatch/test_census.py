"""The census of a published plugin is whole, and what differs from it is said."""

from __future__ import annotations

from tests.transforms.importers.monkeypatch.census import differences, known
from tests.transforms.importers.monkeypatch.running import rows_of
from transforms.importers.monkeypatch.mutation import Form


def test_the_census_has_one_row_for_each_of_the_243_mutations() -> None:
    rows = known()
    assert len(rows) == len(set(rows)) == 243
    assert {row[4] for row in rows} <= {item.value for item in Form}


def test_what_a_reading_does_not_share_with_it_is_said() -> None:
    said = differences(rows_of("import vllm.ops\nvllm.ops.LIMIT = 1\n"))
    assert len(said) == 244
    assert said[-1].startswith("not in the census: ('plug/__init__.py', '2', 'vllm.ops:LIMIT'")
    assert all(line.startswith("not found: ") for line in said[:-1])
