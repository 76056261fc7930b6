"""The tables of docs/ascend.md that need the plugin: what becomes of each of its mutations of vLLM.

Run from the root of the repository: `python docs/ascend_mutations.py [--check]`. It fetches the
plugin and vLLM as a build does, and compiles the one against the other, which takes half a minute.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.pipeline import make_plan  # noqa: E402 - needs the root
from build_hooks.platforms import load_platform  # noqa: E402
from build_hooks.settings import read_settings  # noqa: E402
from docs.proofs import between  # noqa: E402
from transforms.engine.patch import admits  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transforms.importers.monkeypatch.table import Row

PLATFORM, RELEASE, PLUGIN = "ascend", "0.23.0", "vllm-ascend==0.23.0.post1"
PAGE = ROOT / "docs" / "ascend.md"
BEGIN = "<!-- made by docs/ascend_mutations.py: begin -->"
END = "<!-- made by docs/ascend_mutations.py: end -->"
OUTCOMES = {
    "compiled": "an edit of vLLM does it",
    "needs nothing": "it is without effect here, or done by the edit of the definition",
    "needs a hint": "it asks for something that only the user can say, by `define`",
    "cannot": "no edit of vLLM can do it: below, with the reason",
}


def rows_of_plugin() -> tuple[Row, ...]:
    """Compile the plugin by itself, and give what became of each mutation.

    Raises:
        WheelwrightError: the plugin or vLLM cannot be had.
    """
    settings = read_settings({"plugin": PLUGIN, "vllm": RELEASE, "source": "sdist"}, os.environ)
    plan = make_plan(settings)
    assert plan.woven is not None  # noqa: S101 - a plugin is asked for
    return plan.woven.rows


def replaced_by() -> dict[str, list[str]]:
    """Give the patches of the platform that do what the plugin does, by the target."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for stem, patch in load_platform(PLATFORM).patches.items():
        if admits(patch.versions, RELEASE):
            for target in patch.replaces:
                found[target].append(stem)
    return dict(found)


def tables(rows: Sequence[Row], by_hand: Mapping[str, Sequence[str]]) -> str:
    """Make all tables and lists.

    Args:
        rows: what became of each mutation.
        by_hand: stems of patches of the platform by the target that they are for.
    """
    parts = [
        _by_outcome(rows),
        _by_form(rows),
        _reasons(rows),
        _replaced(rows, by_hand),
        _left(rows, by_hand),
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _by_outcome(rows: Sequence[Row]) -> Iterator[str]:
    counts = Counter(row.outcome for row in rows)
    yield "### By outcome"
    yield ""
    yield "| outcome | mutations | share | what it means |"
    yield "|---|---|---|---|"
    for outcome, said in OUTCOMES.items():
        yield f"| {outcome} | {counts[outcome]} | {counts[outcome] / len(rows):.1%} | {said} |"
    good = counts["compiled"] + counts["needs nothing"]
    yield f"| all | {len(rows)} | | {good / len(rows):.1%} are compiled, or need nothing |"


def _by_form(rows: Sequence[Row]) -> Iterator[str]:
    yield "### By form"
    yield ""
    yield f"| form | mutations | {' | '.join(OUTCOMES)} |"
    yield "|---" * (2 + len(OUTCOMES)) + "|"
    for form, count in Counter(row.form for row in rows).most_common():
        found = Counter(row.outcome for row in rows if row.form == form)
        shown = " | ".join(str(found[outcome] or "") for outcome in OUTCOMES)
        yield f"| {form} | {count} | {shown} |"


def _reasons(rows: Iterable[Row]) -> Iterator[str]:
    """Say why mutations need nothing, the most frequent reason first."""
    counts = Counter(row.what for row in rows if row.outcome == "needs nothing")
    yield "### Why they need nothing"
    yield ""
    yield "| reason | mutations |"
    yield "|---|---|"
    for reason, count in counts.most_common():
        yield f"| {_cell(reason)} | {count} |"


def _replaced(rows: Iterable[Row], by_hand: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Name what patches of the platform do in the plugin's place."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.outcome != "needs nothing":
            for stem in by_hand.get(row.target, ()):
                found[stem].append(f"`{row.target}`")
    yield "### Done by patches of the platform"
    yield ""
    yield "With `platform=ascend`, a patch that was finished by hand does these:"
    yield ""
    yield "| patch | in place of |"
    yield "|---|---|"
    for stem, targets in sorted(found.items()):
        yield f"| `{stem}` | {', '.join(dict.fromkeys(targets))} |"


def _left(rows: Iterable[Row], by_hand: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """List what is neither compiled nor needless, with its place and the reason."""
    for outcome, head in (
        ("needs a hint", "### What needs a hint"),
        ("cannot", "### What cannot be compiled"),
    ):
        there = [row for row in rows if row.outcome == outcome]
        yield head
        yield ""
        for row in sorted(there, key=lambda row: (row.place.file, row.place.line)):
            stems = ", ".join(f"`{PLATFORM}/{stem}`" for stem in by_hand.get(row.target, ()))
            done = f" (with `platform={PLATFORM}`: {stems})" if stems else ""
            place = f"{row.place.file.partition('/')[2]}:{row.place.line}"
            yield f"- `{place}`, `{row.target}`, {row.form}: {_text(row.what)}{done}"
        if outcome != "cannot":
            yield ""


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Keep a reason from being read as Markdown or HTML, but for its own code."""
    parts = " ".join(text.split()).split("`")
    parts[::2] = [
        part.replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*") for part in parts[::2]
    ]
    return "`".join(parts)


def page(text: str) -> str:
    """Give the page with the tables up to date.

    Args:
        text: the page as it is.
    """
    return between(text, BEGIN, END, tables(rows_of_plugin(), replaced_by()))


def main(arguments: list[str]) -> int:
    """Write the tables into the page, or say whether they are up to date."""
    written = PAGE.read_text(encoding="utf-8")
    made = page(written)
    if made == written:
        return 0
    if arguments == ["--check"]:
        sys.stdout.write("docs/ascend.md is out of date: run `python docs/ascend_mutations.py`\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write("wrote docs/ascend.md\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
