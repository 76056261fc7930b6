"""Which rules a dialect asks for: they follow from what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.rules.triton import (
    annassign,
    bitcasts,
    boolean_chains,
    constant_conditions,
    extremes,
    loaded_bools,
    mixed_signs,
    narrow_sums,
    none_returns,
    pointer_types,
    tuples,
)
from transforms.rules.triton.arguments import Arguments
from transforms.rules.triton.decorator_options import DecoratorOptions
from transforms.rules.triton.dialect import Syntax
from transforms.rules.triton.imports import Imports
from transforms.rules.triton.launch_options import LaunchOptions
from transforms.rules.triton.missing_names import MissingNames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.rules.triton.dialect import Dialect
    from transforms.rules.triton.rule import TritonRule

RUNTIME_USERS: Mapping[str, frozenset[str]] = {
    "wheelwright_triton": frozenset(
        {
            "triton_arguments",
            "triton_decorator_options",
            "triton_launch_options",
            "triton_loaded_bools",
            "triton_missing_names",
            "triton_narrow_sums",
            "triton_pointer_types",
        }
    ),
    "wheelwright_triton_imports": frozenset({"triton_imports"}),
}
"""For each module that is added to vLLM, the stems of the rules that write its name into files."""


def rules_of(dialect: Dialect) -> dict[str, TritonRule]:
    """Give the rules of a dialect, each under the stem of the patch that applies it."""
    for_syntax: dict[Syntax, tuple[str, TritonRule]] = {
        Syntax.ANNOTATED_ASSIGNMENT: ("triton_annotations", annassign.RULE),
        Syntax.BOOLEAN_CHAIN: ("triton_boolean_chains", boolean_chains.RULE),
        Syntax.CONSTANT_CONDITION: ("triton_constant_conditions", constant_conditions.RULE),
        Syntax.CONSTEXPR_EXTREME: ("triton_extremes", extremes.RULE),
        Syntax.LOADED_BOOL: ("triton_loaded_bools", loaded_bools.RULE),
        Syntax.MIXED_SIGNS: ("triton_mixed_signs", mixed_signs.RULE),
        Syntax.NAMED_TUPLE: ("triton_tuples", tuples.RULE),
        Syntax.NARROW_BITCAST: ("triton_bitcasts", bitcasts.RULE),
        Syntax.NARROW_SUM: ("triton_narrow_sums", narrow_sums.RULE),
        Syntax.NONE_RETURN: ("triton_none_returns", none_returns.RULE),
        Syntax.POINTER_TYPE: ("triton_pointer_types", pointer_types.RULE),
    }
    rules = dict(entry for syntax, entry in for_syntax.items() if syntax in dialect.syntax)
    if dialect.arguments:
        rules["triton_arguments"] = Arguments.of(dialect.arguments)
    if dialect.names:
        rules["triton_missing_names"] = MissingNames.of(dialect.names)
    if dialect.jit_options:
        rules["triton_decorator_options"] = DecoratorOptions(dialect.jit_options)
    if dialect.launch_options:
        rules["triton_launch_options"] = LaunchOptions(dialect.launch_options)
    if dialect.imports:
        rules["triton_imports"] = Imports(dialect.imports)
    return rules
