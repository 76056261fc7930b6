"""A cell survives JSON, as it must to come from a worker and from the cache."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from build_hooks.drift.cell import ERROR, OUTCOMES, Cell, Failure
from build_hooks.drift.judge import dump_cells, load_cells

TEXT = st.text(max_size=20)
FAILURES = st.builds(Failure, kind=TEXT, exit_code=st.integers(0, 255), message=TEXT)
CELLS = st.builds(
    Cell,
    outcome=st.sampled_from(OUTCOMES),
    sites=st.lists(st.tuples(TEXT, st.integers(1))).map(tuple),
    problems=st.lists(st.dictionaries(TEXT, TEXT | st.integers() | st.lists(TEXT))).map(tuple),
    message=st.lists(TEXT).map(tuple),
    checks=st.lists(TEXT).map(tuple),
    diff=TEXT,
    failure=st.none() | FAILURES,
)


@given(CELLS)
def test_json_gives_the_same_cell(cell: Cell) -> None:
    assert Cell.from_json(json.loads(json.dumps(cell.as_json()))) == cell


@given(st.dictionaries(TEXT, CELLS, max_size=3))
def test_the_cells_of_a_release_are_written_and_read(cells: dict[str, Cell]) -> None:
    assert load_cells(dump_cells(cells)) == cells


def test_a_cell_without_outcome_says_why_and_nothing_of_the_patch() -> None:
    cell = Cell.failed(Failure(kind="network", exit_code=4, message="one\n  next: two"))
    assert (cell.outcome, cell.message) == (ERROR, ("one", "  next: two"))
    assert not cell.is_good
    assert not cell.is_verdict
    assert Cell(outcome=ERROR, checks=("it failed",)).is_verdict
