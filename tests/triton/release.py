"""What is proven of which release, with which Triton."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tests.triton.configurations import Job, jobs_for
from tests.triton.runner.census import JitFunction, take_census

if TYPE_CHECKING:
    from tests.triton.trees import Trees

OLD = "3.1.0"
"""The last line of Triton that fails as the seed says: the stand-in for the fork of MUSA."""

REFERENCES = {"0.10.0": "3.5.1", "0.14.1": "3.5.1", "0.33.0": "3.9.0"}
"""For each release a Triton that takes annotated assignments, and what the release was written for.

3.9.0 has no block pointers any more, which the older two use.
"""


@dataclass(frozen=True)
class Release:
    """One release's trees and what can be compiled of them."""

    version: str
    trees: Trees
    census: tuple[JitFunction, ...]
    """The jit functions of the stock tree."""
    jobs: tuple[Job, ...]

    @classmethod
    def of(cls, version: str, trees: Trees) -> Release:
        """Take the census of a release and read its configurations."""
        census = tuple(take_census(trees.stock))
        return cls(version, trees, census, tuple(jobs_for(version, census)))

    @cached_property
    def annotated(self) -> frozenset[str]:
        """The jit functions that hold an annotated assignment, of whatever type."""
        return frozenset(function.ident for function in self.census if function.annotated)

    @cached_property
    def affected(self) -> frozenset[str]:
        """The jit functions of the files that the build changed."""
        return frozenset(
            function.ident for function in self.census if self._is_changed(function.path)
        )

    def _is_changed(self, path: str) -> bool:
        stock, built = self.trees.stock / path, self.trees.built / path
        return stock.read_bytes() != built.read_bytes()
