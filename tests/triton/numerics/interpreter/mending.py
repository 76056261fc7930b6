"""Where Triton's interpreter does otherwise than its compiler, and a kernel here would notice.

What the compiler answers is put in. Each is said to be of both releases, or of the old one.
"""

# ruff: noqa: ANN401 - values are objects of whichever Triton runs this

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter, jit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AMD_OPTIONS = ["waves_per_eu"]
Handle = interpreter.TensorHandle


class Count(int):
    """The variable of a `tl.range` loop: a number to the interpreter, a tensor to the compiler."""

    __slots__ = ()

    def to(self, dtype: tl.dtype) -> tl.tensor:
        """Give it as a tensor of another type."""
        return tl.full((), int(self), dtype)


def mend() -> None:
    """Mend the interpreter of this process."""
    # What stands for `tl.range` there returns Python's, which it looks up as any name. Both.
    interpreter.range = _counting
    interpreter._convert_float = _rounding_to_float8(interpreter._convert_float)
    builder = interpreter.InterpreterBuilder
    builder.create_bitcast = _of_declared_type(builder.create_bitcast)
    builder.get_all_ones_value = _with_bools(builder.get_all_ones_value)
    # The old one asks for this, and does not have it.
    builder.get_int1_ty = lambda _builder: tl.int1
    # The old one exchanges functions of Triton's language, and forgets this method.
    tl.tensor.floor = _floor
    jit._normalize_ty = _told_by_their_text(jit._normalize_ty)
    if hasattr(interpreter, "RESERVED_KWS"):
        # The old one takes launch options that it does not know for arguments.
        interpreter.RESERVED_KWS += AMD_OPTIONS


def _floor(value: tl.tensor) -> tl.tensor:
    return tl.floor(value)  # as it is when this is called


def _counting(*bounds: Any) -> Iterator[Count]:
    return map(Count, range(*bounds))


def _rounding_to_float8(convert: Callable[..., Any]) -> Callable[..., Any]:
    """Round to float8 as hardware does: to the nearest, and to even where two are as near.

    The interpreter rounds half up, and loses the carry into an odd exponent. Both.
    """

    def mended(values: Any, source: tl.dtype, target: tl.dtype, rounding: object) -> Any:
        if (source, target) != (tl.float32, tl.float8e4nv):
            return convert(values, source, target, rounding)
        rounded = torch.from_numpy(values.copy()).to(torch.float8_e4m3fn)
        return rounded.view(torch.uint8).numpy()

    return mended


def _of_declared_type(bitcast: Callable[..., Any]) -> Callable[..., Any]:
    """Take the bits of the type that a tensor has: NumPy's may be wider. The old one."""

    def mended(builder: object, source: Any, target: tl.dtype) -> Any:
        data = source.data.astype(interpreter._get_np_dtype(source.dtype), copy=False)
        return bitcast(builder, Handle(data, source.dtype), target)

    return mended


def _with_bools(all_ones: Callable[..., Any]) -> Callable[..., Any]:
    """Let a bool be negated. The old one."""

    def mended(builder: object, dtype: tl.dtype) -> Any:
        if dtype.scalar == tl.int1:
            return Handle(np.full(1, fill_value=True), tl.int1)
        return all_ones(builder, dtype)

    return mended


def _told_by_their_text(normalised: Callable[..., str]) -> Callable[..., str]:
    """Know parameters that are constants where annotations are not evaluated. Both."""

    def mended(annotation: object) -> str:
        return "constexpr" if "constexpr" in str(annotation) else normalised(annotation)

    return mended
