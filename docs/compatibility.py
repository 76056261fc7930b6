"""Write docs/compatibility.md: what every platform does on every release, from the outcomes.

Run from the root of the repository: `python docs/compatibility.py [--check]`. It judges what
`python -m build_hooks drift` judges, and takes what that has kept.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.drift.cache import FOLDER, ResultCache  # noqa: E402 - needs the root
from build_hooks.drift.columns import ALL, chosen_artifacts  # noqa: E402
from build_hooks.drift.compatibility import STATES, Support, compatibility, runs  # noqa: E402
from build_hooks.drift.matrix import Work, make_matrix  # noqa: E402
from build_hooks.drift.text import spanned  # noqa: E402
from build_hooks.fetch.cache import cache_root  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.platforms import platform_names  # noqa: E402
from build_hooks.settings import read_settings  # noqa: E402
from docs.page_texts import COMPATIBILITY  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE = ROOT / "docs" / "compatibility.md"


def supports() -> list[Support]:
    """Say what every platform does on every artifact that `drift` judges.

    Raises:
        WheelwrightError: a platform cannot be loaded. What is wrong with an artifact or with one
            patch is a state.
    """
    settings, lock = read_settings(None, os.environ), read_lock()
    cache = ResultCache(cache_root(settings.cache) / FOLDER, _note)
    work = Work(settings=settings, jobs=os.cpu_count() or 1, cache=cache)
    matrix = make_matrix(platform_names(), chosen_artifacts(lock, [ALL]), work)
    return compatibility(matrix, lock.releases("vllm"))


def _note(line: str) -> None:
    sys.stderr.write(f"note: {line}\n")


def page(found: Sequence[Support]) -> str:
    """Make the page.

    Args:
        found: what `supports` gives.
    """
    by_platform: dict[str, list[Support]] = {}
    for support in found:
        by_platform.setdefault(support.platform, []).append(support)
    return COMPATIBILITY.format(
        states="\n".join(f"| {state} | {meaning} |" for state, meaning in STATES.items()),
        table="\n".join(_table(by_platform)),
        reasons="\n\n".join(
            "\n".join(_reasons(name, column)) for name, column in by_platform.items()
        ),
    )


def _table(by_platform: dict[str, list[Support]]) -> Iterator[str]:
    names = [f"[`{name}`](platforms/{name}.md)" for name in by_platform]
    yield f"| release | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    # The newest release of vLLM itself is what most readers look for.
    rows = reversed([*zip(*by_platform.values(), strict=True)])
    for row in sorted(rows, key=lambda row: row[0].series):
        yield f"| {row[0].column} | {' | '.join(_cell(support) for support in row)} |"


def _cell(support: Support) -> str:
    """Give the state and, where it is not all or nothing, how many patches hold."""
    if support.state == "none" or not support.applied:
        return support.state
    of = len(support.applied) + len(support.absent) + len(support.failing)
    return f"{support.state}, {len(support.applied)}" + (f" of {of}" * (support.state != "full"))


def _reasons(name: str, column: Sequence[Support]) -> Iterator[str]:
    """Say which patches are not there, newest releases first."""
    yield f"### {name}"
    yield ""
    yield "| releases | state | what is not there |"
    yield "|---|---|---|"
    for run in reversed([*runs(column)]):
        first = run[0]
        columns = spanned([support.column for support in run])
        absent = _stems(first.absent) if first.applied else "all"
        failing = f"; failing: {_stems(first.failing)}" if first.failing else ""
        yield f"| {columns} | {first.state} | {(absent + failing) or 'nothing'} |"


def _stems(names: Sequence[str]) -> str:
    return ", ".join(f"`{name.partition('/')[2]}`" for name in names)


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    made = page(supports())
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made:
        return 0
    if arguments == ["--check"]:
        sys.stdout.write(
            "docs/compatibility.md is out of date: run `python docs/compatibility.py`\n"
        )
        return 1
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write("wrote docs/compatibility.md\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
