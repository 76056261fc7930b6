"""How many of upstream's own changes still apply to other releases, typed and as text.

    python benchmarks/survival.py [--changes N] [--full] [--write] [--show] [--json]

The method stands in docs/survival.md, and `--write` puts the tables there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from history import LINE  # noqa: E402 - needs the root
from tools import TEXT_TOOLS, TYPED, Result, TextTools  # noqa: E402
from trials import FURTHEST, Sample, Trial, sample  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = ROOT / "docs" / "survival.md"
_BEGIN, _END = "<!-- begin: benchmarks/survival.py --write -->", "<!-- end -->"
_TOOLS = (TYPED, *TEXT_TOOLS)
_CHANGES = 14
# The aim of the project: of what the best text tool loses, this share still applies.
LEAST_RECOVERED = 0.5


def one(number: int, count: int) -> Sample:
    """Try the changes of one pair of releases, in a repository of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return sample(number, count, TextTools(Path(folder)))


def _counts(trials: Sequence[Trial], tool: str) -> Counter[Result]:
    return Counter(trial.results[tool] for trial in trials)


def _row(name: str, trials: Sequence[Trial]) -> str:
    cells = []
    for tool in _TOOLS:
        counts = _counts(trials, tool)
        cells.append(" / ".join(str(counts[result]) for result in Result))
    return f"| {name} | {len(trials)} | {' | '.join(cells)} |"


def _head(first: str) -> list[str]:
    return [
        f"| {first} | tried | {' | '.join(_TOOLS)} |",
        "|---|---|" + "---|" * len(_TOOLS),
    ]


def best_text_tool(trials: Sequence[Trial]) -> str:
    """Give the text tool that is correct most often, the least often wrong of equals."""
    return max(
        TEXT_TOOLS,
        key=lambda tool: (
            _counts(trials, tool)[Result.CORRECT],
            -_counts(trials, tool)[Result.WRONG],
        ),
    )


def recovered(trials: Sequence[Trial], tool: str) -> tuple[int, int]:
    """Count what a tool does not apply correctly, and how much of that a typed patch does."""
    lost = [trial for trial in trials if trial.results[tool] is not Result.CORRECT]
    return len(lost), _counts(lost, TYPED)[Result.CORRECT]


def tables(samples: Sequence[Sample]) -> str:
    """Write what was found as Markdown."""
    trials = [trial for item in samples for trial in item.trials]
    later = [trial for trial in trials if trial.distance > 0]
    before = [trial for trial in trials if trial.distance < 0]
    changes = sum(item.changes for item in samples)
    refused = [line for item in samples for line in item.refused]
    unequal = [line for item in samples for line in item.unequal]
    equal = changes - len(refused) - len(unequal)
    pairs = {(trial.older, trial.target) for trial in trials}
    lines = [
        f"{changes} changes from {len(samples)} pairs of neighbouring releases, applied to",
        f"{len(pairs)} pairs of releases. Refused by capture: {len(refused)}. On the release that",
        f"they were captured on, {equal} give upstream's newer function byte for byte, and",
        f"{len(unequal)} do not.",
        "",
        "Each cell: correct / wrong / loud.",
        "",
        *_head("later releases"),
        *(
            _row(f"{distance} further", [item for item in later if item.distance == distance])
            for distance in range(1, FURTHEST + 1)
        ),
        _row("**all**", later),
        "",
        *_head("older releases"),
        *(
            _row(f"{distance} before", [item for item in before if item.distance == -distance])
            for distance in range(1, FURTHEST + 1)
        ),
        _row("**all**", before),
        "",
        "| what a tool does not apply correctly | later | typed patch | older | typed patch |",
        "|---|---|---|---|---|",
    ]
    for tool in TEXT_TOOLS:
        cells = []
        for part in (later, before):
            lost, kept = recovered(part, tool)
            share = f"{kept} ({100 * kept / lost:.0f}%)" if lost else "0"
            cells += [str(lost), share]
        lines.append(f"| {tool} | {' | '.join(cells)} |")
    without = sum((item.without_truth for item in samples), Counter[str]())
    lines += ["", "Left out, since the release is no truth for the change:", ""]
    lines += [f"- {reason}: {count}" for reason, count in sorted(without.items())]
    lines += ["", *_head("captured on"), *_by_pair(samples)]
    return "\n".join(lines)


def _by_pair(samples: Sequence[Sample]) -> list[str]:
    return [_row(f"{item.older} to {item.newer}", item.trials) for item in samples]


def write(text: str, command: str) -> None:
    """Put the tables into the document, between its marks."""
    whole = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = whole.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    body = f"{_BEGIN}\n\n    {command}\n\n{text}\n\n{_END}"
    DOCUMENT.write_text(f"{before}{body}{after}", encoding="utf-8")


def main() -> int:
    """Measure, print the tables, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=_CHANGES, help="for each pair of releases")
    parser.add_argument("--full", action="store_true", help="all changes: hours")
    parser.add_argument("--write", action="store_true", help="put the tables into the document")
    parser.add_argument("--show", action="store_true", help="name what was applied wrongly")
    parser.add_argument("--json", action="store_true", help="the counts only, as JSON")
    options = parser.parse_args()
    count = 0 if options.full else options.changes
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        samples = list(pool.map(partial(one, count=count), range(len(LINE) - 1)))
    trials = [trial for item in samples for trial in item.trials]
    if options.json:
        print(json.dumps(_summary(samples, trials)))
        return 0
    text = tables(samples)
    print(text)
    for line in [line for item in samples for line in (*item.refused, *item.unequal)]:
        print(line)
    for trial in trials if options.show else ():
        for tool, result in trial.results.items():
            if result is Result.WRONG:
                print(f"{tool} on {trial.target}: {trial.older} {trial.path} {trial.name}")
    if options.write:
        size = "--full" if options.full else f"--changes {count}"
        write(text, f"python benchmarks/survival.py {size}")
    return _verdict(samples, trials)


def _summary(samples: Sequence[Sample], trials: Sequence[Trial]) -> dict[str, object]:
    return {
        "changes": sum(item.changes for item in samples),
        "refused": [line for item in samples for line in item.refused],
        "unequal": [line for item in samples for line in item.unequal],
        "tools": {
            tool: {result.value: _counts(trials, tool)[result] for result in Result}
            for tool in _TOOLS
        },
    }


def _verdict(samples: Sequence[Sample], trials: Sequence[Trial]) -> int:
    wrong = _counts(trials, TYPED)[Result.WRONG]
    unequal = sum(len(item.unequal) for item in samples)
    lost, kept = recovered(trials, best_text_tool(trials))
    claims = {
        f"wrong applications of typed patches: {wrong}": wrong == 0,
        f"changes that do not give upstream's bytes: {unequal}": unequal == 0,
        f"of {lost} that the best text tool loses, applied: {kept}": kept >= LEAST_RECOVERED * lost,
    }
    for claim, holds in claims.items():
        print(f"{'PASS' if holds else 'FAIL'}: {claim}")
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
