"""Replay recorded configurations on one tree with this interpreter's Triton.

    python -m tests.triton.runner PACKAGE JOBS.json RESULT.json

Runs in an environment that has Triton and nothing else.
"""

# ruff: noqa: ANN401 - a function is an object of whichever Triton runs this

from __future__ import annotations

import gc
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tests.triton.runner.children import ChildDiedError, in_child
from tests.triton.runner.compiling import Argument, compile_to_ttir, describe, triton
from tests.triton.runner.loading import KernelTree

SECONDS_PER_KERNEL = 90.0
SECONDS_FOR_CACHE_KEYS = 300.0

Row = dict[str, Any]


def compile_job(tree: KernelTree, function: Any, job: Row) -> Row:
    """Compile one configuration and say what came of it."""
    try:
        compiled = compile_to_ttir(function, [Argument.decode(row) for row in job["config"]])
    except Exception as error:  # noqa: BLE001 - how a kernel fails is the finding
        return {"error": describe(error)}
    places = (tree.ident_at(file, line) for file, line in compiled.visited)
    return {
        "raw_ir": compiled.raw_ir,
        "ttir": compiled.ttir,
        "reached": sorted(ident for ident in places if ident is not None),
    }


def cache_keys(tree: KernelTree) -> Row:
    """Compute every function's ``cache_key``, as a launch does; null stands for success."""
    return {ident: why_no_cache_key(function) for ident, function in tree.functions.items()}


def why_no_cache_key(function: Any) -> str | None:
    """Compute one function's ``cache_key``; None stands for success."""
    try:
        return None if function.cache_key else "empty"
    except Exception as error:  # noqa: BLE001 - how a function fails is the finding
        return describe(error)[-1]


def attempt(tree: KernelTree, job: Row) -> Row:
    """Compile one configuration in a child; that the child dies is a finding too."""
    function = tree.functions.get(job["ident"])
    if function is None:
        return {"error": ["NotLoaded: no such function in this process"]}
    try:
        return in_child(partial(compile_job, tree, function, job), SECONDS_PER_KERNEL)
    except ChildDiedError as death:
        return {"error": [f"ChildDiedError: {death}"]}


def replay(package: Path, jobs: list[Row]) -> Row:
    """Load a tree, replay the jobs and compute the cache keys."""
    tree = KernelTree(package)
    gc.freeze()  # a child that collects would copy what it shares
    results = [
        {"ident": job["ident"], "number": job["number"], **attempt(tree, job)} for job in jobs
    ]
    return {
        "triton": triton.__version__,
        "jit_functions": len(tree.census),
        "loaded": sorted(tree.functions),
        "results": results,
        "cache_keys": in_child(partial(cache_keys, tree), SECONDS_FOR_CACHE_KEYS),
        "notes": tree.notes,
    }


def main(arguments: list[str]) -> None:
    """Read the jobs, write the result."""
    package, jobs, result = map(Path, arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":
        sys.exit("set PYTHONHASHSEED=0: the TTIR of old Tritons depends on it")
    if not (package / "__init__.py").is_file():
        sys.exit(f"no package: {package}")
    outcome = replay(package.resolve(), json.loads(jobs.read_text(encoding="utf-8")))
    result.write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
