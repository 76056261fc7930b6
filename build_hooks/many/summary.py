"""What became of many builds, as people and scripts read it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from build_hooks.errors import PatchFailureError
from build_hooks.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from build_hooks.many.driver import Done

_COLUMNS = ("platforms", "release", "status", "seconds", "result")


def progress_line(done: Done, number: int, count: int) -> str:
    """Say what became of one build, while others run.

    Args:
        done: the build.
        number: how many are done with it.
        count: how many there are.
    """
    if done.failure is not None:
        what = f"failed ({done.failure.kind})"
    elif done.reused:
        what = "was built before"
    else:
        what = f"built in {done.made.seconds if done.made else 0:.1f} s"
    return f"[{number}/{count}] {done.task.name}: {what}"


def summary_lines(found: Sequence[Done]) -> Iterator[str]:
    """Give a table of all builds, what the failed ones say, and a verdict.

    Args:
        found: what became of each.
    """
    rows = [_COLUMNS, *map(_row, found)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    for done in found:
        if done.failure is not None:
            yield ""
            yield f"error: {done.task.name}: {done.failure.message}"
    yield ""
    counts = Counter(done.status for done in found)
    parts = [f"{counts[name]} {name}" for name in ("built", "reused", "failed") if counts[name]]
    verdict = "FAIL" if counts["failed"] else "PASS"
    yield f"{verdict}: {counted(len(found), 'build')}: {', '.join(parts)}"


def _row(done: Done) -> tuple[str, ...]:
    platforms = ",".join(done.task.settings.platform) or "-"
    seconds = f"{done.made.seconds:.1f}" if done.made and not done.reused else "-"
    if done.failure is not None:
        result = f"{done.failure.kind}, exit code {done.failure.exit_code}"
    else:
        result = str(done.path)
    return (platforms, done.release, done.status, seconds, result)


def exit_code(found: Sequence[Done]) -> int:
    """Give 0 where all is well, the code of the failures where they agree, else 1."""
    codes = {done.failure.exit_code for done in found if done.failure is not None}
    if not codes:
        return 0
    return codes.pop() if len(codes) == 1 else PatchFailureError.exit_code


def as_json(found: Sequence[Done]) -> list[dict[str, Any]]:
    """Give all builds as `build --json` writes them."""
    return [
        {
            "platforms": list(done.task.settings.platform),
            "release": done.release,
            "output": done.task.output,
            "status": done.status,
            "path": None if done.path is None else str(done.path),
            "sha256": None if done.made is None else done.made.sha256,
            "seconds": None if done.made is None else done.made.seconds,
            "failure": None
            if done.failure is None
            else {
                "kind": done.failure.kind,
                "exit_code": done.failure.exit_code,
                "message": done.failure.message,
            },
        }
        for done in found
    ]
