"""The patch: its rule, its numbers, and what it says when they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from transforms.engine.expected import expected_sites_module
from transforms.engine.match import match_patches
from transforms.engine.outcome import Outcome, Status
from transforms.platforms.musa._expected_triton_annotations import EXPECTED
from transforms.platforms.musa.triton_annotations import PATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "musa/triton_annotations"
KERNEL = b"""\
from vllm.triton_utils import tl, triton


@triton.jit
def find_seq_idx(ptr, target, num_seqs, BLOCK_Q: tl.constexpr):
    left: tl.int32 = 0
    return left
"""
LAUNCHED = b"""\
from vllm.triton_utils import tl, triton


@triton.jit
def kernel(ptr, stride: tl.int64 = 1):
    tl.store(ptr, stride)
"""


class Files(dict[str, bytes]):
    """A tree in memory."""

    def __iter__(self) -> Iterator[str]:
        """Give the paths."""
        return super().__iter__()

    def read(self, path: str) -> bytes:
        """Give the bytes of one file."""
        return self[path]


def outcome(release: str, *kernels: bytes) -> Outcome:
    files = Files({f"vllm/ops/kernels_{n}.py": data for n, data in enumerate(kernels)})
    files["vllm/config.py"] = b"triton: str = 'jit'\n"
    (found,) = match_patches({NAME: PATCH}, files, release)
    return found


def test_applies_to_as_many_sites_as_were_reviewed() -> None:
    found = outcome("0.14.1", KERNEL)
    assert found.status is Status.APPLIED
    assert [(site.line, site.replacement) for site in found.sites] == [(6, b"")]


@pytest.mark.parametrize(
    ("release", "kernels", "status", "says"),
    [
        ("0.14.1", [KERNEL, KERNEL], Status.DRIFTED, "matched 2 sites, expected 1"),
        ("0.14.1", [], Status.OBSOLETE, "matched 0 sites, expected 1"),
        ("0.99.0", [KERNEL], Status.DRIFTED, "nobody has reviewed"),
        ("0.14.1", [KERNEL, LAUNCHED], Status.DRIFTED, "may pass another type"),
    ],
)
def test_says_so_where_the_number_is_another(
    release: str, kernels: list[bytes], status: Status, says: str
) -> None:
    found = outcome(release, *kernels)
    assert found.status is status
    assert says in found.problems[0][1].reason


def test_is_excluded_before_the_first_release() -> None:
    assert outcome("0.9.1", KERNEL).status is Status.EXCLUDED


def test_every_release_has_a_reviewed_number() -> None:
    assert len(EXPECTED) == 38
    assert all(count > 0 for count in EXPECTED.values())


def test_the_numbers_are_as_generated() -> None:
    import transforms.platforms.musa._expected_triton_annotations as module  # noqa: PLC0415 - its file is read

    assert module.__file__ is not None
    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123 - one line
        assert file.read() == expected_sites_module("annassign", EXPECTED)
