"""The report on a terminal: what compiles, and by the missing feature what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.triton.report import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.triton.report import Function, Report, Standing, Subject

COUNTED = {
    "kernels": "kernels that compile",
    "launched": "kernels that compile and can be launched",
    "functions": "functions compiled, those that kernels call included",
    "cache_keys": "functions whose cache_key can be computed",
}
"""The figures of a report, in words."""


def title(subject: Subject) -> str:
    """Say what a report is about."""
    target = ":".join(map(str, subject.target))
    platforms = ",".join(subject.platforms)
    return f"vLLM {subject.release}, {platforms}, on Triton {subject.triton} for {target}"


def report_lines(report: Report, *, verbose: bool) -> Iterator[str]:
    """Give the report line by line.

    Args:
        report: the report.
        verbose: whether to name every function.
    """
    yield title(report.subject)
    yield ""
    yield from _table(report)
    yield from _stopped(report)
    yield from _lost(report)
    if verbose:
        yield ""
        yield from map(_line, report.functions)
    yield ""
    yield verdict_line(report)


def _table(report: Report) -> Iterator[str]:
    width = max(map(len, COUNTED.values()))
    yield f"{'':<{width}}  before  after     of"
    for name, words in COUNTED.items():
        count = report.counts[name]
        yield f"{words:<{width}}  {count.before:>6}  {count.after:>5}  {count.every:>5}"
    unrecorded = [one for one in report.functions if one.after.state is State.UNRECORDED]
    if unrecorded:
        yield f"no configuration is recorded for {_plural(len(unrecorded), 'function')}"
    borrowed = sorted({one.borrowed for one in report.functions if one.borrowed})
    if borrowed:
        yield f"no configurations of this release are recorded; those are of {', '.join(borrowed)}"


def _stopped(report: Report) -> Iterator[str]:
    """Name what still stops functions, and which."""
    if report.features:
        yield ""
        yield "What still stops:"
    for stop, functions in report.features.items():
        said = "" if stop.known else "  (said by the compiler)"
        yield f"  {stop.feature}: {_plural(len(functions), 'function')}{said}"
        for function in functions:
            when = "" if function.after.stop else "  at launch"
            yield f"      {function.found.ident}{when}"


def _lost(report: Report) -> Iterator[str]:
    if report.lost:
        yield ""
        yield "What the patches took away:"
    for function in report.lost:
        stop = function.after.first_stop
        yield f"  {function.found.ident}: {stop.message if stop else 'not reached any more'}"


def _line(function: Function) -> str:
    before, after = said(function.before), said(function.after)
    how = before if before == after else f"{before} -> {after}"
    return f"{function.found.ident}: {how}"


def said(standing: Standing) -> str:
    """Say what is known of a function on one tree."""
    words = {
        State.COMPILES: "compiles",
        State.THROUGH: f"compiles in {standing.through}",
        State.STOPS: f"stops at {standing.stop.feature if standing.stop else ''}",
        State.UNRECORDED: "no configuration recorded",
    }[standing.state]
    return f"{words}, launch stops at {standing.launch.feature}" if standing.launch else words


def verdict_line(report: Report) -> str:
    """Sum the report up in a line that agrees with the exit code."""
    kernels, launched = report.counts["kernels"], report.counts["launched"]
    word = "PASS" if report.is_good else "FAIL"
    lost = _plural(len(report.lost), "function")
    return (
        f"{word}: {kernels.after} of {kernels.every} kernels compile ({kernels.before} before), "
        f"{launched.after} can be launched ({launched.before} before), {lost} lost"
    )


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
