"""Write the tables of docs/ucm.md: what UCM does to vLLM, what does it here, and on which releases.

Run from the root of the repository: `python docs/ucm_table.py [--check]`. `ucm.toml` says which
patches do what UCM's functions do, and which tests prove it; the states are outcomes, those that
`python -m build_hooks drift` finds and keeps.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.drift.cache import FOLDER, ResultCache  # noqa: E402 - needs the root
from build_hooks.drift.columns import ALL, chosen_artifacts, column_name  # noqa: E402
from build_hooks.drift.matrix import Work, make_matrix  # noqa: E402
from build_hooks.drift.text import spanned  # noqa: E402
from build_hooks.fetch.cache import cache_root  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.settings import read_settings  # noqa: E402
from docs.proofs import between, linked  # noqa: E402

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from build_hooks.drift.matrix import Matrix

PLATFORMS = ("ucm", "ucm-sparse")
SHOWN = ("0.9.2", "0.11.0", "0.14.1", "0.20.0", "0.28.0", "0.33.0")
"""The releases whose places are counted: UCM's own two, and those between which code moved."""
PAGE = ROOT / "docs" / "ucm.md"
ITEMS = ROOT / "docs" / "ucm.toml"
GUIDE = (
    "<!-- the guide, made by docs/ucm_table.py: begin -->",
    "<!-- the guide, made by docs/ucm_table.py: end -->",
)
FUNCTIONS = (
    "<!-- the functions, made by docs/ucm_table.py: begin -->",
    "<!-- the functions, made by docs/ucm_table.py: end -->",
)
STATES = (
    "<!-- the states, made by docs/ucm_table.py: begin -->",
    "<!-- the states, made by docs/ucm_table.py: end -->",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that UCM's guide shows, or that UCM's code changes.

    Attributes:
        group: the section of the guide, or the module of vLLM.
        says: what it is, as Markdown.
        patches: the full names of the patches that do it.
        here: what else does it, or why nothing has to.
        proofs: tests, as `FILE::FUNCTION` below `tests/`.
    """

    group: str
    says: str
    patches: tuple[str, ...] = ()
    here: str = ""
    proofs: tuple[str, ...] = ()


def read_items(table: str) -> list[Item]:
    """Read the items of one table, in the order of the file.

    Args:
        table: ``guide`` or ``function``.
    """
    found: list[dict[str, Any]] = tomllib.loads(ITEMS.read_text(encoding="utf-8"))[table]
    return [Item(**{key: _frozen(value) for key, value in item.items()}) for item in found]


def _frozen(value: Any) -> Any:  # noqa: ANN401 - what TOML holds
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a patch on a release.

    Attributes:
        outcome: the word that `check` says.
        places: how many places the patch changes.
    """

    outcome: str
    places: int


Outcomes = dict[str, dict[str, Outcome]]
"""By a patch's full name and a release."""


def found_outcomes() -> Outcomes:
    """Find, or take from what `drift` keeps, what becomes of both platforms' patches.

    Raises:
        WheelwrightError: a platform cannot be loaded.
    """
    settings, lock = read_settings(None, os.environ), read_lock()
    cache = ResultCache(cache_root(settings.cache) / FOLDER, _note)
    work = Work(settings=settings, jobs=os.cpu_count() or 1, cache=cache)
    artifacts = chosen_artifacts(lock, [ALL], ("vllm",), ("sdist",))
    return outcomes_of(make_matrix(PLATFORMS, artifacts, work))


def outcomes_of(matrix: Matrix) -> Outcomes:
    """Give the outcomes of a matrix by patch and release.

    Args:
        matrix: of sdists.
    """
    releases = {column_name(item): item.release for item in matrix.artifacts}
    return {
        row.name: {
            releases[column]: Outcome(outcome=cell.outcome, places=len(cell.sites))
            for column, cell in row.cells.items()
        }
        for row in matrix.rows
        if row.platform in PLATFORMS
    }


def _note(line: str) -> None:
    sys.stderr.write(f"note: {line}\n")


def page(text: str, outcomes: Outcomes) -> str:
    """Give the page with all tables up to date.

    Args:
        text: the page as it is; what stands between the markers is replaced.
        outcomes: what became of the patches.
    """
    text = between(text, *GUIDE, _grouped(read_items("guide"), "UCM's guide", outcomes))
    text = between(text, *FUNCTIONS, _grouped(read_items("function"), "UCM", outcomes))
    return between(text, *STATES, "\n".join(_states(outcomes)))


def _grouped(items: Sequence[Item], head: str, outcomes: Outcomes) -> str:
    """Make a table for each group: what does it here, on which releases, and the proof."""
    parts = []
    for group in dict.fromkeys(item.group for item in items):
        rows = [_row(item, outcomes) for item in items if item.group == group]
        parts.append(
            "\n".join(
                [
                    f"### {group}",
                    "",
                    f"| {head} | here | releases | proof |",
                    "|---" * 4 + "|",
                    *rows,
                ]
            )
        )
    return "\n\n".join(parts)


def _row(item: Item, outcomes: Outcomes) -> str:
    named = ", ".join(f"`{name}`" for name in item.patches)
    here = ". ".join(filter(None, (named, item.here)))
    spans = dict.fromkeys(_applied(outcomes[name]) for name in item.patches)
    return f"| {item.says} | {here} | {'; '.join(spans)} | {linked(item.proofs)} |"


def _applied(states: Mapping[str, Outcome]) -> str:
    """Say on which releases a patch is applied, and what it is on all others."""
    applied = [release for release, state in states.items() if state.outcome == "applied"]
    others = sorted({state.outcome for state in states.values()} - {"applied"})
    if not others:
        return "all"
    return f"{_span(applied, [*states])}, else {', '.join(others)}"


def _span(chosen: Sequence[str], known: Sequence[str]) -> str:
    """Write releases as one span where no other one is between."""
    if not chosen:
        return "none"
    begin, end = known.index(chosen[0]), known.index(chosen[-1])
    return spanned(chosen) if end - begin + 1 == len(chosen) else ", ".join(chosen)


def _states(outcomes: Outcomes) -> Iterator[str]:
    """Write the table of all patches: the places on some releases, and the state on all."""
    yield f"| patch | {' | '.join(SHOWN)} | all releases |"
    yield "|---" * (len(SHOWN) + 2) + "|"
    for name, states in outcomes.items():
        cells = [_cell(states[release]) for release in SHOWN]
        yield f"| `{name}` | {' | '.join(cells)} | {_applied(states)} |"


def _cell(state: Outcome) -> str:
    return str(state.places) if state.outcome == "applied" else state.outcome


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    text = PAGE.read_text(encoding="utf-8")
    made = page(text, found_outcomes())
    if made == text:
        return 0
    if arguments == ["--check"]:
        sys.stdout.write("docs/ucm.md is out of date: run `python docs/ucm_table.py`\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write("wrote docs/ucm.md\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
