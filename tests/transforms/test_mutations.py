"""Damages to what an edit depends on are never overlooked, and damages elsewhere never matter.

The oracle is not the engine: `damages` changes tokens, each case says in plain text what its edit
depends on, and CPython's parser compares the results.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from random import Random
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.damages import (
    Region,
    changed_inside,
    changed_outside,
    means_the_same,
    moved_away,
    reformatted,
    regions,
)
from tests.transforms.trees import NAME, applied, one, outcome_on, patch
from transforms.edits import (
    AddArgument,
    AddImport,
    AddMember,
    DropArgument,
    ExtendLiteral,
    Guard,
    GuardImport,
    InsertAfter,
    InsertBefore,
    Remove,
    Replace,
    ReplaceFunction,
    SetConstant,
    SubclassAndRebind,
    Widen,
    WrapFunction,
)
from transforms.engine.outcome import Status
from transforms.engine.syntax.canonical import body_hash

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

_SEEDS = range(10)
_UPSTREAM = dedent('''
    """Run a model on one device."""

    import os
    import uvloop
    from typing import Literal

    import torch

    from vllm.logger import init_logger
    from vllm.platforms import current_platform

    logger = init_logger(__name__)
    MAX_WORKERS = 4
    SUPPORTED = ["cuda", "rocm"]


    class Worker(Base):
        """One process."""

        kind: Literal["gpu", "tpu"] = "gpu"

        @torch.inference_mode()
        def init_device(self, rank):
            if self.device_config.device_type == "cuda":
                os.environ.pop("NCCL_ASYNC", None)
                self.device = torch.device(f"cuda:{rank}")
                torch.accelerator.set_device(self.device)
            else:
                raise RuntimeError("not supported")
            set_random_seed(self.model_config.seed)
            gc.collect()
            self.memory = measure(self.device, retries=3)

        def load(self, path, *, strict=True):
            if not current_platform.is_cuda():
                logger.info("slow")
            return self.read(path, strict)

        def stop(self, timeout=10):
            self.pool.shutdown(wait=True)
            return timeout * 2


    def speed(batch):
        total = sum(batch) + 5
        return total / len(batch)
''').lstrip()
_SPEED = _UPSTREAM[_UPSTREAM.index("def speed") :]


_DEFINED = {
    "Worker": "class <<Worker>>(Base)",
    "init_device": "def <<init_device>>(",
    "load": "def <<load>>(",
    "stop": "def <<stop>>(",
    "speed": "def <<speed>>(",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """An edit, and the texts of `_UPSTREAM` that it depends on."""

    edit: Edit
    parts: tuple[str, ...] = ()
    moves: bool = False

    @property
    def inside(self) -> list[Region]:
        """What it depends on; the names of its scope, too."""
        names: list[str] = getattr(self.edit, "inside", "").split(".")[1:]
        return regions(_UPSTREAM, [*self.parts, *(_DEFINED[name] for name in names)])


_DEVICE = "self.device_config.device_type"
_CASES = {
    "replace an expression": _Case(
        Replace(
            inside="m.Worker.init_device",
            find=f'{_DEVICE} == "cuda"',
            replace=f'{_DEVICE} in ("cuda", "musa")',
        ),
        (f'{_DEVICE} == "cuda"',),
    ),
    "replace statements": _Case(
        Replace(
            inside="m.Worker.init_device",
            find="set_random_seed(self.model_config.seed)\ngc.collect()",
            replace="start(self)",
        ),
        ("set_random_seed(self.model_config.seed)\n        gc.collect()",),
        moves=True,
    ),
    "replace around a metavariable": _Case(
        Replace(
            inside="m.Worker.init_device",
            find="self.memory = measure($d, retries=3)",
            replace="self.memory = measured($d)",
        ),
        ("self.memory = measure(", ", retries=3)"),
        moves=True,
    ),
    "insert before": _Case(
        InsertBefore(inside="m.Worker.init_device", anchor="gc.collect()", code="flush()"),
        ("gc.collect()",),
        moves=True,
    ),
    "insert after a block": _Case(
        InsertAfter(
            inside="m.Worker.load",
            anchor='if not current_platform.is_cuda():\n    logger.info("slow")',
            code="self.loaded = path",
        ),
        ('if not current_platform.is_cuda():\n            logger.info("slow")',),
        moves=True,
    ),
    "insert behind an import": _Case(
        InsertAfter(inside="m", anchor="import torch", code="import torch_musa"),
        ("import torch\n",),
    ),
    "remove a statement": _Case(
        Remove(inside="m.Worker.init_device", find='os.environ.pop("NCCL_ASYNC", None)'),
        ('os.environ.pop("NCCL_ASYNC", None)',),
        moves=True,
    ),
    "remove a decorator": _Case(
        Remove(inside="m.Worker.init_device", find="@torch.inference_mode()"),
        ("@torch.inference_mode()",),
    ),
    "guard a statement": _Case(
        Guard(
            inside="m.Worker.init_device",
            find="torch.accelerator.set_device(self.device)",
            condition="not current_platform.is_musa()",
        ),
        ("torch.accelerator.set_device(self.device)",),
        moves=True,
    ),
    "widen a condition": _Case(
        Widen(
            inside="m.Worker.load",
            find="current_platform.is_cuda()",
            by="current_platform.is_musa()",
        ),
        ("current_platform.is_cuda()",),
    ),
    "set a constant": _Case(
        SetConstant(inside="m", name="MAX_WORKERS", was="4", value="8"),
        ("MAX_WORKERS = 4",),
    ),
    "extend a list": _Case(
        ExtendLiteral(inside="m", find='["cuda", "rocm"]', add='"musa"'),
        ('["cuda", "rocm"]',),
    ),
    "extend a Literal": _Case(
        ExtendLiteral(inside="m.Worker", find='Literal["gpu", "tpu"]', add='"musa"'),
        ('Literal["gpu", "tpu"]',),
    ),
    "add a parameter": _Case(
        AddArgument(inside="m.Worker.stop", argument="force: bool = False", after="timeout"),
        ("self, <<timeout>>=10",),
    ),
    "add an argument": _Case(
        AddArgument(inside="m.Worker.init_device", call="measure", argument="warm=True"),
        ("= <<measure>>(",),
    ),
    "drop an argument": _Case(
        DropArgument(inside="m.Worker.init_device", call="measure", argument="retries"),
        ("= <<measure>>(", "<<retries>>="),
    ),
    "add a method": _Case(
        AddMember(inside="m.Worker", after="load", code="def pause(self): return None"),
        (_DEFINED["load"],),
    ),
    "wrap a function": _Case(
        WrapFunction(inside="m.Worker.load", before="path = local(path)"),
    ),
    "replace a function": _Case(
        ReplaceFunction(
            inside="m.speed",
            code="def speed(batch):\n    return 0",
            bodies={">=0": body_hash(ast.parse(_SPEED).body[0])},
        ),
        (_SPEED.removesuffix("\n"),),
    ),
    "subclass and rebind": _Case(
        SubclassAndRebind(inside="m.Worker", code="def stop(self, timeout=10): return 0"),
    ),
    "add an import": _Case(AddImport(inside="m", code="import sys")),
    "guard an import": _Case(GuardImport(inside="m", find="import uvloop"), ("import uvloop",)),
}


def _random(name: str, seed: int) -> Random:
    return Random(f"{name} {seed}")  # noqa: S311 - it is the test's own choice


def _edited(edit: Edit, text: str) -> str:
    return applied(one(text.encode()), {NAME: patch(edit)})["m.py"].decode()


@pytest.mark.parametrize("name", [name for name, case in _CASES.items() if case.inside])
@pytest.mark.parametrize("seed", _SEEDS)
def test_an_edit_never_applies_where_what_it_depends_on_has_changed(name: str, seed: int) -> None:
    case = _CASES[name]
    damaged = changed_inside(_UPSTREAM, case.inside, _random(name, seed))
    outcome = outcome_on(one(damaged.encode()), case.edit)
    assert outcome.status in {Status.DRIFTED, Status.MISSING}, damaged


@pytest.mark.parametrize("name", [name for name, case in _CASES.items() if case.moves])
def test_an_edit_never_applies_where_its_statements_moved_out_of_the_scope(name: str) -> None:
    case = _CASES[name]
    damaged = moved_away(_UPSTREAM, case.inside[0])
    ast.parse(damaged)
    assert not outcome_on(one(damaged.encode()), case.edit).status.is_good, damaged


@pytest.mark.parametrize("name", _CASES)
@pytest.mark.parametrize("seed", _SEEDS)
def test_an_edit_does_the_same_however_the_code_is_written(name: str, seed: int) -> None:
    case = _CASES[name]
    damaged = reformatted(_UPSTREAM, _random(name, seed))
    assert means_the_same(_edited(case.edit, damaged), _edited(case.edit, _UPSTREAM))


@pytest.mark.parametrize("name", _CASES)
@pytest.mark.parametrize("seed", _SEEDS)
def test_an_edit_does_the_same_whatever_changes_elsewhere(name: str, seed: int) -> None:
    case = _CASES[name]
    reference = _edited(case.edit, _UPSTREAM)
    damaged, wanted = changed_outside(_UPSTREAM, reference, case.inside, _random(name, seed))
    assert means_the_same(_edited(case.edit, damaged), wanted), damaged


def test_there_are_at_least_two_hundred_damages_of_each_kind() -> None:
    assert sum(bool(case.inside) for case in _CASES.values()) * len(_SEEDS) >= 200
