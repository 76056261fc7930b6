"""What is compiled for Windows says nothing that only GCC and Clang know as an attribute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.platforms.windows.msvc_attributes import PATCH

INLINE = """\
#define FLASHINFER_INLINE inline __attribute__((always_inline)) __device__

struct vec { FLASHINFER_INLINE int size() const { return 1; } };
"""
ALIGNED = "__device__ struct __attribute__((aligned(32))) LamportFlags {\n  int a;\n};\n"


@pytest.mark.parametrize(
    ("release", "folder"),
    [
        ("0.20.0", "csrc"),
        ("0.22.1", "csrc"),
        ("0.23.0", "csrc/libtorch_stable"),
        ("0.33.0", "csrc"),
    ],
)
def test_cudas_words_take_their_place(release: str, folder: str) -> None:
    files = {f"{folder}/persistent_topk.cuh": INLINE}
    if release == "0.33.0":
        files["csrc/mnnvl_lamport.cuh"] = ALIGNED
    edits = [edit for edit in PATCH.edits if admits(edit.versions, release)]
    assert len(edits) == len(files)
    tree = MemoryTree.of({path: text.encode() for path, text in files.items()})
    (outcome,) = match_patches({"windows/patch": replace(PATCH, edits=edits)}, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    after = {file.path: file.after.decode() for file in apply_sites([outcome], tree)}
    assert after[f"{folder}/persistent_topk.cuh"] == INLINE.replace(
        "inline __attribute__((always_inline))", "__forceinline__"
    )
    if release == "0.33.0":
        assert after["csrc/mnnvl_lamport.cuh"] == ALIGNED.replace(
            "__attribute__((aligned(32)))", "alignas(32)"
        )


def test_before_0_20_nothing_has_them() -> None:
    assert status_on(PATCH, "0.19.1") is Status.EXCLUDED
