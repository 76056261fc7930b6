"""What a build makes, and what of the patches that can hold: a wheel has the package only.

An sdist holds the whole tree. A patch of native sources does nothing in a wheel without compiled
extensions; there, it must not be claimed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import PatchSet

SDIST, WHEEL = "sdist", "wheel"
PACKAGE = "vllm/"
NATIVE = "it changes native sources only: the sdist has it, and a wheel holds none"


def main_output(platforms: Iterable[PatchSet]) -> str:
    """Say what platforms are built to where nobody says otherwise.

    Returns:
        ``sdist`` where one of them changes native sources, else ``wheel``.
    """
    return SDIST if any(item.builds == SDIST for item in platforms) else WHEEL


def without_native(outcomes: Iterable[Outcome], platforms: Collection[str]) -> list[Outcome]:
    """Exclude from a wheel what it cannot hold of platforms that are built to sdists.

    Args:
        outcomes: what became of every patch on the whole tree.
        platforms: the names of those platforms.

    Returns:
        The outcomes; a patch of theirs that acts outside of the package only is `excluded`, and
        says why.
    """
    return [
        replace(item, status=Status.EXCLUDED, sites=(), reason=NATIVE)
        if item.patch.partition("/")[0] in platforms and item.sites and not any(_inside(item))
        else item
        for item in outcomes
    ]


def not_shipped(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Name the patches that change what no wheel holds: that would do nothing, without a word."""
    for outcome in outcomes:
        inside = list(_inside(outcome))
        outside = sorted({site.path for site in outcome.sites}.difference(inside))
        for path in outside:
            step = "to change it has no effect"
            if inside:
                step = f"split the patch, which changes {inside[0]} too"
            where = f"{path} is not below {PACKAGE}, and a wheel holds nothing else"
            yield f"{outcome.patch}: {where}; {step}"


def _inside(outcome: Outcome) -> Iterator[str]:
    return (site.path for site in outcome.sites if site.path.startswith(PACKAGE))
