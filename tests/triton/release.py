"""What is proven of which release, with which Triton."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from build_hooks.triton.configurations import Job, jobs_for
from build_hooks.triton.kernels import kernels_of

if TYPE_CHECKING:
    from build_hooks.triton.runner.census import JitFunction
    from tests.triton.trees import Trees

OLD = "3.1.0"
"""The last line of Triton that fails as the seed says: the stand-in for the fork of MUSA."""

REFERENCES = {"0.33.0": "3.9.0", "0.28.0": "3.5.1", "0.14.1": "3.5.1", "0.10.0": "3.5.1"}
"""For each release a Triton that takes what the release was written in.

3.9.0 has no block pointers any more, which the older three use.
"""

ADDED = "wheelwright_triton.py"
"""The module of the wheel's own, below the package, that holds kernels which upstream has not."""

PAIRS = [(version, triton) for version in REFERENCES for triton in (OLD, REFERENCES[version])]
"""Each release with each Triton that compiles it."""

SHOWN = {
    "0.33.0": ("kernel_unified_attention", "_topk_topp_kernel"),
    "0.28.0": ("kernel_unified_attention", "_topk_topp_kernel"),
    "0.14.1": ("kernel_unified_attention_2d",),
    "0.10.0": ("kernel_unified_attention_2d",),
}
"""The kernels, by name, without which a release serves nothing: attention, and sampling."""


@dataclass(frozen=True)
class Floor:
    """The least that the old Triton must make of a built wheel."""

    kernels: int
    """Roots that reach TTIR, of those that have configurations."""
    functions: int
    """Jit functions that they go through."""
    annotated: int
    """Those of them that hold an annotated assignment."""
    cache_keys: int
    """Jit functions whose ``cache_key`` can be computed: that can be launched at all."""


FLOORS = {
    "0.33.0": Floor(kernels=661, functions=725, annotated=89, cache_keys=826),
    "0.28.0": Floor(kernels=412, functions=450, annotated=59, cache_keys=470),
    "0.14.1": Floor(kernels=116, functions=120, annotated=3, cache_keys=136),
    "0.10.0": Floor(kernels=60, functions=64, annotated=3, cache_keys=76),
}
"""What no change of a rule may come below; docs/triton-measured.json has what is reached today."""


@dataclass(frozen=True)
class Release:
    """One release's trees and what can be compiled of them."""

    version: str
    trees: Trees
    census: tuple[JitFunction, ...]
    """The jit functions of the stock tree."""
    recorded: tuple[Job, ...]
    """All configurations."""
    one_in: int = 1
    """Of how many kernels in files that the build left alone one is compiled."""

    @classmethod
    def of(cls, version: str, trees: Trees, one_in: int = 1) -> Release:
        """Take the census of a release and read its configurations."""
        census = tuple(kernels_of(trees.stock))
        return cls(version, trees, census, tuple(jobs_for(version, census)), one_in)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The configurations to compile: those of changed files, and a sample of the others."""
        return tuple(
            job for job in self.recorded if job.ident in self.affected or self._is_chosen(job)
        )

    def _is_chosen(self, job: Job) -> bool:
        """Choose by name, so that every run chooses the same."""
        return int(hashlib.sha256(job.ident.encode()).hexdigest(), 16) % self.one_in == 0

    @cached_property
    def roots(self) -> frozenset[str]:
        """The kernels that have configurations."""
        return frozenset(job.ident for job in self.recorded)

    @cached_property
    def annotated(self) -> frozenset[str]:
        """The jit functions that hold an annotated assignment, of whatever type."""
        return frozenset(function.ident for function in self.census if function.annotated)

    @cached_property
    def affected(self) -> frozenset[str]:
        """The jit functions of the files that the build changed."""
        changed = {path for path in {one.path for one in self.census} if self._is_changed(path)}
        return frozenset(function.ident for function in self.census if function.path in changed)

    def _is_changed(self, path: str) -> bool:
        stock, built = self.trees.stock / path, self.trees.built / path
        return stock.read_bytes() != built.read_bytes()
