"""Switching patches off gives the very bytes that a build without these patches gives."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import MemoryTree
from transforms.common.switches.runtime.vllm.wheelwright_switches.loading import without
from transforms.edits import Patch, Replace
from transforms.engine.apply import apply_sites
from transforms.engine.outcome import Outcome, Status
from transforms.engine.site import Site
from transforms.engine.switches import Switches, switches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transforms.engine.apply import EditedFile

NAMES = ("musa/a", "musa/b", "musa/c", "wheelwright/key")
PATH = "vllm/m.py"
NOTICE = "Modified."


def declared(*needs: str) -> Patch:
    """Give a patch of which only the needs count."""
    edit = Replace(inside="vllm.m", find="a", replace="b")
    return Patch(
        why="x breaks",
        upstream="none: only here",
        drop_when="x is fixed",
        versions="",
        edits=[edit],
        needs=needs,
    )


def outcome(name: str, *sites: Site) -> Outcome:
    return Outcome(patch=name, status=Status.APPLIED, sites=sites, edits=1)


def site(start: int, end: int, text: bytes, path: str = PATH, *, shared: bool = False) -> Site:
    return Site(path=path, start=start, end=end, replacement=text, line=1, shared=shared)


def new_file(path: str, text: bytes) -> Site:
    return Site(path=path, start=0, end=0, replacement=text, line=1, adds_file=True)


def switched(
    outcomes: list[Outcome], tree: MemoryTree, patches: Mapping[str, Patch] | None = None
) -> tuple[list[EditedFile], Switches]:
    files = apply_sites(outcomes, tree, notice=NOTICE)
    patches = patches or {item.patch: declared() for item in outcomes}
    return files, switches_of(outcomes, files, patches, "vllm/")


def taken_back(file: EditedFile, switches: Switches, off: Iterable[str]) -> bytes:
    module = {
        "path": "m.py",
        "sha256": hashlib.sha256(file.after).hexdigest(),
        "sha256_upstream": hashlib.sha256(file.before or b"").hexdigest(),
        "spans": [
            [item.start, item.end, item.upstream.decode("utf-8", "surrogateescape"), item.patches]
            for item in switches.spans[file.path]
        ],
    }
    return without(file.after, module, frozenset(off), "vllm.m")


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Outcome]]:
    """Draw a file and sites of several patches in it, some of them shared."""
    data = b"# head\n" + draw(st.binary(max_size=60)).replace(b"\r", b"")
    points = sorted(draw(st.sets(st.integers(7, len(data)), max_size=8)))
    sites: dict[str, list[Site]] = {name: [] for name in NAMES}
    for start, end in zip(points[::2], points[1::2], strict=False):
        text = draw(st.binary(max_size=5))
        shared = draw(st.booleans())
        names = draw(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4 if shared else 1))
        for name in names:
            sites[name].append(site(start, end, text, shared=shared))
    return data, [outcome(name, *found) for name, found in sites.items()]


@given(edited(), st.sets(st.sampled_from(NAMES[:3])))
def test_what_is_left_is_what_a_build_without_them_gives(
    drawn: tuple[bytes, list[Outcome]], off: set[str]
) -> None:
    data, outcomes = drawn
    tree = MemoryTree({PATH: data}, [])
    files, switches = switched(outcomes, tree)
    kept = apply_sites([item for item in outcomes if item.patch not in off], tree, notice=NOTICE)
    for file in files:
        if file.path in switches.spans:
            expected = kept[0].after if kept else data
            assert taken_back(file, switches, off) == expected


def test_the_notice_goes_with_the_last_patch() -> None:
    tree = MemoryTree({PATH: b"one\ntwo\n"}, [])
    outcomes = [outcome("musa/a", site(0, 3, b"1")), outcome("musa/b", site(4, 7, b"2"))]
    (file,), switches = switched(outcomes, tree)
    assert taken_back(file, switches, ["musa/a"]) == b"# Modified.\none\n2\n"
    assert taken_back(file, switches, ["musa/a", "musa/b"]) == b"one\ntwo\n"


def test_a_site_that_two_share_goes_with_both() -> None:
    tree = MemoryTree({PATH: b"one\n"}, [])
    shared = site(0, 3, b"1", shared=True)
    (file,), switches = switched([outcome("musa/a", shared), outcome("musa/b", shared)], tree)
    assert taken_back(file, switches, ["musa/a"]) == file.after
    assert taken_back(file, switches, ["musa/a", "musa/b"]) == b"one\n"


def test_what_is_not_imported_from_the_package_has_no_switch() -> None:
    paths = ("vllm/__init__.py", "vllm/x.json", "csrc/x.cu", "setup.py")
    tree = MemoryTree(dict.fromkeys(paths, b"one\n"), [])
    outcomes = [outcome(f"musa/p{at}", site(0, 3, b"1", path)) for at, path in enumerate(paths)]
    _, switches = switched(outcomes, tree)
    assert switches.needs == {}
    assert switches.spans == {}
    assert switches.fixed == {
        "musa/p0": "it changes vllm/__init__.py, which runs before anything can be chosen",
        "musa/p1": "it changes vllm/x.json, which is not imported",
        "musa/p2": "it changes csrc/x.cu, which is not imported",
        "musa/p3": "it changes setup.py, which is not imported",
    }


def test_a_patch_that_is_half_fixed_is_fixed_whole() -> None:
    tree = MemoryTree({PATH: b"one\n", "vllm/x.json": b"one\n"}, [])
    both = outcome("musa/a", site(0, 3, b"1"), site(0, 3, b"1", "vllm/x.json"))
    other = outcome("musa/b", site(3, 3, b"!"))
    files, switches = switched([both, other], tree)
    assert (set(switches.needs), set(switches.fixed)) == ({"musa/b"}, {"musa/a"})
    assert taken_back(files[0], switches, ["musa/b"]) == b"# Modified.\n1\n"


def test_added_files_and_the_patches_of_every_wheel_are_nothing_to_switch() -> None:
    tree = MemoryTree({PATH: b"one\n"}, [])
    added = outcome("musa/a", new_file("vllm/new.py", b"x = 1\n"))
    common = outcome("wheelwright/key", site(0, 3, b"1"))
    _, switches = switched([added, common], tree)
    assert switches == Switches(needs={}, fixed={}, adding=("musa/a",), spans={})


def test_needs_are_full_names_of_what_has_a_switch() -> None:
    tree = MemoryTree({PATH: b"one two three\n"}, [])
    outcomes = [outcome("musa/a", site(0, 3, b"1")), outcome("musa/b", site(4, 7, b"2"))]
    outcomes.append(outcome("musa/new", new_file("vllm/new.py", b"")))
    patches = {"musa/a": declared(), "musa/b": declared("a", "new"), "musa/new": declared()}
    _, switches = switched(outcomes, tree, patches)
    assert switches.needs == {"musa/a": (), "musa/b": ("musa/a",)}
