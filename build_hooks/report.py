"""Outcomes as people and scripts read them. A verdict line agrees with the exit code."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from transforms.engine.outcome import Outcome, Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transforms.engine.patch import Patch

_INDENT = "  "
_COLUMN = 13
_IN_CONFLICT = "skip one of them (setting `skip`), or merge them into one patch"
_UNKNOWN = "write an edit for what does the same now"


def outcome_lines(outcome: Outcome, patch: Patch, release: str) -> list[str]:
    """Say what became of one patch: one line where it is well, the whole finding where not.

    Args:
        outcome: what became of it.
        patch: its declaration.
        release: the vLLM version that it was matched on.
    """
    head = f"{outcome.patch}: {outcome.status.value} on {release}"
    if outcome.status is Status.APPLIED:
        files = sorted({site.path for site in outcome.sites})
        where = ", ".join(files[:2]) + (f" and {len(files) - 2} more" if len(files) > 2 else "")  # noqa: PLR2004
        return [f"{head}: {counted(len(outcome.sites), 'site')} in {where}"]
    if outcome.status is Status.EXCLUDED:
        return [f"{head}: {outcome.reason or f'it is for {patch.versions}'}"]
    lines: list[str] = []
    for number, problem in outcome.problems:
        which = f"edit {number} of {outcome.edits}" if number else ""
        if which:
            which += " " if problem.reason.startswith("matched") else ": "
        lines.append(f"{head}: {which}{problem.reason}")
        lines += [_INDENT + line for line in _details(problem)]
    lines.append(f"{_INDENT}drop it when: {patch.drop_when}")
    return [*lines, *(f"{_INDENT}next: {step}" for step in _next_steps(outcome, patch, release))]


def _next_steps(outcome: Outcome, patch: Patch, release: str) -> list[str]:
    """Say once what can be done about each problem, with the edit where they differ."""
    steps: defaultdict[str, list[str]] = defaultdict(list)
    for number, problem in outcome.problems:
        own = patch.edits[number - 1].versions if number else ""
        versions = f"`versions` ({own or patch.versions})"
        if problem.status is Status.OBSOLETE:
            step = f"upstream has it; end {versions} before {release}"
        elif problem.status is Status.CONFLICT:
            step = problem.next_step or _IN_CONFLICT
        else:
            step = f"{problem.next_step or _UNKNOWN}, or leave {release} out of {versions}"
        steps[step] += [str(number)] if number else []
    if len(steps) == 1:
        return list(steps)
    return [
        f"edit {', '.join(numbers)}: {step}" if numbers else step for step, numbers in steps.items()
    ]


def counted(number: int, noun: str, several: str = "") -> str:
    """Say how many there are: `1 site`, `2 sites`; `several` where an `s` is not enough."""
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"


def _details(problem: Problem) -> Iterator[str]:
    if problem.path:
        where = f"  in {problem.scope}" if problem.scope else ""
        yield f"{problem.path}{where}"
    if problem.looked_for:
        yield from _labelled("looked for", problem.looked_for)
    if problem.closest:
        yield from _labelled("closest", problem.closest, f"line {problem.line}")
    elif problem.line:
        yield f"{_INDENT}at line {problem.line}"
    for note in problem.notes:
        yield f"{_INDENT}{note}"


def _labelled(label: str, text: str, suffix: str = "") -> Iterator[str]:
    first, *rest = text.strip("\n").split("\n")
    end = f"    {suffix}" if suffix else ""
    yield f"{_INDENT}{label:<{_COLUMN}}{first}{end}"
    for line in rest:
        yield f"{_INDENT}{'':<{_COLUMN}}{line}"


def failure_report(outcomes: Sequence[Outcome], patches: Mapping[str, Patch], release: str) -> str:
    """Show all failures of a build, once, with the verdict."""
    lines = [
        line
        for outcome in outcomes
        if not outcome.status.is_good
        for line in outcome_lines(outcome, patches[outcome.patch], release)
    ]
    return "\n".join([*lines, verdict(outcomes)])


def verdict(outcomes: Iterable[Outcome], failed_checks: int = 0) -> str:
    """Sum up outcomes, and the checks that failed after applying, in a line with PASS or FAIL."""
    counts = Counter(outcome.status for outcome in outcomes)
    parts = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
    bad = sum(count for status, count in counts.items() if not status.is_good)
    if failed_checks:
        parts.append(f"{failed_checks} checks failed after applying")
    return f"{'FAIL' if bad or failed_checks else 'PASS'}: {', '.join(parts)}"


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """Give an outcome as `--json` writes it."""
    return {
        "patch": outcome.patch,
        "outcome": outcome.status.value,
        "sites": [{"path": site.path, "line": site.line} for site in outcome.sites],
        "problems": [
            {
                "edit": number,
                "outcome": problem.status.value,
                "reason": problem.reason,
                "path": problem.path,
                "scope": problem.scope,
                "looked_for": problem.looked_for,
                "closest": problem.closest,
                "line": problem.line,
                "notes": list(problem.notes),
                "next_step": problem.next_step,
                "moved_to": list(problem.moved_to),
            }
            for number, problem in outcome.problems
        ],
    }
