"""What a line of Triton lacks, told from what its compiler says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER_FIRST_LINE = 160


@dataclass(frozen=True, slots=True)
class Stop:
    """The first thing that stops a function.

    Attributes:
        feature: what the Triton lacks; where nothing here knows it, the compiler's own first line.
        message: what the compiler said, innermost cause.
        known: whether `feature` is the name of a feature.
    """

    feature: str
    message: str
    known: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """What a compiler says where a feature is missing.

    Attributes:
        said: searched in the innermost cause.
        feature: the feature; `{0}` is the first group of `said`, and so on.
    """

    said: re.Pattern[str]
    feature: str


def _cause(said: str, feature: str) -> Cause:
    return Cause(re.compile(said), feature)


# The first one that fits counts.
CAUSES = (
    _cause(r"'AnnAssign' object has no attribute 'targets'", "an annotated assignment"),
    _cause(r"module 'triton\.language(?:\.core)?' has no attribute '(\w+)'", "tl.{0}"),
    _cause(r"module 'triton\.language\.([\w.]+)' has no attribute '(\w+)'", "tl.{0}.{1}"),
    _cause(r"module '(triton[\w.]*)' has no attribute '(\w+)'", "{0}.{1}"),
    _cause(r"'tensor' object has no attribute '(\w+)'", "tensor.{0}"),
    _cause(r"\bjit\(\) got an unexpected keyword argument '(\w+)'", "triton.jit({0}=)"),
    _cause(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'", "tl.{0}({1}=)"),
    _cause(r"chained boolean operators", "`a and b and c` without parentheses"),
    _cause(r"'bool' object has no attribute 'logical_", "`and` of a Python bool and a value"),
    # What stands for a descriptor where there are none.
    _cause(r"'NoneType' object has no attribute '(?:load|store)'", "tl.make_tensor_descriptor"),
    _cause(r"cannot convert None of type", "a value that is None"),
    _cause(r"have different signedness", "`//` or `%` of signed and unsigned integers"),
    _cause(r"Cannot bitcast data-type of size", "a bitcast to another width"),
    _cause(r"unsupported tensor index: constexpr", "indexing by a constexpr"),
    _cause(r"arange's arguments must be of type tl\.constexpr", "arithmetic on constexpr bounds"),
    _cause(r"For loop bounds and step must all be ints", "a loop bound that became a float"),
    _cause(r"mismatched type for .* between then block", "one name of two types after an `if`"),
    _cause(r"(atomic_\w+) does not support (\w+)", "tl.{0} of {1}"),
    _cause(r"must be >= 16", "tl.dot of less than 16 rows, columns or values"),
    _cause(r"NameError\(.*is not defined", "a name bound to an empty tuple, or in one branch only"),
    _cause(r"Block pointers have been removed", "tl.make_block_ptr"),
    _cause(r"element_ty is a constexpr", "an element type that is a constexpr"),
    _cause(r"initial value for .* redefines it as", "one name of two types after an `if`"),
    _cause(r"Cannot broadcast, rank mismatch", "broadcasting to another rank"),
    _cause(r"bitwidth not supported in philox", "random numbers of 64 bits"),
    _cause(r"this stand-in for (tl\.\w+) takes ([^\"']*)", "{0} beyond {1}"),
    _cause(r"\b(tl\.[\w.]+) needs Triton", "{0}"),
    _cause(r"^ChildDiedError: no answer within", "the compiler comes to no end"),
    _cause(r"^ChildDiedError: .*llvm::cast.*RankedTensorType", "a scalar converted to float8"),
    _cause(r"^ChildDiedError: exit code", "the compiler itself aborts"),
    _cause(r"^NotLoaded: ", "its module cannot be executed"),
)


def stop(error: Sequence[str]) -> Stop:
    """Say what stops a function.

    Args:
        error: what was raised, from the outermost exception to its innermost cause; not empty.
    """
    message = error[-1]
    for cause in CAUSES:
        found = cause.said.search(message)
        if found:
            return Stop(cause.feature.format(*found.groups()), message, known=True)
    first = message.partition("\n")[0].strip()
    return Stop(first[:_OTHER_FIRST_LINE], message, known=False)
