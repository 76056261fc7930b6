"""The scopes of edits: of those in force on a release, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.drift.scopes import scopes_of
from transforms.edits import AddModule, Replace

if TYPE_CHECKING:
    from transforms.engine.edit import Edit


def test_gives_each_scope_of_the_edits_in_force_once() -> None:
    edits: list[Edit] = [
        Replace(inside="pkg.one", find="a", replace="b"),
        Replace(inside="pkg.one", find="c", replace="d", versions=">=2"),
        Replace(inside="pkg.two", find="e", replace="f", versions="<2"),
        AddModule(path="pkg/new.py"),
    ]
    assert scopes_of(edits, "1.0") == ("pkg.one", "pkg.two")
    assert scopes_of(edits, "2.0") == ("pkg.one",)
