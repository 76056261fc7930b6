"""Judge one release: what becomes of every patch of some platforms. Runs in a worker process.

The artifact is opened once for all platforms. Whatever goes wrong is a result: a release that
cannot be opened or a patch that raises must not leave a hole in the matrix.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from build_hooks.drift.cache import code_digest
from build_hooks.drift.cell import ERROR, Cell, Failure
from build_hooks.drift.declared import COMMON, declared
from build_hooks.errors import PatchFailureError, WheelwrightError
from build_hooks.pipeline import apply_and_check, match, open_plan
from build_hooks.report import outcome_json, outcome_lines
from build_hooks.shipping import WHEEL
from transforms.engine.diff import unified_diff
from transforms.engine.outcome import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from build_hooks.lock import LockedArtifact
    from build_hooks.pipeline import Plan
    from build_hooks.settings import Settings
    from transforms.engine.patch import Patch
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Tree

_CRASH = "error"
_FOR_SDISTS = "it is for sdists, and this is a wheel"
_INTERNAL = WheelwrightError.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One release to judge.

    Attributes:
        settings: what the user set, with the release.
        path: the artifact.
        locked: what the lock says of it.
        platforms: whose patches to judge, each platform by itself.
    """

    settings: Settings
    path: Path
    locked: LockedArtifact
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one platform's patches on one release.

    Attributes:
        digest: what the code was that judged, see `code_digest`.
        payload: the cells by patch, as JSON.
        lasting: whether judging again would give the same.
    """

    digest: str
    payload: bytes
    lasting: bool


def judge(task: Task) -> dict[str, Judged | Failure] | Failure:
    """Judge the platforms of a task, or say why the release cannot be opened."""
    try:
        plan = open_plan(task.settings, {}, task.path, task.locked)
    except WheelwrightError as error:
        return Failure.of(error)
    except Exception as error:  # noqa: BLE001 - one release must not hide the others
        return _crash(f"{task.locked.filename} cannot be opened", error)
    return {name: _judge_safely(plan, name) for name in task.platforms}


def _judge_safely(plan: Plan, platform: str) -> Judged | Failure:
    try:
        return _judge_platform(plan, platform)
    except WheelwrightError as error:
        return Failure.of(error)
    except Exception as error:  # noqa: BLE001 - one platform must not hide the others
        return _crash(f"{platform} cannot be judged", error)


def _judge_platform(plan: Plan, platform: str) -> Judged:
    own, common = declared(platform), declared(COMMON)
    left_out = own.without(plan.origin.kind)
    output = WHEEL if left_out else own.builds
    # As in a build, where both are applied together and can be in each other's way.
    patches = {**own.patches, **common.patches}
    for name in (*left_out, *common.without(output)):
        patches.pop(name, None)
    chosen = (platform,) if platform != COMMON else plan.settings.platform
    settings = replace(plan.settings, platform=chosen)
    cells = _cells(replace(plan, settings=settings, patches=patches, output=output))
    cells |= {name: _of_sdists(name, patch, plan) for name, patch in left_out.items()}
    kept = {name: cells[name] for name in own.patches}
    return Judged(
        digest=code_digest(platform, own.patches),
        payload=dump_cells(kept),
        lasting=not any(cell.failure and cell.failure.kind == _CRASH for cell in kept.values()),
    )


def _of_sdists(name: str, patch: Patch, plan: Plan) -> Cell:
    """Make the cell of a patch that is for sdists only, on a wheel."""
    outcome = Outcome(patch=name, status=Status.EXCLUDED, reason=_FOR_SDISTS)
    lines = outcome_lines(outcome, patch, plan.metadata.release)
    return Cell(outcome=outcome.status.value, message=tuple(lines))


def dump_cells(cells: Mapping[str, Cell]) -> bytes:
    """Write the cells of one release, by patch."""
    shown = {name: cell.as_json() for name, cell in sorted(cells.items())}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def load_cells(payload: bytes) -> dict[str, Cell]:
    """Read what `dump_cells` wrote."""
    return {name: Cell.from_json(item) for name, item in json.loads(payload).items()}


def _cells(plan: Plan) -> dict[str, Cell]:
    outcomes, crashed = _match(plan)
    checks, failure = _check(plan, outcomes)
    cells = {name: Cell.failed(failure) for name, failure in crashed.items()}
    for outcome in outcomes:
        cells[outcome.patch] = _cell(
            plan, outcome, checks[outcome.patch], failure if outcome.sites else None
        )
    return cells


def _match(plan: Plan) -> tuple[list[Outcome], dict[str, Failure]]:
    """Match all patches together; where one of them raises, find out which, and go on without."""
    try:
        return match(plan), {}
    except Exception:
        crashed = {name: failure for name in plan.patches if (failure := _crash_of(plan, name))}
        if not crashed:
            raise
    rest = {name: patch for name, patch in plan.patches.items() if name not in crashed}
    return match(replace(plan, patches=rest)), crashed


def _crash_of(plan: Plan, name: str) -> Failure | None:
    try:
        match(replace(plan, patches={name: plan.patches[name]}))
    except Exception as error:  # noqa: BLE001 - what is asked here
        return _crash(f"{name} raised while it was matched", error)
    return None


def _crash(what: str, error: Exception) -> Failure:
    said = f"{what}: {type(error).__name__}: {error}"
    return Failure(kind=_CRASH, exit_code=_INTERNAL, message=said)


def _check(
    plan: Plan, outcomes: Sequence[Outcome]
) -> tuple[Mapping[str, list[str]], Failure | None]:
    """Apply what holds, and give the checks that failed to the patches that they name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    try:
        failures = apply_and_check(plan, outcomes)[1]
    except Exception as error:  # noqa: BLE001 - an edit may be anybody's function
        return found, _crash("applying the patches raised", error)
    applied = [outcome.patch for outcome in outcomes if outcome.status is Status.APPLIED]
    for line in failures:
        named = [name for name in applied if re.search(rf"{re.escape(name)}(?![\w/])", line)]
        for name in named or applied:
            found[name].append(line)
    return found, None


def _cell(plan: Plan, outcome: Outcome, checks: list[str], failure: Failure | None) -> Cell:
    if checks:
        failure = Failure(
            kind=PatchFailureError.kind,
            exit_code=PatchFailureError.exit_code,
            message="\n".join(checks),
        )
    shown = outcome_json(outcome)
    lines = outcome_lines(outcome, plan.patches[outcome.patch], plan.metadata.release)
    if failure:
        lines = [*lines, *failure.message.splitlines()]
    applied = outcome.status is Status.APPLIED
    return Cell(
        outcome=ERROR if failure else outcome.status.value,
        sites=tuple((site.path, site.line) for site in outcome.sites),
        problems=tuple(shown["problems"]),  # type: ignore[arg-type]
        message=tuple(lines),
        checks=tuple(checks),
        diff=_diff(outcome.sites, plan.artifact) if applied else "",
        failure=failure,
    )


def _diff(sites: Iterable[Site], tree: Tree) -> str:
    """Show what one patch alone does to upstream's files."""
    by_path: defaultdict[str, list[Site]] = defaultdict(list)
    for site in sites:
        by_path[site.path].append(site)
    return b"".join(
        unified_diff(path, tree.read(path) if path in tree else None, there)
        for path, there in sorted(by_path.items())
    ).decode("utf-8", "backslashreplace")
