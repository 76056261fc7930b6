"""Numbers of 4 bits, two to a byte."""

from __future__ import annotations

import torch


def nibbles(packed: torch.Tensor) -> torch.Tensor:
    """Take two numbers of 4 bits from each byte."""
    return torch.stack([packed & 15, packed >> 4], dim=-1).flatten(-2).long()
