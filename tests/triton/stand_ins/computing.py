"""Run the kernels on Triton's interpreter for the CPU, and compare every bit with NumPy's answer.

    python -m tests.triton.stand_ins.computing RESULT.json [--own]

Runs in an environment that has torch, NumPy and Triton; with `TRITON_INTERPRET=1`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import triton
import triton.language as tl
from triton.runtime.interpreter import InterpreterBuilder

from tests.triton.stand_ins.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from numpy.typing import NDArray

OWN = "--own"
_DRAWS = np.random.default_rng(0)
_INTEGERS = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}
_FACTOR = 0xD2511F53  # of Philox, which is where vLLM multiplies so
# -0.0, both infinities, NaNs with payloads and signs, the smallest numbers and the largest.
_SPECIAL = {
    torch.float64: (1 << 63, 0x7FF << 52, 0xFFF << 52, (0x7FF << 52) + 1, (0xFFF << 52) + 77, 1),
    torch.float32: (1 << 31, 0xFF << 23, 0x1FF << 23, 0x7F800001, 0xFFC12345, 1, 0x7F7FFFFF),
    torch.float16: (1 << 15, 0x7C00, 0xFC00, 0x7C01, 0xFE55, 1, 0x7BFF),
    torch.bfloat16: (1 << 15, 0x7F80, 0xFF80, 0x7F81, 0xFFC5, 1, 0x7F7F),
}


def _bits(count: int, dtype: torch.dtype) -> NDArray[Any]:
    """Draw any patterns of bits, the special ones among them."""
    if dtype is torch.bool:
        return _DRAWS.integers(0, 2, count).astype(np.int8)
    size = dtype.itemsize
    drawn = np.frombuffer(_DRAWS.bytes(count * size), dtype=f"u{size}").copy()
    special = _SPECIAL.get(dtype, (0, (1 << (8 * size)) - 1, 1 << (8 * size - 1)))
    drawn[: len(special)] = special[:count]
    _DRAWS.shuffle(drawn)
    return drawn.view(_INTEGERS[size])


def _tensor(bits: NDArray[Any], dtype: torch.dtype) -> torch.Tensor:
    whole = torch.from_numpy(np.ascontiguousarray(bits))
    return whole.bool() if dtype is torch.bool else whole.view(dtype)


def _same(computed: torch.Tensor, expected: NDArray[Any]) -> bool:
    size = computed.dtype.itemsize
    return bool(
        np.array_equal(
            computed.view(torch.uint8).numpy().view(f"u{size}"), expected.view(f"u{size}")
        )
    )


def _gathers(kernels: ModuleType) -> Iterator[tuple[str, Callable[[], bool]]]:
    types = [*_SPECIAL, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool]
    for dtype in types:
        for index_type in (torch.int32, torch.int64, torch.uint8):

            def run(dtype: torch.dtype = dtype, index_type: torch.dtype = index_type) -> bool:
                src, index = _bits(64, dtype), _DRAWS.integers(0, 64, 32)
                out = _tensor(_bits(32, dtype), dtype)
                kernels.gather[(1,)](
                    _tensor(src, dtype), torch.from_numpy(index).to(index_type), out, 64, 32
                )
                return _same(out, src[index])

            yield f"gather {dtype} by {index_type}", run
    for axis in (1, -1):

        def run_rows(axis: int = axis) -> bool:
            src, index = _bits(4 * 32, torch.float32).reshape(4, 32), _DRAWS.integers(0, 32, (4, 8))
            out = torch.zeros(4, 8)
            kernels.gather_in_rows[(1,)](
                _tensor(src, torch.float32), torch.from_numpy(index), out, 32, 8, axis
            )
            return _same(out, np.take_along_axis(src, index, axis))

        yield f"gather along {axis}", run_rows
    for axis in (0, -2):

        def run_columns(axis: int = axis) -> bool:
            src, index = _bits(32 * 4, torch.float16).reshape(32, 4), _DRAWS.integers(0, 32, (8, 4))
            out = torch.zeros(8, 4, dtype=torch.float16)
            kernels.gather_in_columns[(1,)](
                _tensor(src, torch.float16), torch.from_numpy(index), out, 32, 8, axis
            )
            return _same(out, np.take_along_axis(src, index, axis))

        yield f"gather along {axis}", run_columns


def _topks(kernels: ModuleType) -> Iterator[tuple[str, Callable[[], bool]]]:
    for dtype in (torch.int32, torch.int64):
        for count, k in ((64, 16), (64, 64), (64, 1), (16, 8), (2, 1)):

            def run(dtype: torch.dtype = dtype, count: int = count, k: int = k) -> bool:
                src = _bits(count, dtype)
                # As in every tie, and with a longer one.
                src[count // 2 :] = _DRAWS.choice(src[: count // 2], count - count // 2)
                out = torch.zeros(k, dtype=dtype)
                kernels.topk[(1,)](_tensor(src, dtype), out, count, k)
                expected = torch.topk(_tensor(src, dtype), k).values
                return _same(out, expected.numpy()) and _same(out, np.sort(src)[::-1][:k].copy())

            yield f"topk {dtype} {k} of {count}", run


def _others(kernels: ModuleType) -> Iterator[tuple[str, Callable[[], bool]]]:
    for dtype in (torch.int32, torch.int64):
        for axis in (0, 1):

            def run_or(dtype: torch.dtype = dtype, axis: int = axis) -> bool:
                # Few bits, or all results were -1.
                src = (_bits(64, dtype) & _bits(64, dtype) & _bits(64, dtype)).reshape(4, 16)
                out = torch.zeros(4, 16, dtype=dtype)
                kernels.reduce_or[(1,)](_tensor(src, dtype), out, 16, axis)
                whole = np.bitwise_or.reduce(src, axis, keepdims=True)
                return _same(out, np.broadcast_to(whole, src.shape).copy())

            yield f"reduce_or {dtype} along {axis}", run_or

    def run_or_to_one() -> bool:
        src = _bits(16, torch.int32) & _bits(16, torch.int32) & _bits(16, torch.int32)
        out = torch.zeros(1, dtype=torch.int32)
        kernels.reduce_or_to_one[(1,)](_tensor(src, torch.int32), out, 16)
        return _same(out, np.bitwise_or.reduce(src, keepdims=True))

    yield "reduce_or to one", run_or_to_one

    def run_mul() -> bool:
        src = _bits(64, torch.uint32)
        out = torch.zeros(64, dtype=torch.uint32)
        kernels.mul[(1,)](_tensor(src, torch.uint32), out, 64, _FACTOR)
        return _same(out, _around(each * _FACTOR for each in src.view(np.uint32).tolist()))

    yield "mul around the end of uint32", run_mul

    def run_sub() -> bool:
        src = _bits(64, torch.uint32)
        out = torch.zeros(64, dtype=torch.uint32)
        kernels.sub[(1,)](_tensor(src, torch.uint32), out, 64)
        return _same(out, _around(127 - each for each in src.view(np.uint32).tolist()))

    yield "sub around the end of uint32", run_sub


def _around(numbers: Iterable[int]) -> NDArray[Any]:
    return np.array([number % 2**32 for number in numbers], np.uint32)


def _result(run: Callable[[], bool]) -> str:
    try:
        return "equal" if run() else "differs"
    except Exception as error:  # noqa: BLE001 - how a kernel fails is the finding
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Run all, write what agreed and what was raised."""
    # 3.1.0 asks for this one, and does not have it.
    InterpreterBuilder.get_int1_ty = lambda _builder: tl.int1
    load(forced=OWN not in sys.argv)
    from tests.triton.stand_ins import kernels  # noqa: PLC0415 - behind what it imports

    cases = [*_gathers(kernels), *_topks(kernels), *_others(kernels)]
    results = {name: _result(run) for name, run in cases}
    text = json.dumps({"triton": triton.__version__, "results": results})
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
