"""What upstream changed, on a terminal: a line for each scope that differs, one for all others."""

from __future__ import annotations

from build_hooks.drift.compared import Compared
from build_hooks.drift.underneath import Ended, Held, Underneath
from build_hooks.drift.underneath_text import underneath_lines


def held(patch: str, found: Compared) -> Held:
    return Held(patch=patch, base="1", release="2", scope="pkg.m.f", name="f", found=found)


def ended(patch: str, name: str = "") -> Ended:
    return Ended(
        patch=patch,
        scope=name and f"pkg.m.{name}",
        name=name,
        last="1",
        release="2",
        versions="<2",
        upstream="none: nobody asked",
    )


FOUND = Underneath(
    held=(
        held("p/differs", Compared(diff="-a\n+b\n", lines=1, signature="the same")),
        held("p/module", Compared(diff="-a\n+b\n", lines=7)),
        held("p/said", Compared(notes=("in comments only",), diff="-#a\n+#b\n", lines=2)),
        held("p/same", Compared()),
        held("p/too", Compared(notes=("f is as it was on 1",))),
    ),
    ended=(ended("p/gone"), ended("p/same", "g")),
    unnamed=("p/rule", "p/file"),
)
LINES = [
    "p/differs: 1 -> 2: f: 1 line differs, signature the same",
    "p/gone: excluded from 2 on, it is for <2; upstream: none: nobody asked",
    "p/module: 1 -> 2: f: 7 lines differ",
    "p/said: 1 -> 2: f: 2 lines of comments, layout or docstring only",
    "p/same: g: not edited from 2 on, only <2",
    "unchanged under: p/same, p/too",
    "not compared, their edits name no scope of Python: p/rule, p/file",
]


def test_short_it_is_a_line_for_each_finding() -> None:
    assert list(underneath_lines(FOUND, verbose=False)) == LINES


def test_verbose_it_has_the_diff_below_each_change() -> None:
    lines = list(underneath_lines(FOUND, verbose=True))
    assert lines[:4] == [LINES[0], "    -a", "    +b", LINES[1]]
    assert [line for line in lines if not line.startswith(" ")] == LINES


def test_nothing_is_said_of_nothing() -> None:
    assert list(underneath_lines(Underneath(), verbose=True)) == []
