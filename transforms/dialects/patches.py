"""Make the patches of a dialect: one for each rule, for the releases that have its sites."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.edits import ApplyRule, Patch
from transforms.engine.expected import releases_with_sites
from transforms.rules.triton.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.rules.triton.dialect import Dialect

_OLDEST = ">=0.9.2"


def counted_patches(
    dialect: Dialect, expected: Mapping[str, Mapping[str, int]]
) -> dict[str, Patch]:
    """Make a patch of each rule, for every release: what `python -m build_hooks expect` counts.

    Args:
        dialect: what the line of Triton lacks.
        expected: for each stem and release the number of sites that was reviewed.
    """
    return {
        stem: Patch(
            why=rule.why,
            upstream=rule.upstream,
            drop_when=rule.drop_when,
            versions=_OLDEST,
            edits=[ApplyRule(rule=rule, expected=expected.get(stem, {}))],
        )
        for stem, rule in rules_of(dialect).items()
    }


def dialect_patches(
    dialect: Dialect, expected: Mapping[str, Mapping[str, int]]
) -> dict[str, Patch]:
    """Make the patches that a platform of the dialect has, each under its stem.

    A rule that has sites in no release so far is left out; one that nobody has counted is not, so
    that a build says so.
    """
    return {
        stem: replace(patch, versions=releases_with_sites(expected[stem]))
        if stem in expected
        else patch
        for stem, patch in counted_patches(dialect, expected).items()
        if stem not in expected or any(expected[stem].values())
    }
