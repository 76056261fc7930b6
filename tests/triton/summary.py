"""The counts, as a table: how much was compiled, and how much of it is proven to be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.triton.comparison import Comparison
from tests.triton.replay import same_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

    from build_hooks.triton.replay import Replay
    from tests.triton.release import Release

HEADINGS = ("release", "Triton", "tree", "kernels", "functions", "annotated", "cache_key", "time")


def lines(releases: Mapping[str, Release], replays: Mapping[tuple[str, ...], Replay]) -> list[str]:
    """Describe each replay, and each edited tree beside its stock tree."""
    rows = [HEADINGS, *(_row(releases[key[0]], key, one) for key, one in sorted(replays.items()))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [*table, "", *_comparisons(releases, replays)]


def _row(release: Release, key: tuple[str, ...], replay: Replay) -> tuple[str, ...]:
    annotated = replay.reached & release.annotated
    return (
        *key,
        _of(replay.compiled_roots, replay.roots),
        f"{len(replay.reached)}/{replay.jit_functions}",
        _of(annotated, release.annotated),
        _of(replay.keyed, replay.cache_keys),
        f"{replay.seconds:.0f} s",
    )


def _comparisons(
    releases: Mapping[str, Release], replays: Mapping[tuple[str, ...], Replay]
) -> list[str]:
    found = []
    for version, triton, kind in sorted(replays):
        stock = replays.get((version, triton, "stock"))
        if kind == "stock" or stock is None:
            continue
        after = replays[version, triton, kind]
        comparison = Comparison(same_jobs(stock, after), after)
        affected = releases[version].affected
        functions = [
            f"{len(affected & some)} {what}"
            for some, what in (
                (stock.reached, "compiled before"),
                (comparison.after.reached, "now"),
                (comparison.identical_functions, "identical"),
            )
        ]
        found.append(
            f"{version} on {triton}, {kind} against stock: "
            f"{_of(comparison.identical, comparison.compiled_before)} configurations identical, "
            f"{len(comparison.changed)} changed, {len(comparison.broken)} broken, "
            f"{len(comparison.gained)} gained; of the {len(affected)} jit functions in files that "
            f"the build changed {', '.join(functions)}"
        )
    return found


def _of(some: Sized, everything: Sized) -> str:
    return f"{len(some)}/{len(everything)}"
