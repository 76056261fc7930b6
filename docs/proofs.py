"""Tests as the pages name them: `FILE::FUNCTION` or `FILE::FUNCTION[CASE]` below `tests/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def linked(proofs: Iterable[str]) -> str:
    """Name tests by their sentences, those of one file together, with a link to it.

    Args:
        proofs: the tests.
    """
    by_file: dict[str, list[str]] = {}
    for proof in proofs:
        file, _, function = proof.partition("::")
        by_file.setdefault(file, []).append(_sentence(function))
    return "; ".join(
        f"[{Path(file).stem.removeprefix('test_')}](../tests/{file}): {', '.join(said)}"
        for file, said in by_file.items()
    )


def _sentence(function: str) -> str:
    """Give what a test says; the case of a parameter, `[case]`, behind it."""
    name, _, case = function.removesuffix("]").partition("[")
    sentence = name.removeprefix("test_").replace("_", " ")
    return f"{sentence} (`{case}`)" if case else sentence


def between(text: str, begin: str, end: str, made: str) -> str:
    """Give a page with what stands between two markers made anew.

    Args:
        text: the page.
        begin: the marker in front.
        end: the marker behind.
        made: what goes between.

    Raises:
        ValueError: the page has no such markers.
    """
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the page has no {begin!r} with an end behind it")
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"
