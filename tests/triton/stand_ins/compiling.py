"""Compile the kernels with Triton 3.1, down to the assembly of a GPU, and say what came of each.

python -m tests.triton.stand_ins.compiling RESULT.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from tests.triton.stand_ins.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from triton import JITFunction

_TARGET = GPUTarget("cuda", 90, 32)
_FLOATS = ("fp64", "fp32", "fp16", "bf16")
_INTEGERS = ("i8", "i16", "i32", "i64", "u8", "u32", "i1")
# For each kernel the types that its pointers point to, and its constants.
_CASES: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    *(("gather", (each, "i32", each), {"n": 64, "m": 32}) for each in (*_FLOATS, *_INTEGERS)),
    *(("gather", ("fp32", each, "fp32"), {"n": 64, "m": 32}) for each in ("i64", "u8", "u32")),
    *(
        (kernel, ("fp32", "i32", "fp32"), {"n": 32, "m": 8, "axis": axis})
        for kernel, axes in {"gather_in_rows": (1, -1), "gather_in_columns": (0, -2)}.items()
        for axis in axes
    ),
    *(
        ("topk", (each, each), {"n": 64, "k": k})
        for each in ("i32", "i64", "u32", "u64")
        for k in (1, 16, 64)
    ),
    *(("reduce_or", ("u32", "u32"), {"n": 16, "axis": axis}) for axis in (0, 1)),
    ("reduce_or_to_one", ("i64", "i64"), {"n": 16}),
    ("mul", ("u32", "u32"), {"n": 64, "factor": 0xD2511F53}),
    ("sub", ("u32", "u32"), {"n": 64}),
    ("described", ("fp32", "fp32"), {"taken": False}),
    ("scaled", ("fp32",), {"taken": False}),
]
_MISSING: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    ("described", ("fp32", "fp32"), {"taken": True}),
    ("scaled", ("fp32",), {"taken": True}),
    ("topk", ("fp32", "fp32"), {"n": 64, "k": 16}),
    ("topk", ("i16", "i16"), {"n": 64, "k": 16}),
]


def _result(kernel: JITFunction[Any], pointers: tuple[str, ...], constants: dict[str, Any]) -> str:
    try:
        kernel.cache_key  # noqa: B018 - a launch computes it first
        typed = dict(zip(kernel.arg_names, (f"*{each}" for each in pointers), strict=False))
        source = ASTSource(fn=kernel, signature=typed, constants=constants)
        return "compiled" if triton.compile(source, target=_TARGET).asm["ptx"] else "nothing"
    except Exception as error:  # noqa: BLE001 - how a kernel fails is the finding
        return "\n".join(_causes(error))


def _causes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__


def main() -> None:
    """Compile all, write what compiled and what was raised."""
    load(forced=False)
    from tests.triton.stand_ins import kernels  # noqa: PLC0415 - behind what it imports

    results = {
        " ".join([name, *pointers, *(f"{key}={each}" for key, each in constants.items())]): _result(
            getattr(kernels, name), pointers, constants
        )
        for name, pointers, constants in [*_CASES, *_MISSING]
    }
    text = json.dumps({"triton": triton.__version__, "results": results})
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
