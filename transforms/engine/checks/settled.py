"""Does matching again find the work of every edit done?"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.apply import apply_sites
from transforms.engine.checks.touched import edited_tree
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.checks.touched import Touched
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch
    from transforms.engine.syntax.source import Tree


def unsettled(
    files: Sequence[EditedFile],
    patches: Mapping[str, Patch],
    tree: Tree,
    release: str,
    modules: Sequence[Touched] = (),
) -> Iterator[str]:
    """Match every edit of the patches that acted on the edited tree: each must be obsolete.

    Where others have changed its surroundings, it must be obsolete where it acted alone.

    Args:
        files: all touched files.
        patches: all patches by full name.
        tree: the pristine tree.
        release: the vLLM version of the tree.
        modules: the Python modules among the files, where they are parsed already.
    """
    acted = {patch for file in files for patch, _ in file.sites} & set(patches)
    alone = {
        f"{name} edit {number} of {len(patches[name].edits)}": replace(patches[name], edits=[edit])
        for name in sorted(acted)
        for number, edit in enumerate(patches[name].edits, start=1)
        if admits(edit.versions, release)
    }
    again = edited_tree(files, tree, only_touched=True)
    trees = ((module.path, module.module) for module in modules)
    parsed = {path: there for path, there in trees if isinstance(there, ast.Module)}
    doubtful = {
        outcome.patch: alone[outcome.patch]
        for outcome in match_patches(alone, again, release, parsed)
        if not _is_done(outcome)
    }
    for name, patch in doubtful.items():
        written = apply_sites(match_patches({name: patch}, tree, release), tree)
        there = edited_tree(written, tree, only_touched=True)
        (outcome,) = match_patches({name: patch}, there, release)
        if not _is_done(outcome):
            yield _failure(outcome)


def _is_done(outcome: Outcome) -> bool:
    """Tell whether an edit has nothing left to do; a rule may have had nothing from the start."""
    return not outcome.sites and outcome.status in {Status.OBSOLETE, Status.APPLIED}


def _failure(outcome: Outcome) -> str:
    if outcome.sites:
        places = ", ".join(f"{site.path}:{site.line}" for site in outcome.sites)
        return f"{outcome.patch}: it would act again on the edited files: {places}"
    reasons = "; ".join(problem.reason for _, problem in outcome.problems)
    return (
        f"{outcome.patch}: once applied it is {outcome.status.value} and not obsolete: {reasons}; "
        "next: let `inside` or the pattern say more, so that what it writes can be told from "
        "what is there"
    )
