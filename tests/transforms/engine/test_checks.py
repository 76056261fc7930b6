"""Checks after applying: what does not compile, and what would act again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.transforms.trees import NAME, RELEASE, MemoryTree, one, outcome_on, patch
from transforms.edits import AddModule, InsertAfter, Replace
from transforms.engine.apply import EditedFile, apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.edit import Found
from transforms.engine.match import match_patches
from transforms.engine.site import Site

if TYPE_CHECKING:
    from transforms.engine.patch import Patch
    from transforms.engine.source import Source, Tree


@dataclass(frozen=True)
class _Blind:
    """An edit that appends, and does not see that it has."""

    text: bytes
    versions: str = ""
    seen: list[str] = field(default_factory=list)

    def paths(self, tree: Tree) -> tuple[str, ...]:  # noqa: ARG002
        return ("m.py",)

    def match(self, source: Source, tree: Tree) -> Found:  # noqa: ARG002
        end = len(source.data)
        site = Site(path="m.py", start=end, end=end, replacement=self.text, line=3)
        return Found(sites=(site,))


def _failures(tree: MemoryTree, patches: dict[str, Patch]) -> list[str]:
    files = apply_sites(match_patches(patches, tree, RELEASE), tree)
    return check_edited(files, patches, tree, RELEASE)


def test_what_does_not_compile_is_told_with_its_patches() -> None:
    patches = {
        "p/a": patch(_Blind(b"x = (\n")),
        "p/b": patch(Replace(inside="m", find="a", replace="b")),
    }
    (failure, *_) = _failures(one("a\n"), patches)
    assert failure.startswith("m.py does not compile after p/a, p/b: ")


def test_what_parses_but_does_not_compile_is_told() -> None:
    patches = {NAME: patch(InsertAfter(inside="m", anchor="a", code="return 1"))}
    (failure,) = _failures(one("a\n"), patches)
    assert "does not compile" in failure
    assert "outside function" in failure


def test_invalid_escapes_of_upstream_are_no_failure() -> None:
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    assert _failures(one("a\nx = '\\d'\nassert (1, 'x')\n"), patches) == []


def test_what_is_not_python_is_not_compiled() -> None:
    patches = {NAME: patch(AddModule(path="a.txt", data=b"no python ("))}
    assert _failures(one("a\n"), patches) == []


def test_an_edit_that_would_act_again_is_told() -> None:
    (failure,) = _failures(one("a\n"), {NAME: patch(_Blind(b"b\n"))})
    assert failure == "musa/patch: it would act again on the edited files: m.py:3"


def test_what_another_patch_writes_is_no_reason_to_act_again() -> None:
    patches = {
        "p/a": patch(Replace(inside="m", find="a", replace="b")),
        "p/b": patch(InsertAfter(inside="m", anchor="x", code="a")),
        "p/c": patch(InsertAfter(inside="m", anchor="x", code="c")),
    }
    assert _failures(one("a\nx\n"), patches) == []


def test_an_expected_text_elsewhere_is_no_reason_to_fail() -> None:
    """Doing it again is not `obsolete` by the count then, but there is nothing left to do."""
    tree = one("a\nb\n")
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    assert _failures(tree, patches) == []
    (file,) = apply_sites(match_patches(patches, tree, RELEASE), tree)
    assert outcome_on(one(file.after), *patches[NAME].edits).sites == ()


def test_only_the_edited_files_and_their_names_are_read_again() -> None:
    tree = MemoryTree.of({"m.py": "a\n", "n.py": "a\n"})
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    files = apply_sites(match_patches(patches, tree, RELEASE), tree)
    tree.reads.clear()
    assert check_edited(files, patches, tree, RELEASE) == []
    assert tree.reads == []


def test_a_file_that_was_changed_otherwise_is_not_taken_for_edited() -> None:
    """The check looks at the bytes that are shipped, not at what should have been written."""
    tree = one("a\nx\n")
    patches = {NAME: patch(Replace(inside="m", find="a", replace="b"))}
    (file,) = apply_sites(match_patches(patches, tree, RELEASE), tree)
    broken = replace(file, after=b"(")
    assert isinstance(broken, EditedFile)
    assert "does not compile" in check_edited([broken], patches, tree, RELEASE)[0]
