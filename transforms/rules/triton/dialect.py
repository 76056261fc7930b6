"""A dialect: what one line of Triton lacks of the language that vLLM's kernels are written in.

It is data. Which rules a kernel needs on that line follows from it, see
`transforms.rules.triton.rules`. A fork of the same age is described by the same dialect, and
`nox -s triton` holds every entry against the line's own compiler.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@unique
class Syntax(Enum):
    """A form of Python that a line of Triton cannot compile; its value says it in words."""

    ANNOTATED_ASSIGNMENT = "an annotated assignment that is not constexpr"
    BOOLEAN_CHAIN = "`a and b and c` without parentheses"
    CONSTANT_CONDITION = "`C and x` that a constexpr `C` decides"
    LOADED_BOOL = "a bool that is loaded, and used as one"
    MIXED_SIGNS = "an unsigned tensor divided by a number"
    NARROW_BITCAST = "the bits of a narrow integer that met a number"
    NARROW_SUM = "a sum of bools or narrow integers"
    NONE_RETURN = "`return None`"
    POINTER_TYPE = "a pointer type whose element type is a parameter"
    CONSTEXPR_EXTREME = "a constexpr that is computed with `max` or `min`"
    NAMED_TUPLE = "a variable that stands for a tuple"


@unique
class Instead(Enum):
    """What is done without an argument that a line's function does not take."""

    NOTHING = "it advises the compiler and means nothing to the result, so it goes"
    HELPER = "the runtime module's function of the same name takes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of one of Triton's functions that the line's function does not take.

    Attributes:
        function: the function's dotted name, e.g. ``triton.language.softmax``.
        name: the argument's name.
        instead: what is done without it.
        position: where it may stand without its name and the line takes it for another argument,
            counted from 0; a literal 0 there is the default of both.
    """

    function: str
    name: str
    instead: Instead
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one line of Triton lacks.

    Attributes:
        name: the dialect's name, after the line: ``triton-3.1``.
        proof: the release of Triton on which everything said here is proven.
        syntax: the forms of Python that it cannot compile.
        names: the dotted names of Triton's that it lacks, and the runtime module's name for each.
        arguments: the arguments of Triton's own functions that it does not take.
        jit_options: the options of `triton.jit` that it lacks.
        launch_options: the options of a launch that it lacks.
        imports: the dotted names that vLLM imports from Triton and that are not there.
    """

    name: str
    proof: str
    syntax: frozenset[Syntax] = field(default_factory=frozenset)
    names: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[Argument, ...] = ()
    jit_options: frozenset[str] = frozenset()
    launch_options: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()


TRITON_3_1 = Dialect(
    name="triton-3.1",
    proof="3.1.0",
    syntax=frozenset(
        {
            Syntax.ANNOTATED_ASSIGNMENT,
            Syntax.BOOLEAN_CHAIN,
            Syntax.CONSTANT_CONDITION,
            Syntax.CONSTEXPR_EXTREME,
            Syntax.LOADED_BOOL,
            Syntax.MIXED_SIGNS,
            Syntax.NAMED_TUPLE,
            Syntax.NARROW_BITCAST,
            Syntax.NARROW_SUM,
            Syntax.NONE_RETURN,
            Syntax.POINTER_TYPE,
        }
    ),
    # Left out is what vLLM names and no Triton since 3.0 has: `math.log1p`, `math.max` and
    # `extra.intel`, all of them in functions that are defined for other backends or not at all.
    names={
        "triton.language.assume": "assume",
        "triton.language.core.sub": "sub",
        "triton.language.dot_scaled": "dot_scaled",
        "triton.language.extra.cuda.gdc_launch_dependents": "gdc_launch_dependents",
        "triton.language.extra.cuda.gdc_wait": "gdc_wait",
        "triton.language.extra.hip.libdevice.round": "hip_round",
        "triton.language.gather": "gather",
        "triton.language.make_tensor_descriptor": "make_tensor_descriptor",
        "triton.language.mul": "mul",
        "triton.language.reduce_or": "reduce_or",
        "triton.language.topk": "topk",
    },
    arguments=(
        Argument(function="triton.language.cat", name="dim", instead=Instead.HELPER),
        # By position, 3.1 takes the axis for `ieee_rounding`, and goes along axis 0.
        Argument(
            function="triton.language.softmax", name="dim", instead=Instead.HELPER, position=1
        ),
        *(
            Argument(function="triton.language.range", name=name, instead=Instead.NOTHING)
            for name in (
                "loop_unroll_factor",
                "disallow_acc_multi_buffer",
                "flatten",
                "warp_specialize",
                "disable_licm",
            )
        ),
    ),
    jit_options=frozenset({"do_not_specialize_on_alignment"}),
    launch_options=frozenset({"enable_reflect_ftz", "launch_cooperative_grid", "launch_pdl"}),
    imports=frozenset(
        {
            "triton.backends.nvidia.compiler.get_ptxas",
            "triton.experimental.gluon",
            "triton.experimental.gluon.language",
            "triton.knobs",
            "triton.language.core._aggregate",
            "triton.runtime.errors.PTXASError",
        }
    ),
)
