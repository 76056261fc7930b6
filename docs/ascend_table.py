"""The parts of docs/ascend.md that are made: the map of the guide, and the proving set.

`ascend.toml` says what does here what each statement of vllm-ascend's guide asks for, which patch
is for which code of the proving set, and which tests prove it. `generate.py` puts the tables
between the markers of the page. Those of the plugin's mutations need the plugin, and come from
`ascend_mutations.py`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.listing import ended_at
from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform
from docs.proofs import between, linked
from transforms.engine.patch import admits

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.patch import Patch

PLATFORM = "ascend"
RELEASES = ("0.23.0", "0.25.1", "0.28.0", "0.33.0")
"""The releases whose state is shown."""
ITEMS = Path(__file__).resolve().parent / "ascend.toml"
GUIDE = (
    "<!-- the guide, made by docs/generate.py: begin -->",
    "<!-- the guide, made by docs/generate.py: end -->",
)
PROVING = (
    "<!-- the proving set, made by docs/generate.py: begin -->",
    "<!-- the proving set, made by docs/generate.py: end -->",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of the guide.

    Attributes:
        group: the part of the guide.
        says: the statement, in short.
        here: what does it here, or why nothing has to.
        proofs: tests that prove it.
    """

    group: str
    says: str
    here: str
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Code of vLLM that the plugin patches, and the patch of the platform that is for it.

    Attributes:
        target: the code, as Markdown.
        patch: the patch's stem.
        plugin: what the plugin does to it while it runs.
        end: why the patch is for no later release; empty while it is for the newest.
        proofs: tests that prove what the patch does.
    """

    target: str
    patch: str
    plugin: str
    proofs: tuple[str, ...]
    end: str = ""


def read_statements() -> list[Statement]:
    """Read the statements of the guide, in its order."""
    return [Statement(**item) for item in _read("statement")]


def read_code() -> list[Code]:
    """Read the proving set, in the order of the file."""
    return [Code(**item) for item in _read("code")]


def _read(name: str) -> list[dict[str, Any]]:
    items = tomllib.loads(ITEMS.read_text(encoding="utf-8"))[name]
    return [{**item, "proofs": tuple(item["proofs"])} for item in items]


def page(text: str) -> str:
    """Give the page with both tables up to date.

    Args:
        text: the page as it is; what stands between the markers is replaced.
    """
    return between(between(text, *GUIDE, guide()), *PROVING, proving())


def guide() -> str:
    """Make one table for each part of the guide."""
    items = read_statements()
    parts = []
    for group in dict.fromkeys(item.group for item in items):
        rows = [
            f"| {item.says} | {item.here} | {linked(item.proofs)} |"
            for item in items
            if item.group == group
        ]
        head = ["| the guide says | here | proof |", "|---|---|---|"]
        parts.append("\n".join([f"### {group}", "", *head, *rows]))
    return "\n\n".join(parts)


def proving() -> str:
    """Make the table of the proving set, with what becomes of each patch on each release."""
    patches = load_platform(PLATFORM).patches
    known = read_lock().releases("vllm", "sdist")
    head = f"| code of vLLM | the plugin | here | {' | '.join(RELEASES)} | proof |"
    rows = [head, "|---" * (4 + len(RELEASES)) + "|"]
    for item in read_code():
        states = " | ".join(state(item, patches[item.patch], each, known) for each in RELEASES)
        proof = linked(item.proofs)
        rows.append(f"| {item.target} | {item.plugin} | `{item.patch}` | {states} | {proof} |")
    return "\n".join(rows)


def state(item: Code, patch: Patch, release: str, known: Sequence[str]) -> str:
    """Say what becomes of a patch on a release.

    Args:
        item: what the page says of it.
        patch: the patch.
        release: the release.
        known: all releases of the lock, oldest first.
    """
    if admits(patch.versions, release):
        return "applied"
    ended = ended_at(patch.versions, known)
    return f"excluded from {ended} on: {item.end}"
