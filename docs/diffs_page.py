"""The tables of docs/import-diff.md, from UCM's own git patches and upstream's own changes.

Run from the root of the repository: `python docs/diffs_page.py [--check]`. It fetches the releases
and UCM's sdists as a build does, and takes some minutes.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from packaging.version import Version  # noqa: E402 - needs the root

from docs.diffs_of_ucm import COUNTED, LATER, PATCHES, held, import_patch  # noqa: E402
from docs.diffs_of_upstream import PAIRS, try_all  # noqa: E402
from docs.proofs import between  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docs.diffs_of_ucm import Imported
    from docs.diffs_of_upstream import Tried

PAGE = ROOT / "docs" / "import-diff.md"
UCM = (
    "<!-- UCM's patches, made by docs/diffs_page.py: begin -->",
    "<!-- UCM's patches, made by docs/diffs_page.py: end -->",
)
UPSTREAM = (
    "<!-- upstream's changes, made by docs/diffs_page.py: begin -->",
    "<!-- upstream's changes, made by docs/diffs_page.py: end -->",
)


def ucm_tables(patches: Sequence[Imported]) -> str:
    """Make the tables of UCM's patches: on their releases, and on later ones.

    Args:
        patches: all of them, imported.
    """
    return "\n".join([*_own(patches), "", *_later(patches)])


def _own(patches: Sequence[Imported]) -> Iterator[str]:
    kinds = "syntax | exact text | new file | undone"
    yield f"| UCM | patch | for | commits | hunks | {kinds} | bytes |"
    yield "|---" * 10 + "|"
    for item in patches:
        found = Counter(row.became for row in item.rows)
        counts = [found[kind] for kind in ("syntax", "text", "file", "undone")]
        same = "those of `git apply`" if item.made == item.applied else "**others**"
        cells = [item.plugin, f"`{item.name}`", item.release, item.commits, len(item.rows)]
        yield f"| {' | '.join(map(str, [*cells, *counts, same]))} |"


def _later(patches: Sequence[Imported]) -> Iterator[str]:
    yield "| patch | on | typed edits | `git apply` | `patch --fuzz=2` |"
    yield "|---" * 5 + "|"
    for item in patches:
        if (item.plugin, item.release, item.name) not in COUNTED:
            continue
        for release in LATER:
            if Version(release) > Version(item.release):
                found = held(item, release)
                typed = f"{found.held} of {found.edits} ({found.held / found.edits:.0%})"
                texts = [
                    f"{count} of {found.hunks} ({count / found.hunks:.0%})"
                    for count in (found.by_git, found.by_patch)
                ]
                name = f"{item.release} `{item.name}`"
                yield f"| {name} | {release} | {typed} | {' | '.join(texts)} |"


def upstream_table(tried: Sequence[Tried]) -> str:
    """Make the table of upstream's changes.

    Args:
        tried: what became of each.
    """
    lines = [
        "| from | to | diffs | byte for byte | refused | syntax | exact text | new file |",
        "|---" * 8 + "|",
    ]
    for older, newer in PAIRS:
        lines.append(f"| {older} | {newer} | {_counts([x for x in tried if x.older == older])} |")
    lines += [f"| | all | {_counts(tried)} |", "", "Refused, with the reason:", ""]
    reasons = Counter(_reason(item.refused) for item in tried if item.refused)
    lines += [f"- {count}: {reason}" for reason, count in sorted(reasons.items())]
    return "\n".join(lines)


def _counts(tried: Sequence[Tried]) -> str:
    became = sum((item.became for item in tried), Counter[str]())
    refused = sum(bool(item.refused) for item in tried)
    cells = [len(tried), sum(item.identical for item in tried), refused]
    return " | ".join(map(str, [*cells, *(became[kind] for kind in ("syntax", "text", "file"))]))


def _reason(refused: str) -> str:
    """Leave out which file it is."""
    return refused.split(";", maxsplit=1)[0].rpartition(": ")[2]


def page(text: str, patches: Sequence[Imported], tried: Sequence[Tried]) -> str:
    """Give the page with its tables up to date.

    Args:
        text: the page as it is.
        patches: UCM's patches, imported.
        tried: upstream's changes, imported.
    """
    text = between(text, *UCM, ucm_tables(patches))
    return between(text, *UPSTREAM, upstream_table(tried))


def main(arguments: list[str]) -> int:
    """Write the tables into the page, or say whether they are up to date."""
    written = PAGE.read_text(encoding="utf-8")
    made = page(written, [import_patch(*item) for item in PATCHES], list(try_all()))
    if made == written:
        return 0
    if arguments == ["--check"]:
        sys.stdout.write("docs/import-diff.md is out of date: run `python docs/diffs_page.py`\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write("wrote docs/import-diff.md\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
