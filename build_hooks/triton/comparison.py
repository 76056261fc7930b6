"""What changed between two replays of the same configurations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from build_hooks.triton.replay import Attempt, Replay


@dataclass(frozen=True)
class Comparison:
    """One Triton's replays of a tree and of an edited copy of it."""

    before: Replay
    after: Replay

    def __post_init__(self) -> None:
        """Refuse to compare what cannot be compared."""
        if self.before.triton != self.after.triton:
            raise ValueError("replays of two Tritons say nothing about the trees")
        for one, other in self._pairs:
            if (one.ident, one.number) != (other.ident, other.number):
                raise ValueError("the two replays are not of the same configurations")

    @property
    def _pairs(self) -> list[tuple[Attempt, Attempt]]:
        return list(zip(self.before.attempts, self.after.attempts, strict=True))

    @cached_property
    def compiled_before(self) -> list[tuple[Attempt, Attempt]]:
        """The pairs whose configuration compiled before the edit."""
        return [(before, after) for before, after in self._pairs if before.compiled]

    @cached_property
    def identical(self) -> list[Attempt]:
        """What gives the same raw IR and the same TTIR, source locations aside."""
        return [
            after
            for before, after in self.compiled_before
            if after.compiled and (before.raw_ir, before.ttir) == (after.raw_ir, after.ttir)
        ]

    @cached_property
    def broken(self) -> list[Attempt]:
        """What compiled before and does not any more."""
        return [after for _, after in self.compiled_before if not after.compiled]

    @cached_property
    def changed(self) -> list[Attempt]:
        """What compiles before and after, to something else."""
        same = {attempt.number for attempt in self.identical}
        return [
            after
            for _, after in self.compiled_before
            if after.compiled and after.number not in same
        ]

    @cached_property
    def gained(self) -> list[Attempt]:
        """What compiles now and did not before."""
        return [after for before, after in self._pairs if after.compiled and not before.compiled]

    @cached_property
    def identical_functions(self) -> frozenset[str]:
        """The jit functions that some identical compilation went through."""
        return frozenset(ident for attempt in self.identical for ident in attempt.reached)

    @cached_property
    def harmed(self) -> list[Attempt]:
        """What the edit broke or changed."""
        return [*self.broken, *self.changed]

    @cached_property
    def lost_cache_keys(self) -> dict[str, str]:
        """The functions whose ``cache_key`` could be computed before only, and why not after."""
        return {
            ident: self.after.cache_keys.get(ident) or "not loaded"
            for ident in sorted(self.before.keyed - self.after.keyed)
        }
