"""Damages to the real code that the musa patches change: never overlooked, and elsewhere harmless.

What an edit depends on is found by comparing tokens, not syntax trees as the engine does.
"""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect
from functools import cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from build_hooks.pipeline import make_plan
from build_hooks.settings import Settings
from tests.transforms.damages import (
    Region,
    changed_inside,
    means_the_same,
    pieces,
)
from tests.transforms.harmless import changed_outside, reformatted
from tests.transforms.trees import NAME, MemoryTree, patch
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Outcome, Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

pytestmark = pytest.mark.upstream

_RELEASE = "0.33.0"
_DAMAGES = 200
_HARMLESS = 60
_LEAST_TARGETS = 20


class _Target(NamedTuple):
    """An edit with a pattern, the file that it changes, and what it depends on there."""

    edit: Edit
    path: str
    text: str
    inside: tuple[Region, ...]


@cache
def _targets() -> tuple[_Target, ...]:
    """Give the targets of all musa edits that have a pattern and are for the release."""
    plan = make_plan(Settings(platform=("musa",), vllm=_RELEASE))
    found = []
    for each in plan.patches.values():
        for edit in each.edits if admits(each.versions, _RELEASE) else ():
            wanted = getattr(edit, "find", None) or getattr(edit, "anchor", None)
            if wanted and admits(edit.versions, _RELEASE):
                paths = edit.paths(plan.artifact)
                assert isinstance(paths, tuple)
                text = plan.artifact.read(paths[0]).decode()
                found.append(_Target(edit, paths[0], text, _depends(edit, paths[0], text, wanted)))
    return tuple(found)


def _depends(edit: Edit, path: str, text: str, wanted: str) -> tuple[Region, ...]:
    """Find the tokens of a pattern in its scope, once for each site."""
    inside: str = getattr(edit, "inside", "")
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    first, last = _lines(text, inside.removeprefix(module).strip("."))
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    every = pieces(text)
    ends = [item.start for item in every if item.kind == tokenize.NEWLINE]
    there = [
        item
        for item in every
        if _says_something(item.kind) and starts[first - 1] <= item.start < starts[last]
    ]
    segments = [
        [_plain(token.string) for token in _tokens(part)] for part in _without_metavariables(wanted)
    ]
    found: list[Region] = []
    for at in range(len(there)):
        regions, position = [], at
        for number, segment in enumerate(segments):
            # What a metavariable stands for ends with the line.
            same_line = bisect(ends, there[at].start)
            begin = next(
                (
                    start
                    for start in range(position, position + 1 if not number else len(there))
                    if [_plain(item.text) for item in there[start : start + len(segment)]]
                    == segment
                    and (not number or bisect(ends, there[start].start) == same_line)
                ),
                None,
            )
            if begin is None:
                break
            position = begin + len(segment)
            regions.append(Region(there[begin].start, there[position - 1].end))
        else:
            found += regions
    assert found, (path, wanted)
    return tuple(found)


def _says_something(kind: int) -> bool:
    return kind in {tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP}


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    generated = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token for token in generated if _says_something(token.type)]


def _plain(text: str) -> str:
    return repr(ast.literal_eval(text)) if text[0] in "\"'" else text


def _without_metavariables(wanted: str) -> list[str]:
    parts = [part.lstrip("$") for part in f" {wanted}".split("$") if part]
    named = [part.lstrip("abcdefghijklmnopqrstuvwxyz_") for part in parts[1:]]
    return [part for part in (parts[0].strip(), *(part.strip() for part in named)) if part]


def _lines(text: str, dotted: str) -> tuple[int, int]:
    """Give the first and the last line of a scope."""
    node: ast.AST = ast.parse(text)
    for name in dotted.split(".") if dotted else ():
        node = next(
            item
            for item in ast.walk(node)
            if isinstance(item, (ast.ClassDef, ast.FunctionDef)) and item.name == name
        )
    return getattr(node, "lineno", 1), getattr(node, "end_lineno", 0) or len(text.splitlines())


def _outcome(target: _Target, text: str) -> tuple[Outcome, MemoryTree]:
    tree = MemoryTree.of({"vllm/__init__.py": b"", target.path: text.encode()})
    (outcome,) = match_patches({NAME: patch(target.edit)}, tree, _RELEASE)
    return outcome, tree


def _edited(target: _Target, text: str) -> str:
    outcome, tree = _outcome(target, text)
    assert outcome.status is Status.APPLIED, outcome
    (file,) = apply_sites([outcome], tree)
    return file.after.decode()


def _chosen(seed: int) -> tuple[_Target, Random]:
    random = Random(seed)  # noqa: S311 - it is the test's own choice
    return _targets()[seed % len(_targets())], random


def test_there_are_many_targets() -> None:
    assert len(_targets()) >= _LEAST_TARGETS


@pytest.mark.parametrize("seed", range(_DAMAGES))
def test_no_patch_applies_where_what_it_depends_on_has_changed(seed: int) -> None:
    target, random = _chosen(seed)
    damaged = changed_inside(target.text, target.inside, random)
    outcome, _ = _outcome(target, damaged)
    assert outcome.status in {Status.DRIFTED, Status.MISSING}, target.edit


@pytest.mark.parametrize("seed", range(_HARMLESS))
def test_a_patch_does_the_same_however_upstream_writes_it(seed: int) -> None:
    target, random = _chosen(seed)
    damaged = reformatted(target.text, random)
    assert means_the_same(_edited(target, damaged), _edited(target, target.text))


@pytest.mark.parametrize("seed", range(_HARMLESS))
def test_a_patch_does_the_same_whatever_upstream_changes_elsewhere(seed: int) -> None:
    target, random = _chosen(seed)
    reference = _edited(target, target.text)
    names: list[str] = getattr(target.edit, "inside", "").split(".")
    scope = [Region(item.start, item.end) for item in pieces(target.text) if item.text in names]
    inside = [*target.inside, *scope]
    damaged, wanted = changed_outside(target.text, reference, inside, random)
    assert means_the_same(_edited(target, damaged), wanted)
