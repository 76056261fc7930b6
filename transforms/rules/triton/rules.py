"""Which rules a dialect asks for: they follow from what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.rules.triton import annassign, boolean_chains
from transforms.rules.triton.dialect import Syntax

if TYPE_CHECKING:
    from transforms.rules.triton.dialect import Dialect
    from transforms.rules.triton.rule import TritonRule


def rules_of(dialect: Dialect) -> dict[str, TritonRule]:
    """Give the rules of a dialect, each under the stem of the patch that applies it."""
    for_syntax: dict[Syntax, tuple[str, TritonRule]] = {
        Syntax.ANNOTATED_ASSIGNMENT: ("triton_annotations", annassign.RULE),
        Syntax.BOOLEAN_CHAIN: ("triton_boolean_chains", boolean_chains.RULE),
    }
    return dict(entry for syntax, entry in for_syntax.items() if syntax in dialect.syntax)
