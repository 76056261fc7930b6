"""Exact text, on upstream's own: what is no syntax changes, and nothing else does."""

from __future__ import annotations

import pytest

from build_hooks.artifact import open_artifact
from tests.transforms.trees import NAME, patch
from tests.wheels.real import artifact
from transforms.edits import ReplaceText
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

pytestmark = pytest.mark.upstream

CASES = {
    "a comment": ReplaceText(
        path="vllm/v1/worker/gpu_worker.py",
        find="# This env var set by Ray causes exceptions with graph building.",
        replace="# Ray sets it; graphs cannot be built with it.",
    ),
    "a file of no language": ReplaceText(
        path="vllm/py.typed", find="Marker file for PEP 561", replace="PEP 561"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_just_this_text_changes(case: str) -> None:
    tree = open_artifact(artifact("0.33.0"))
    edit = CASES[case]
    (outcome,) = outcomes = match_patches({NAME: patch(edit)}, tree, "0.33.0")
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites(outcomes, tree)
    before = tree.read(edit.path)
    assert before.count(edit.find.encode()) == 1
    assert file.after == before.replace(edit.find.encode(), edit.replace.encode())
