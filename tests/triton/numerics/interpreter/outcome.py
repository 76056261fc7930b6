"""What a case gives: what a kernel computed, beside what torch computes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A kernel's result and the one that it must come to.

    Attributes:
        computed: by vLLM's kernel.
        expected: by torch.
        tolerance: the largest difference of two elements that is taken for rounding; 0 where
            they must be equal.
    """

    computed: torch.Tensor
    expected: torch.Tensor
    tolerance: float = 0.0

    def report(self) -> dict[str, Any]:
        """Say in numbers how far the two lie apart."""
        computed = self.computed.detach().contiguous()
        return {
            "error": _largest_difference(computed, self.expected),
            "tolerance": self.tolerance,
            "digest": hashlib.sha256(computed.view(torch.uint8).numpy().tobytes()).hexdigest(),
            "distinct": len(self.expected.double().unique()),
        }


def _largest_difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Compare element by element; what is no number differs from everything, by infinity."""
    if one.shape != other.shape:
        raise ValueError(f"computed {tuple(one.shape)}, expected {tuple(other.shape)}")
    one, other = one.double(), other.double()
    difference = torch.where(one == other, 0.0, (one - other).abs())
    return float(difference.nan_to_num(nan=torch.inf).max())


def unwritten(like: torch.Tensor) -> torch.Tensor:
    """Make room for a result in which a lost store is seen."""
    return torch.full_like(like, torch.nan)
