"""What compilers say is told as the feature that is missing. The messages are of real ones."""

from __future__ import annotations

import pytest

from build_hooks.triton.features import stop

# What Triton 3.1.0 said of kernels of 0.14.1, 0.28.0 and 0.33.0, and 3.9.0 of one of 0.10.0.
SAID = {
    "AttributeError: 'AnnAssign' object has no attribute 'targets'": "an annotated assignment",
    "CompilationError: AttributeError(\"module 'triton.language.extra.cuda' has no attribute "
    "'gdc_wait'\")": "tl.extra.cuda.gdc_wait",
    "AttributeError: module 'triton.language' has no attribute 'gather'": "tl.gather",
    "AttributeError: module 'triton.language.core' has no attribute 'sub'": "tl.sub",
    "CompilationError: TypeError(\"softmax() got an unexpected keyword argument 'dim'\")": (
        "tl.softmax(dim=)"
    ),
    'CompilationError: TypeError("range.__init__() got an unexpected keyword argument '
    "'flatten'\")": "tl.range(flatten=)",
    "TypeError: jit() got an unexpected keyword argument 'do_not_specialize_on_alignment'": (
        "triton.jit(do_not_specialize_on_alignment=)"
    ),
    "UnsupportedLanguageConstruct: chained boolean operators (A or B or C) are not supported; "
    "use parentheses to split the chain.": "`a and b and c` without parentheses",
    "CompilationError: AttributeError(\"'bool' object has no attribute 'logical_and'\")": (
        "`and` of a Python bool and a value"
    ),
    "CompilationError: TypeError('Cannot use /, #, or % with triton.language.uint32 and "
    "triton.language.int32 because they have different signedness;this is unlikely to result in a "
    "useful answer. Cast them to the same signedness.')": (
        "`//` or `%` of signed and unsigned integers"
    ),
    "ValueError: Cannot bitcast data-type of size 32 to data-type of size 16": (
        "a bitcast to another width"
    ),
    "AssertionError: All non-batch values in both first input shape ([constexpr[32], "
    "constexpr[128]]) and second input shape ([constexpr[128], constexpr[1]]) must be >= 16!": (
        "tl.dot of less than 16 rows, columns or values"
    ),
    "CompilationError: NameError('takes is not defined')": (
        "a name bound to an empty tuple, or in one branch only"
    ),
    "NotImplementedError: tl.make_tensor_descriptor needs Triton 3.4 or later; this is Triton "
    "3.1.0": "tl.make_tensor_descriptor",
    "CompileTimeAssertionFailure: this stand-in for tl.topk takes one dimension": (
        "tl.topk beyond one dimension"
    ),
    "CompilationError: AttributeError(\"'NoneType' object has no attribute 'load'\")": (
        "tl.make_tensor_descriptor"
    ),
    "ChildDiedError: exit code -6: python: include/llvm/Support/Casting.h:566: decltype(auto) "
    "llvm::cast(const From&) [with To = mlir::detail::TypedValue<mlir::RankedTensorType>; From = "
    "mlir::OpResult]: Assertion `isa<To>(Val)' failed.": "a scalar converted to float8",
    "ValueError: atomic_add does not support bf16": "tl.atomic_add of bf16",
    "ChildDiedError: exit code -11": "the compiler itself aborts",
    "ChildDiedError: no answer within 90 s": "the compiler comes to no end",
    "NotImplementedError: Block pointers have been removed in favor of the tensor descriptor API": (
        "tl.make_block_ptr"
    ),
}


@pytest.mark.parametrize(("message", "feature"), SAID.items(), ids=range(len(SAID)))
def test_a_known_message_names_its_feature(message: str, feature: str) -> None:
    found = stop(["CompilationError: at 3:4", message])
    assert (found.feature, found.message, found.known) == (feature, message, True)


def test_of_what_nobody_knows_the_first_line_is_given() -> None:
    found = stop(["ValueError: outer", f"ValueError: {'x' * 200}\nmore of it"])
    assert not found.known
    assert found.feature == f"ValueError: {'x' * 148}"
    assert found.message.endswith("more of it")
