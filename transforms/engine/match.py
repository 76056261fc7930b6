"""Match patches against the pristine tree: each file is read and parsed at most once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.conflict import overlaps
from transforms.engine.edit import DependsOnRelease, Found, JudgesSites
from transforms.engine.outcome import Outcome, Problem, Status
from transforms.engine.patch import admits
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping

    from transforms.engine.edit import Edit
    from transforms.engine.patch import Patch
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Tree


@dataclass(slots=True)
class _Work:
    """One edit in force on a release, and what has been found for it so far."""

    patch: str
    number: int
    edit: Edit
    sites: list[Site] = field(default_factory=list)
    problem: Problem | None = None


def match_patches(
    patches: Mapping[str, Patch],
    tree: Tree,
    release: str,
    parsed: Mapping[str, ast.Module] | None = None,
) -> list[Outcome]:
    """Find out what becomes of every patch on one release. Nothing is changed.

    Args:
        patches: by full name, e.g. ``musa/worker_device_type``.
        tree: the pristine tree.
        release: the vLLM version that the tree is of.
        parsed: the syntax of files that are parsed already, by path.

    Returns:
        One outcome for each patch, ordered by name.
    """
    in_force = {
        name: [
            _Work(name, number, _for_release(edit, release))
            for number, edit in enumerate(patch.edits, start=1)
            if admits(edit.versions, release)
        ]
        for name, patch in sorted(patches.items())
        if admits(patch.versions, release)
    }
    _find_all([work for works in in_force.values() for work in works], tree, release, parsed or {})
    clashes = overlaps(
        (work.patch, site) for works in in_force.values() for work in works for site in work.sites
    )
    return [
        _outcome(name, in_force[name], clashes.get(name, ()), len(patches[name].edits))
        if name in in_force
        else Outcome(patch=name, status=Status.EXCLUDED)
        for name in sorted(patches)
    ]


def _for_release(edit: Edit, release: str) -> Edit:
    return edit.for_release(release) if isinstance(edit, DependsOnRelease) else edit


def _find_all(
    works: Iterable[_Work], tree: Tree, release: str, parsed: Mapping[str, ast.Module]
) -> None:
    by_path: defaultdict[str, list[_Work]] = defaultdict(list)
    works = list(works)
    for work in works:
        paths = work.edit.paths(tree)
        if isinstance(paths, Problem):
            work.problem = paths
        else:
            for path in paths:
                by_path[path].append(work)
    for path, wanted in sorted(by_path.items()):
        source = Source(path, tree.read(path) if path in tree else b"", parsed.get(path))
        # An edit that several patches have is matched once, and its sites are one in all of them.
        known: dict[tuple[int, int], Found] = {}
        for work in wanted:
            key = id(work.edit), work.number
            found = known[key] = known.get(key) or _found(work.edit, source, tree)
            work.sites.extend(found.sites)
            work.problem = work.problem or found.problem
    for work in works:
        if work.problem is None and isinstance(work.edit, JudgesSites):
            work.problem = work.edit.judge(work.sites, release)


def _found(edit: Edit, source: Source, tree: Tree) -> Found:
    try:
        return edit.match(source, tree)
    except SourceError as error:
        problem = Problem(
            status=Status.DRIFTED,
            reason=error.reason,
            path=error.path,
            line=error.line,
            next_step=error.next_step,
        )
    except RecursionError:
        problem = Problem(
            status=Status.DRIFTED, reason="the code is nested too deeply", path=source.path
        )
    return Found(problem=problem)


def _outcome(name: str, works: list[_Work], clashes: Iterable[Problem], edits: int) -> Outcome:
    problems = [(work.number, work.problem) for work in works if work.problem]
    obsolete = [problem for _, problem in problems if problem.status is Status.OBSOLETE]
    if not works:
        reason = "its versions admit this release, but none of its edits is for it"
        problems = [(0, Problem(status=Status.DRIFTED, reason=reason))]
    problems += [(0, clash) for clash in clashes]
    statuses = {problem.status for _, problem in problems}
    if not problems:
        status = Status.APPLIED
    elif Status.CONFLICT in statuses:
        status = Status.CONFLICT
    elif Status.MISSING in statuses:
        status = Status.MISSING
    elif works and len(obsolete) == len(works):
        status = Status.OBSOLETE
    else:
        status = Status.DRIFTED
    # Sites at one point keep the order of the edits.
    sites = sorted((site for work in works for site in work.sites), key=lambda site: site.place)
    return Outcome(
        patch=name, status=status, sites=tuple(sites), problems=tuple(problems), edits=edits
    )
