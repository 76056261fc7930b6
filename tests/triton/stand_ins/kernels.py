"""One kernel for each name that the wheel's module stands in for.

Import it behind `loading.load`. No annotation but constexpr: Triton 3.1 takes others for types.
"""

import triton
import triton.language as tl
from vllm import wheelwright_triton


@triton.jit
def gather(src, index, out, n: tl.constexpr, m: tl.constexpr):
    found = wheelwright_triton.gather(
        tl.load(src + tl.arange(0, n)), tl.load(index + tl.arange(0, m)), 0
    )
    tl.store(out + tl.arange(0, m), found)


@triton.jit
def gather_in_rows(src, index, out, n: tl.constexpr, m: tl.constexpr, axis: tl.constexpr):
    rows = tl.arange(0, 4)[:, None]
    places = rows * m + tl.arange(0, m)[None, :]
    found = wheelwright_triton.gather(
        tl.load(src + rows * n + tl.arange(0, n)[None, :]), tl.load(index + places), axis=axis
    )
    tl.store(out + places, found)


@triton.jit
def gather_in_columns(src, index, out, n: tl.constexpr, m: tl.constexpr, axis: tl.constexpr):
    columns = tl.arange(0, 4)[None, :]
    places = tl.arange(0, m)[:, None] * 4 + columns
    found = wheelwright_triton.gather(
        src=tl.load(src + tl.arange(0, n)[:, None] * 4 + columns),
        index=tl.load(index + places),
        axis=axis,
    )
    tl.store(out + places, found)


@triton.jit
def topk(src, out, n: tl.constexpr, k: tl.constexpr):
    tl.store(out + tl.arange(0, k), wheelwright_triton.topk(tl.load(src + tl.arange(0, n)), k))


@triton.jit
def reduce_or(src, out, n: tl.constexpr, axis: tl.constexpr):
    bits = tl.load(src + tl.arange(0, 4)[:, None] * n + tl.arange(0, n)[None, :])
    kept = wheelwright_triton.reduce_or(bits, axis=axis, keep_dims=True)
    both = kept + tl.zeros_like(bits)
    tl.store(out + tl.arange(0, 4)[:, None] * n + tl.arange(0, n)[None, :], both)


@triton.jit
def reduce_or_to_one(src, out, n: tl.constexpr):
    tl.store(out, wheelwright_triton.reduce_or(tl.load(src + tl.arange(0, n)), 0))


@triton.jit
def mul(src, out, n: tl.constexpr, factor: tl.constexpr):
    places = tl.arange(0, n)
    wheelwright_triton.assume(n > 0)
    product = wheelwright_triton.mul(factor, tl.load(src + places), sanitize_overflow=False)
    tl.store(out + places, product)


@triton.jit
def sub(src, out, n: tl.constexpr):
    places = tl.arange(0, n)
    wheelwright_triton.gdc_wait()
    difference = wheelwright_triton.sub(127, tl.load(src + places), sanitize_overflow=False)
    if n > 1:
        wheelwright_triton.gdc_launch_dependents()
    tl.store(out + places, difference)


@triton.jit
def described(src, out, taken: tl.constexpr):
    if taken:
        source = wheelwright_triton.make_tensor_descriptor(
            src, shape=[4, 4], strides=[4, 1], block_shape=[4, 4]
        )
        tl.store(out, tl.sum(tl.sum(source.load([0, 0]), 0), 0))
    else:
        tl.store(out, tl.load(src))


@triton.jit
def scaled(out, taken: tl.constexpr):
    if taken:
        zeros = tl.zeros((16, 16), tl.uint8)
        scales = tl.zeros((16, 1), tl.uint8)
        tl.store(
            out, tl.sum(wheelwright_triton.dot_scaled(zeros, scales, "e4m3", zeros, scales, "e4m3"))
        )
    else:
        tl.store(out, 0)
