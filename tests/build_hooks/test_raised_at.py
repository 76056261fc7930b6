"""An error in a patch module is traced to its line and, where it is in one, to its edit."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from build_hooks.raised_at import raised_at

if TYPE_CHECKING:
    from pathlib import Path

EDITS = """\
def edit(n):
    return 1 / n

PATCH = dict(
    why="w",
    edits=[
        edit(
            1,
        ),
        {second},
    ],
)
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = 1\n1 / 0\n", ":2"),
        ("(\n", ":1"),
        (EDITS.format(second="edit(0)"), ":2, in edit 2 of 2 (edit)"),
        (EDITS.format(second="1 / 0"), ":10, in edit 2 of 2"),
        ("import a_module_that_nobody_has\n", ":1"),
    ],
)
def test_the_line_and_the_edit(
    text: str,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    name = f"raises_{abs(hash(request.node.nodeid))}"
    path = tmp_path / f"{name}.py"
    path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is the module's choice
        importlib.import_module(name)
    assert raised_at(caught.value, name) == f"{path}{place}"


def test_a_module_that_is_not_there_has_no_place() -> None:
    assert raised_at(ImportError(), "a_module_that_nobody_has") == ""
