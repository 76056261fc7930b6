# SPDX-License-Identifier: Apache-2.0
"""Names of Triton's language that vLLM's kernels use and this Triton may lack.

vllm-wheelwright writes `wheelwright_triton.gather(...)` for `tl.gather(...)` in wheels for
platforms whose Triton is an old one. On a Triton that has the name it is Triton's own object, and
the kernel compiles to the same as before. On one that lacks it, it is

- a kernel in the language of Triton 3.1 that gives equal results, bit by bit; or
- for what that language cannot say, something that raises when a kernel is compiled that really
  calls it. A kernel whose branch with that call is dead compiles: Triton 3.1 looks up the names of
  dead branches too, before a launch, and stops at one that is missing.

It also leaves out the options of `triton.jit` and of launches that this Triton does not know.

It imports where there is no Triton: `vllm.triton_utils` has placeholders then.
"""

import inspect
from functools import cache
from typing import Any, NoReturn

from vllm.triton_utils import tl, triton


def _own(path: str) -> Any:  # noqa: ANN401 - whatever Triton has there
    """Give Triton's own object, e.g. of ``extra.cuda.gdc_wait``; None where it has none."""
    found: Any = tl
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


HAS_PDL: bool = _own("extra.cuda.gdc_wait") is not None
"""Whether kernels can wait for the one before them; where not, none may be launched early."""


@triton.jit
def _assume(cond):
    pass


@triton.jit
def _gdc_wait():
    # Nothing to wait for: without PDL a kernel starts when the one before it has ended.
    pass


@triton.jit
def _gdc_launch_dependents():
    pass


@triton.jit
def _mul(x, y, sanitize_overflow: tl.constexpr = True):
    # Old Triton never checks for an overflow.
    return x * y


@triton.jit
def _sub(x, y, sanitize_overflow: tl.constexpr = True):
    return x - y


@triton.jit
def _or(x, y):
    return x | y


@triton.jit
def _reduce_or(input, axis: tl.constexpr, keep_dims: tl.constexpr = False):
    return tl.reduce(input, axis, _or, keep_dims=keep_dims)


@triton.jit
def _gather(src, index, axis: tl.constexpr):
    # Of all elements along the axis one is kept and the others are 0, so together they are that
    # one. As integers: floats would lose -0.0 and the payloads of NaNs.
    rank: tl.constexpr = len(src.shape)
    tl.static_assert(rank <= 2, "this stand-in for tl.gather takes one or two dimensions")
    integer = tl.core.get_int_dtype(src.dtype.primitive_bitwidth, True)
    bits = src.to(integer, bitcast=True)
    if rank == 1:
        chosen = index[:, None] == tl.arange(0, src.shape[0])[None, :]
        found = tl.reduce(tl.where(chosen, bits[None, :], 0), 1, _or)
    elif (axis + rank) % rank == 0:
        chosen = index[:, None, :] == tl.arange(0, src.shape[0])[None, :, None]
        found = tl.reduce(tl.where(chosen, bits[None, :, :], 0), 1, _or)
    else:
        chosen = index[:, :, None] == tl.arange(0, src.shape[1])[None, None, :]
        found = tl.reduce(tl.where(chosen, bits[:, None, :], 0), 2, _or)
    return found.to(integer).to(src.dtype, bitcast=True)


@triton.jit
def _topk(x, k: tl.constexpr, dim: tl.constexpr = None, descending: tl.constexpr = True):
    tl.static_assert(len(x.shape) == 1, "this stand-in for tl.topk takes one dimension")
    # Old Triton's sort multiplies elements by 0, which makes NaN of inf, and widens narrow ones.
    tl.static_assert(x.dtype.is_int(), "this stand-in for tl.topk takes integers")
    bits: tl.constexpr = x.dtype.primitive_bitwidth
    tl.static_assert(bits >= 32, "this stand-in for tl.topk takes integers of 32 or 64 bits")
    count: tl.constexpr = x.shape[0] // k
    rows = tl.reshape(tl.sort(x, descending=descending), [count, k])
    return tl.reduce(tl.where(tl.arange(0, count)[:, None] == 0, rows, 0), 0, _or)


@triton.jit
def _cat(input, other, can_reorder: tl.constexpr = False, dim: tl.constexpr = 0):
    # As newer Tritons do it: a new last dimension, put in front of `dim` and made one with it.
    rank: tl.constexpr = len(input.shape)
    tl.static_assert(rank <= 2, "this stand-in for tl.cat takes one or two dimensions")
    if can_reorder:
        both = tl.cat(input, other, can_reorder=True)
    elif rank == 1:
        both = tl.reshape(tl.permute(tl.join(input, other), (1, 0)), [2 * input.shape[0]])
    elif (dim + rank) % rank == 0:
        both = tl.reshape(
            tl.permute(tl.join(input, other), (2, 0, 1)), [2 * input.shape[0], input.shape[1]]
        )
    else:
        both = tl.reshape(
            tl.permute(tl.join(input, other), (0, 2, 1)), [input.shape[0], 2 * input.shape[1]]
        )
    return both


@triton.jit
def _softmax(
    x,
    dim: tl.constexpr = None,
    keep_dims: tl.constexpr = None,
    ieee_rounding: tl.constexpr = False,
):
    axis: tl.constexpr = 0 if dim is None else dim
    z = x - tl.max(x, axis, keep_dims=True)
    num = tl.exp(z)
    den = tl.sum(num, axis, keep_dims=True)
    return tl.fdiv(num, den, ieee_rounding)


@triton.jit
def _widened(input, dtype: tl.constexpr):
    # The types that newer Triton adds integers up in.
    if dtype is not None:
        wide = input.to(dtype)
    elif tl.constexpr(input.dtype.primitive_bitwidth) >= 32:
        wide = input
    elif input.dtype.is_int_signed():
        wide = input.to(tl.int32)
    elif input.dtype.is_int_unsigned():
        wide = input.to(tl.uint32)
    else:
        wide = input
    return wide


@triton.jit
def _sum(input, axis=None, keep_dims=False, dtype: tl.constexpr = None):
    return tl.sum(_widened(input, dtype), axis, keep_dims)


@triton.jit
def _cumsum(input, axis=0, reverse=False, dtype: tl.constexpr = None):
    return tl.cumsum(_widened(input, dtype), axis, reverse)


@triton.jit
def _load(
    pointer,
    mask=None,
    other=None,
    boundary_check=None,
    padding_option=None,
    cache_modifier=None,
    eviction_policy=None,
    volatile=False,
):
    loaded = tl.load(
        pointer,
        mask,
        other,
        boundary_check=boundary_check,
        padding_option=padding_option,
        cache_modifier=cache_modifier,
        eviction_policy=eviction_policy,
        volatile=volatile,
    )
    # Old Triton reads bools as bytes, and leaves them so.
    if pointer.dtype.element_ty == tl.int1:
        loaded = loaded.to(tl.int1)
    return loaded


class _Missing:
    """What cannot be said in old Triton: it raises when a kernel that calls it is compiled.

    Args:
        path: what Triton calls it.
        since: the first release that has it.
    """

    # As Triton's own functions have it. Triton 3.1 tells these by their module.
    __module__ = "triton.language"
    __triton_builtin__ = True

    def __init__(self, path: str, since: str) -> None:
        self.__name__ = path
        self._since = since

    def __call__(self, *_arguments: object, **_keywords: object) -> NoReturn:
        """Say what is missing."""
        raise NotImplementedError(
            f"tl.{self.__name__} needs Triton {self._since} or later; "
            f"this is Triton {triton.__version__}"
        )


class _PointerType:
    """`tl.pointer_type`, which takes a constexpr for the type that it points to."""

    __module__ = "triton.language"
    __triton_builtin__ = True
    __name__ = "pointer_type"

    def __call__(self, element_ty: Any, *arguments: Any, **_keywords: object) -> Any:  # noqa: ANN401
        """Make the type; a compiler's own keywords mean nothing to it."""
        return tl.pointer_type(getattr(element_ty, "value", element_ty), *arguments)


_pointer_type = _PointerType()


_NAMES: dict[str, tuple[str, Any]] = {
    "assume": ("assume", _assume),
    "dot_scaled": ("dot_scaled", _Missing("dot_scaled", "3.2")),
    "gather": ("gather", _gather),
    "gdc_launch_dependents": ("extra.cuda.gdc_launch_dependents", _gdc_launch_dependents),
    "gdc_wait": ("extra.cuda.gdc_wait", _gdc_wait),
    "hip_round": ("extra.hip.libdevice.round", _Missing("extra.hip.libdevice.round", "3.4")),
    "make_tensor_descriptor": (
        "make_tensor_descriptor",
        _Missing("make_tensor_descriptor", "3.4"),
    ),
    "mul": ("mul", _mul),
    "reduce_or": ("reduce_or", _reduce_or),
    "sub": ("core.sub", _sub),
    "topk": ("topk", _topk),
}
"""For each name what Triton has, and what stands in for it."""

_WITH_ARGUMENT: dict[str, tuple[str, Any]] = {
    "cat": ("dim", _cat),
    "cumsum": ("dtype", _cumsum),
    "softmax": ("dim", _softmax),
    "sum": ("dtype", _sum),
}
"""What stands in for a function of Triton's that does not take an argument.

A Triton whose sums take `dtype` adds narrow integers up in 32 bits.
"""


def _takes(function: Any, argument: str) -> bool:  # noqa: ANN401 - whatever Triton has there
    return argument in inspect.signature(getattr(function, "fn", function)).parameters


def _own_with(name: str, argument: str) -> Any:  # noqa: ANN401 - whatever Triton has there
    """Give Triton's own function if it takes an argument; None if there is no such function."""
    own = _own(name)
    return own if own is not None and _takes(own, argument) else None


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever Triton has there
    """Give what a name of Triton's stands for here.

    It is looked up each time: Triton's interpreter exchanges Triton's own objects while it runs.
    """
    if name in _WITH_ARGUMENT:
        argument, stand_in = _WITH_ARGUMENT[name]
        own = _own_with(name, argument)
        return stand_in if own is None else own
    if name == "load":
        # Loads give bools since 3.2, sums take `dtype` since 3.3. The stand-in is right for both.
        return _load if _own_with("sum", "dtype") is None else _own("load")
    if name == "pointer_type":
        # As with loads: Triton's own takes a constexpr since 3.2.
        return _pointer_type if _own_with("sum", "dtype") is None else _own(name)
    try:
        path, stand_in = _NAMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    own = _own(path)
    return stand_in if own is None else own


def jit_options(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever they are
    """Give those options of `triton.jit` that this Triton has."""
    known = inspect.signature(triton.jit).parameters
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in known.values())
    return {name: value for name, value in options.items() if takes_all or name in known}


def launch_options(
    kernel: Any = None,  # noqa: ANN401 - any kernel
    /,
    **options: Any,  # noqa: ANN401 - whatever they are
) -> dict[str, Any]:
    """Give those options of a launch that this Triton has, or that the kernel has as parameters.

    Args:
        kernel: what is launched, where that may be one with such a parameter.
        options: the options.
    """
    taken = () if kernel is None else getattr(kernel, "arg_names", options)
    return {
        name: value for name, value in options.items() if name in taken or _is_launch_option(name)
    }


@cache
def _is_launch_option(name: str) -> bool:
    if name == "launch_pdl" and not HAS_PDL:
        # Without `gdc_wait` a kernel would read what the one before it has not written yet.
        return False
    if not isinstance(_assume, triton.runtime.JITFunction):
        # Triton's interpreter runs kernels without a GPU, and has no use for options.
        return False
    # What Triton itself asks at a launch: the compiler for the GPU that is in use.
    from triton.compiler import make_backend  # noqa: PLC0415 - only where there is Triton

    target = triton.runtime.driver.active.get_current_target()
    return hasattr(make_backend(target).parse_options({}), name)
