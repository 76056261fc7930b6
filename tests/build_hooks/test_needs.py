"""What patches need goes with them, and what nobody has cannot be named."""

from __future__ import annotations

import pytest

from build_hooks.errors import UsageError
from build_hooks.needs import require_needed, unknown_names
from build_hooks.platforms import (
    chosen_patches,
    load_common,
    load_platform,
    platform_names,
)
from transforms.edits import Patch, PatchSet, Replace


def patch(*needs: str) -> Patch:
    return Patch(
        why="x breaks",
        upstream="none: only here",
        drop_when="x is fixed",
        versions="",
        edits=[Replace(inside="vllm.m", find="a", replace="b")],
        needs=needs,
    )


def platform(**more: object) -> PatchSet:
    patches = {"output": patch(), "scheduler": patch("output"), "worker": patch("scheduler")}
    values: dict[str, object] = {"patches": patches, **more}
    return PatchSet(name="ucm", summary="", source="sdist", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("skip", [[], ["ucm/worker"], ["ucm/worker", "ucm/scheduler"]])
def test_what_nobody_needs_can_be_left_out(skip: list[str]) -> None:
    chosen = chosen_patches([platform()], only=[], skip=skip)
    assert {"ucm/output", "ucm/scheduler", "ucm/worker"} - set(skip) == set(chosen)


@pytest.mark.parametrize(("only", "skip"), [([], ["ucm/output"]), (["ucm/scheduler"], [])])
def test_what_another_needs_cannot_be_left_out(only: list[str], skip: list[str]) -> None:
    with pytest.raises(UsageError, match="'ucm/scheduler' needs 'ucm/output', which is left out"):
        chosen_patches([platform()], only=only, skip=skip)


def test_a_circle_goes_together() -> None:
    both = {"x/a": patch("b"), "x/b": patch("a")}
    require_needed(both)
    with pytest.raises(UsageError, match="'x/a' needs 'x/b'"):
        require_needed({"x/a": both["x/a"]})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"patches": {"a": patch("b")}}, "a needs no such patch: 'b'"),
        ({"patches": {"a": patch("a")}}, "a needs no such patch: 'a'"),
        ({"aliases": {"X_OFF": ("schedulr",)}}, "X_OFF switches no patch: 'schedulr' (did you "),
        ({"aliases": {"X_OFF": ("attention*",)}}, "X_OFF switches no patch: 'attention*'"),
    ],
)
def test_a_name_that_is_none_is_said(more: dict[str, object], said: str) -> None:
    (wrong,) = unknown_names(platform(**more))
    assert wrong.startswith(said)


def test_patterns_and_names_are_good() -> None:
    aliases = {"X_OFF": ("*",), "X_S_OFF": ("sched*", "worker")}
    assert list(unknown_names(platform(aliases=aliases))) == []


@pytest.mark.parametrize("name", platform_names())
def test_every_platform_names_what_is_there(name: str) -> None:
    assert list(unknown_names(load_platform(name))) == []


def test_only_a_build_with_switches_has_their_patches() -> None:
    plain, switched = load_common().patches, load_common(switches=True).patches
    assert set(plain) < set(switched)
    assert {"compile_cache_key_of_switches", "environment_of_switches", "switches"} == (
        set(switched) - set(plain)
    )
    assert {stem: switched[stem] for stem in plain} == plain
