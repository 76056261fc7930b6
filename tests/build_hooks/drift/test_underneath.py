"""What upstream changed under patches that hold: of each scope, between neighbouring releases."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from build_hooks.drift.compared import Files
from build_hooks.drift.underneath import Recorder, Underneath
from transforms.edits import AddModule, Patch, Replace
from transforms.engine.outcome import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from build_hooks.pipeline import Plan
    from transforms.engine.edit import Edit

ENGINE = """\
    class Engine:
        def start(self, size: int = 1):
            self.size = size

        def stop(self):
            self.size = 0
"""
START = Replace(inside="pkg.engine.Engine.start", find="size", replace="2")
STOP = Replace(inside="pkg.engine.Engine.stop", find="0", replace="1")


def patch(*edits: Edit, versions: str = "") -> Patch:
    return Patch(
        why="w", upstream="a link", drop_when="d", versions=versions, edits=edits or (START,)
    )


def underneath(
    patches: Mapping[str, Patch],
    releases: Mapping[str, str],
    known: Sequence[str] = (),
    excluded: Mapping[str, Status] | None = None,
) -> Underneath:
    """Compare releases whose only module is given; patches are applied but for some releases."""
    recorder = Recorder()
    for release, text in releases.items():
        status = (excluded or {}).get(release, Status.APPLIED)
        outcomes = [Outcome(patch=name, status=status) for name in patches]
        plan = SimpleNamespace(
            metadata=SimpleNamespace(release=release),
            patches=patches,
            artifact=Files({"pkg/engine.py": dedent(text).encode()}),
        )
        recorder.add(cast("Plan", plan), outcomes)
    return recorder.underneath(known)


def test_a_scope_is_compared_between_releases_in_the_order_of_their_versions() -> None:
    text = {
        "0.10.0": ENGINE.replace("size: int = 1", "size: int, more=None"),
        "0.9.0": ENGINE,
        "0.9.2": ENGINE.replace("self.size = size", "self.size = size + 1").replace("0", "None"),
    }
    found = underneath({"p/one": patch()}, text)
    shown = [(item.base, item.release, item.name) for item in found.held]
    assert shown == [("0.9.0", "0.9.2", "Engine.start"), ("0.9.2", "0.10.0", "Engine.start")]
    first, second = (item.found for item in found.held)
    assert (first.lines, first.signature) == (1, "the same")
    assert "+        self.size = size + 1" in first.diff
    assert "None" not in first.diff
    assert (second.lines, second.signature) == (2, "differs: with more")
    assert found.ended == ()
    assert found.unnamed == ()


def test_code_that_others_stand_around_is_unchanged() -> None:
    releases = {"1": ENGINE, "2": ENGINE.replace("self.size = 0", "pass"), "3": ENGINE}
    found = underneath({"p/one": patch()}, releases)
    assert [item.found.lines for item in found.held] == [0, 0]
    assert {item.found.diff for item in found.held} == {""}


def test_the_base_is_the_last_release_on_which_the_patch_was_applied() -> None:
    releases = {"1": ENGINE, "2": "", "3": ENGINE.replace("= size", "= size * 2")}
    found = underneath({"p/one": patch()}, releases, excluded={"2": Status.DRIFTED})
    assert [(item.base, item.release, item.found.lines) for item in found.held] == [("1", "3", 1)]


def test_a_patch_ends_with_the_first_release_of_the_lock_that_it_is_not_for() -> None:
    done = patch(versions="<2.5")
    releases = {"1.0": ENGINE, "2.0": ENGINE, "4.0": ENGINE}
    found = underneath(
        {"p/one": done},
        releases,
        known=("1.0", "2.0", "2.2", "2.7", "3.0", "4.0", "5.0"),
        excluded={"4.0": Status.EXCLUDED},
    )
    (ended,) = found.ended
    assert ended.as_json() == {
        "patch": "p/one",
        "scope": "",
        "last": "2.0",
        "release": "2.7",
        "versions": "<2.5",
        "upstream": "a link",
    }


def test_a_patch_that_is_for_a_later_release_again_has_not_ended() -> None:
    releases = {"1": ENGINE, "2": ENGINE, "3": ENGINE}
    found = underneath({"p/one": patch(versions="!=2")}, releases, excluded={"2": Status.EXCLUDED})
    assert found.ended == ()
    missing = underneath({"p/one": patch()}, releases, excluded={"3": Status.MISSING})
    assert missing.ended == ()


def test_an_edit_that_ends_before_its_patch_is_named() -> None:
    early = Replace(inside="pkg.engine.Engine.stop", find="0", replace="1", versions="<2")
    releases = {"1": ENGINE, "2": ENGINE, "3": ENGINE}
    found = underneath({"p/one": patch(START, early)}, releases)
    assert [(item.base, item.name) for item in found.held] == [
        ("1", "Engine.start"),
        ("2", "Engine.start"),
    ]
    (ended,) = found.ended
    assert (ended.name, ended.last, ended.release, ended.versions) == (
        "Engine.stop",
        "1",
        "2",
        "<2",
    )
    # With the patch, all its edits end.
    both = {"p/one": patch(START, early, versions="<2")}
    (whole,) = underneath(both, releases, excluded=dict.fromkeys("23", Status.EXCLUDED)).ended
    assert (whole.scope, whole.release) == ("", "2")
    # Another edit carries on there.
    assert underneath({"p/one": patch(START, early, STOP)}, releases).ended == ()


def test_a_patch_without_scopes_is_named_where_there_is_something_to_compare() -> None:
    adds = patch(AddModule(path="pkg/new.py"))
    assert underneath({"p/adds": adds}, {"1": ENGINE, "2": ENGINE}).unnamed == ("p/adds",)
    assert underneath({"p/adds": adds, "p/one": patch()}, {"1": ENGINE}) == Underneath()
