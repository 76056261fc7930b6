"""Replay recorded configurations on one tree with this interpreter's Triton.

    python -m build_hooks.triton.runner INPUT.json RESULT.json

The input holds `package` (the folder), `target` (what `GPUTarget` takes), `modules` (see
`KernelModules`) and `jobs`. A line `attempted` goes to standard output after each job.
"""

# ruff: noqa: ANN401 - a function is an object of whichever Triton runs this

from __future__ import annotations

import gc
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.triton.runner import ATTEMPTED
from build_hooks.triton.runner.children import Child, ChildDiedError
from build_hooks.triton.runner.compiling import (
    Argument,
    GPUTarget,
    compile_to_ttir,
    describe,
    require_target,
    triton,
)
from build_hooks.triton.runner.loading import KernelTree
from build_hooks.triton.runner.modules import KernelModules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SECONDS_PER_KERNEL = 90.0
SECONDS_FOR_CACHE_KEYS = 300.0

Row = dict[str, Any]


def compile_job(tree: KernelTree, target: Any, job: Row) -> Row:
    """Compile one configuration and say what came of it."""
    function = tree.functions.get(job["ident"])
    if function is None:
        return {"error": ["NotLoaded: no such function in this process"]}
    try:
        arguments = [Argument.decode(row) for row in job["config"]]
        compiled = compile_to_ttir(function, arguments, target)
    except Exception as error:  # noqa: BLE001 - how a kernel fails is the finding
        return {"error": describe(error)}
    places = (tree.ident_at(file, line) for file, line in compiled.visited)
    return {
        "raw_ir": compiled.raw_ir,
        "ttir": compiled.ttir,
        "reached": sorted(ident for ident in places if ident is not None),
    }


def cache_keys(tree: KernelTree, _: None = None) -> Row:
    """Compute every function's ``cache_key``, as a launch does; null stands for success.

    A function whose decorator this Triton refuses has none, although it is compiled here.
    """
    refused = {
        ident: f"TypeError: jit() got an unexpected keyword argument {options[0]!r}"
        for ident, options in tree.left_out.items()
    }
    return {
        ident: refused.get(ident) or why_no_cache_key(function)
        for ident, function in tree.functions.items()
    }


def why_no_cache_key(function: Any) -> str | None:
    """Compute one function's ``cache_key``; None stands for success."""
    try:
        return None if function.cache_key else "empty"
    except Exception as error:  # noqa: BLE001 - how a function fails is the finding
        return describe(error)[-1]


def parameters(function: Any) -> list[list[object]]:
    """Say what a launch goes by for each parameter: where two trees agree, so do their launches."""
    return [
        [
            one.name,
            one.is_constexpr,
            one.is_const,
            one.annotation_type,
            one.has_default,
            one.do_not_specialize,
            getattr(one, "do_not_specialize_on_alignment", False),  # 3.1.0 has none
        ]
        for one in function.params
    ]


def attempts(work: Callable[[Row], Row], jobs: Sequence[Row]) -> Iterator[Row]:
    """Do the jobs one after another in one child; what fails is tried again first in a new one.

    A fork for each would take longer than the compiling. A Triton that aborted or raised may have
    been led to it by what came before: only what fails from a fresh start has failed.
    """
    child = Child(work)
    try:
        for job in jobs:
            row = outcome(child, job)
            if "error" in row:
                child.end()
                child = Child(work)
                row = outcome(child, job)
            sys.stdout.write(f"{ATTEMPTED}\n")
            sys.stdout.flush()
            yield {"ident": job["ident"], "number": job["number"], **row}
    finally:
        child.end()


def outcome(child: Child[Row, Row], job: Row) -> Row:
    """Have a child do a job; that it dies of it is a finding too."""
    try:
        return child.ask(job, SECONDS_PER_KERNEL)
    except ChildDiedError as death:
        return {"error": [f"ChildDiedError: {death}"]}


def replay(given: Row) -> Row:
    """Load a tree, replay the jobs and compute the cache keys."""
    package = Path(given["package"]).resolve()
    if not (package / "__init__.py").is_file():
        sys.exit(f"no package: {package}")
    target = GPUTarget(*given["target"])
    require_target(target)
    gc.disable()  # syntax trees are many objects, and no rubbish: collecting takes half of the time
    tree = KernelTree(package, KernelModules.decode(given["modules"]))
    gc.enable()
    gc.freeze()  # a child that collects would copy what it shares
    work = partial(compile_job, tree, target)
    with Child(partial(cache_keys, tree)) as child:
        keys = child.ask(None, SECONDS_FOR_CACHE_KEYS)
    return {
        "triton": triton.__version__,
        "jit_functions": len(tree.census),
        "loaded": sorted(tree.functions),
        "results": list(attempts(work, given["jobs"])),
        "cache_keys": keys,
        "parameters": {ident: parameters(one) for ident, one in tree.functions.items()},
        "notes": tree.notes,
    }


def main(arguments: list[str]) -> None:
    """Read the input, write the result."""
    given, result = map(Path, arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":
        sys.exit("set PYTHONHASHSEED=0: the TTIR of old Tritons depends on it")
    outcome = replay(json.loads(given.read_text(encoding="utf-8")))
    result.write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
