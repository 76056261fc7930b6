"""A dialect's patches: their rules, their numbers, and what they say when these differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import transforms.dialects.triton_3_1._expected as reviewed
from transforms.dialects.patches import counted_patches, dialect_patches
from transforms.dialects.triton_3_1 import COUNTED, PATCH_SET
from transforms.engine.expected import expected_sites_module
from transforms.engine.match import match_patches
from transforms.engine.outcome import Outcome, Status
from transforms.rules.triton.dialect import TRITON_3_1, Dialect, Syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

STEM = "triton_annotations"
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
    (found,) = match_patches({STEM: PATCH_SET.patches[STEM]}, files, release)
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


def test_every_release_has_a_reviewed_number_of_every_rule() -> None:
    assert set(reviewed.EXPECTED) == set(COUNTED)
    assert {len(counts) for counts in reviewed.EXPECTED.values()} == {38}
    assert all(count > 0 for count in reviewed.EXPECTED[STEM].values())


def test_the_numbers_are_as_generated() -> None:
    text = Path(str(reviewed.__file__)).read_text(encoding="utf-8")
    assert text == expected_sites_module(reviewed.EXPECTED)


LACKS_CHAINS = Dialect(name="x", proof="1.0", syntax=frozenset({Syntax.BOOLEAN_CHAIN}))


def test_the_rules_follow_from_what_is_lacking() -> None:
    assert list(counted_patches(LACKS_CHAINS, {})) == ["triton_boolean_chains"]
    assert {STEM, "triton_boolean_chains"} <= set(counted_patches(TRITON_3_1, {}))


@pytest.mark.parametrize(
    ("counts", "versions"),
    [
        ({"0.10.0": 2, "0.9.2": 0, "0.9.10": 1}, ">=0.9.10"),
        ({"0.9.2": 1, "0.10.0": 0, "0.11.0": 1, "0.12.0": 0}, ">=0.9.2,!=0.10.0,!=0.12.0"),
    ],
)
def test_a_patch_is_for_the_releases_that_have_its_sites(
    counts: dict[str, int], versions: str
) -> None:
    (patch,) = dialect_patches(LACKS_CHAINS, {"triton_boolean_chains": counts}).values()
    assert patch.versions == versions


def test_a_rule_without_any_site_is_no_patch_and_an_uncounted_one_is() -> None:
    assert dialect_patches(LACKS_CHAINS, {"triton_boolean_chains": {"0.10.0": 0}}) == {}
    (patch,) = dialect_patches(LACKS_CHAINS, {}).values()
    (found,) = match_patches({"x": patch}, Files(), "0.33.0")
    assert found.status is Status.DRIFTED
    assert "nobody has reviewed" in found.problems[0][1].reason
