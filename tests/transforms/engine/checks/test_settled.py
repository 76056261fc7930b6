"""Matching again: an edit that would act twice, or that cannot see its own work, is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.transforms.engine.checks.touching import edited
from tests.transforms.trees import NAME, RELEASE, MemoryTree, one, patch
from transforms.edits import AddMember, ApplyRule, InsertAfter, Replace
from transforms.engine.checks.settled import unsettled
from transforms.engine.edit import Found
from transforms.engine.site import Site
from transforms.rules.triton import annassign

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.engine.patch import Patch
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True)
class _Blind:
    """An edit that appends, and does not see that it has."""

    text: bytes
    versions: str = ""

    def paths(self, tree: Tree) -> tuple[str, ...]:  # noqa: ARG002
        return ("m.py",)

    def match(self, source: Source, tree: Tree) -> Found:  # noqa: ARG002
        end = len(source.data)
        site = Site(path="m.py", start=end, end=end, replacement=self.text, line=3)
        return Found(sites=(site,))


def _failures(tree: MemoryTree, patches: dict[str, Patch]) -> list[str]:
    return list(unsettled(edited(tree, patches), patches, tree, RELEASE))


def test_an_edit_that_would_act_again_is_told() -> None:
    (failure,) = _failures(one("a\n"), {NAME: patch(_Blind(b"b\n"))})
    assert failure == ("musa/patch edit 1 of 1: it would act again on the edited files: m.py:3")


def test_only_the_edit_that_would_act_again_is_told() -> None:
    edits: list[Edit] = [Replace(inside="m", find="a", replace="c"), _Blind(b"b\n")]
    (failure,) = _failures(one("a\n"), {NAME: patch(*edits)})
    assert failure.startswith("musa/patch edit 2 of 2: ")


def test_what_another_patch_writes_is_no_reason_to_act_again() -> None:
    patches = {
        "p/a": patch(Replace(inside="m", find="a", replace="b")),
        "p/b": patch(InsertAfter(inside="m", anchor="x", code="a")),
        "p/c": patch(InsertAfter(inside="m", anchor="x", code="c")),
    }
    assert _failures(one("a\nx\n"), patches) == []


def test_an_edit_that_cannot_tell_its_work_from_what_was_there_is_told() -> None:
    tree = one("a\nb\n")
    (failure,) = _failures(tree, {NAME: patch(Replace(inside="m", find="a", replace="b"))})
    assert failure.startswith(
        "musa/patch edit 1 of 1: once applied it is drifted and not obsolete: "
        "matched 0 sites, expected 1; next: "
    )


def test_an_edit_for_other_releases_is_not_asked() -> None:
    edits = [
        Replace(inside="m", find="a", replace="b"),
        Replace(inside="m", find="z", replace="y", versions="<0.10"),
    ]
    assert _failures(one("a\n"), {NAME: patch(*edits)}) == []


def test_a_patch_that_did_not_act_is_not_asked() -> None:
    patches = {
        "p/a": patch(Replace(inside="m", find="a", replace="b")),
        "p/b": patch(_Blind(b"b\n"), versions="<0.10"),
    }
    assert _failures(one("a\n"), patches) == []


def test_a_rule_that_had_nothing_to_do_is_done() -> None:
    edits: list[Edit] = [
        Replace(inside="m", find="a", replace="b"),
        ApplyRule(rule=annassign.RULE, expected={RELEASE: 0}),
    ]
    assert _failures(one("a\n"), {NAME: patch(*edits)}) == []


def test_an_edit_inside_of_what_another_adds_around_is_done() -> None:
    tree = one("class A:\n    def f(self):\n        return 1\n")
    patches = {
        "p/a": patch(AddMember(inside="m.A", code="def g(self): return 1", after="f")),
        "p/b": patch(Replace(inside="m.A.f", find="return 1", replace="return 2")),
    }
    assert _failures(tree, patches) == []
