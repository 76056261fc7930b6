"""A header of our own goes beside upstream's: what it declares is proven with compilers."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import bind_runtime
from transforms.platforms.windows.msvc_compatibility_header import PATCH

PATH = "csrc/wheelwright_windows.h"


def test_the_header_is_added_as_it_stands_beside_the_patches() -> None:
    patches = bind_runtime({"windows/patch": PATCH}, {PATH: b"// declares uint\n"})
    tree = MemoryTree.of({"csrc/a.cu": b"uint a;\n"})
    (outcome,) = match_patches(patches, tree, "0.33.0")
    (file,) = apply_sites([outcome], tree)
    assert (file.path, file.after) == (PATH, b"// declares uint\n")


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
