"""A dialect names what its line of Triton lacks and later ones have: they are asked."""

from __future__ import annotations

import ast
import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.triton.release import REFERENCES
from tests.triton.replay import interpreter
from transforms.engine.syntax.source import Source
from transforms.rules.triton.dialect import TRITON_3_1
from transforms.rules.triton.functions import origins, triton_functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.triton.release import Release

pytestmark = pytest.mark.triton

NEW = "3.9.0"
# Asked in a process of its own, since Triton is not here. A part is an attribute or a submodule.
ASK = """
import importlib, json, sys

def has(name):
    found, *parts = importlib.import_module("triton"), *name.split(".")[1:]
    path = "triton"
    for part in parts:
        path += "." + part
        try:
            found = getattr(found, part) if hasattr(found, part) else importlib.import_module(path)
        except ImportError:
            return False
    return True

print(json.dumps([name for name in json.load(sys.stdin) if not has(name)]))
"""


@cache
def _asked(version: str, names: frozenset[str]) -> frozenset[str]:
    done = subprocess.run(
        [interpreter(version), "-c", ASK],
        input=json.dumps(sorted(names)),
        check=True,
        capture_output=True,
        text=True,
    )
    return frozenset(json.loads(done.stdout))


def missing(version: str, names: Iterable[str]) -> frozenset[str]:
    """Ask a release of Triton which of some dotted names it does not have."""
    return _asked(version, frozenset(names))


def names_used(package: Path) -> Iterator[str]:
    """Give the names of Triton's that the functions of a tree use which Triton compiles."""
    for path in sorted(package.rglob("*.py")):
        data = path.read_bytes()
        if b"triton" in data and b"jit" in data:
            source = Source(path.relative_to(package.parent).as_posix(), data)
            for function in source.once(triton_functions):
                for node in function.nodes(ast.Attribute):
                    yield from origins(node, function.body)


def test_the_line_lacks_every_name_and_a_later_release_has_them_all() -> None:
    names = TRITON_3_1.names
    assert missing(TRITON_3_1.proof, names) == set(names)
    assert missing(NEW, names) == set()


@pytest.mark.parametrize("version", REFERENCES)
def test_no_name_is_left_out_that_kernels_use(version: str, releases: dict[str, Release]) -> None:
    used = {
        name
        for name in names_used(releases[version].trees.stock)
        # What a call returns has attributes of its own.
        if name.startswith("triton.") and "()" not in name
    }
    assert len(used) > 50
    lacking = missing(TRITON_3_1.proof, used)
    assert lacking - missing(REFERENCES[version], lacking) <= TRITON_3_1.names.keys()
