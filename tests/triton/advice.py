"""Say what this interpreter's Triton takes, and what it writes of what a loop is advised.

    python -m tests.triton.advice GIVEN.json RESULT.json

GIVEN names functions, whose parameters are listed, and what a `tl.range` is advised, with each of
which a loop is compiled, and one without, as far as the IR that Triton first makes.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from unittest.mock import patch

from build_hooks.triton.runner import compiling

LOOP = """
import triton
import triton.language as tl

@triton.jit
def kernel(p, n):
    for i in tl.range(0, n, num_stages=2{advice}):
        tl.store(p + i, i)
"""
# `{tt.flatten, tt.num_stages = 2 : i32}` behind the body of a loop.
_ATTRIBUTES = re.compile(r"(?<=\}) \{([^{}]*)\}")


def parameters(dotted: str) -> list[str]:
    """List the parameters of one of Triton's functions; nothing where it has no such function."""
    module, _, name = dotted.rpartition(".")
    found = getattr(importlib.import_module(module), name, None)
    if found is None:
        return []
    return list(inspect.signature(getattr(found, "fn", found)).parameters)


def advised(advice: str, folder: Path) -> tuple[str, list[str]]:
    """Give the IR of the loop, without its attributes, and these."""
    path = folder / f"loop_{len(list(folder.iterdir()))}.py"
    path.write_text(LOOP.format(advice=advice), encoding="utf-8")
    sys.path.insert(0, str(folder))
    kernel = importlib.import_module(path.stem).kernel
    texts: list[str] = []

    def keep(module: object) -> str:
        texts.append(str(module))
        return ""

    arguments = [
        compiling.Argument(name="p", constant=False, value="*i32"),
        compiling.Argument(name="n", constant=False, value="i32"),
    ]
    # It is given the IR, which `compile_to_ttir` itself only tells a hash of.
    with patch.object(compiling, "_digest", keep):
        compiling.compile_to_ttir(kernel, arguments, compiling.GPUTarget("cuda", 90, 32))
    # What begins so says where a line is from, or what is meant by the name of an attribute.
    lines = "\n".join(line for line in texts[0].split("\n") if not line.startswith("#"))
    text = compiling.LOCATION.sub("", lines)
    attributes = [each for found in _ATTRIBUTES.findall(text) for each in found.split(", ")]
    return _ATTRIBUTES.sub("", text), attributes


def main(given: str, result: str) -> None:
    """Do what GIVEN asks for."""
    asked = json.loads(Path(given).read_text(encoding="utf-8"))
    folder = Path(result).parent / "loops"
    folder.mkdir()
    said: dict[str, object] = {
        "parameters": {name: parameters(name) for name in asked["functions"]},
        "loops": {advice: advised(advice, folder) for advice in ["", *asked["advice"]]},
    }
    Path(result).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
