"""Make the patches of a dialect: one for each rule, for the releases that have its sites.

One more, `triton_runtime`, adds the modules that rewritten files use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.edits import AddModule, ApplyRule, Patch
from transforms.engine.expected import releases_with_sites
from transforms.rules.triton.rules import RUNTIME_USERS, rules_of
from transforms.rules.triton.runtime import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from transforms.rules.triton.dialect import Dialect

# Triton's own kernels for MoE: they are made for the Triton of the wheel that they come in.
_BUNDLED = ("vllm/third_party/triton_kernels",)
_OLDEST = ">=0.9.2"
_RUNTIME = "triton_runtime"


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
            edits=[ApplyRule(rule=rule, expected=expected.get(stem, {}), without=_BUNDLED)],
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
    patches = {
        stem: replace(patch, versions=releases_with_sites(expected[stem]))
        if stem in expected
        else patch
        for stem, patch in counted_patches(dialect, expected).items()
        if stem not in expected or any(expected[stem].values())
    }
    return patches | _runtime(patches.keys(), expected)


def _runtime(stems: Collection[str], expected: Mapping[str, Mapping[str, int]]) -> dict[str, Patch]:
    """Make the patch that adds the modules which rules write the names of into files."""
    users = {module: writers.intersection(stems) for module, writers in RUNTIME_USERS.items()}
    used = {module: writers for module, writers in users.items() if writers}
    if not used:
        return {}
    patch = Patch(
        why=(
            "Rewritten files import these modules, which say once what this Triton lacks and what "
            "stands in for it; without them they cannot be imported."
        ),
        upstream="none: upstream writes for a Triton that lacks nothing",
        drop_when="no rule of the dialect writes the names of these modules into files any more",
        versions=_releases(frozenset().union(*used.values()), expected),
        edits=[
            AddModule(
                path=f"{PACKAGE}/{module}.py", shared=True, versions=_releases(writers, expected)
            )
            for module, writers in used.items()
        ],
    )
    return {_RUNTIME: patch}


def _releases(stems: Collection[str], expected: Mapping[str, Mapping[str, int]]) -> str:
    """Give the releases in which one of several rules has sites; all, if one is not reviewed."""
    if not expected.keys() >= set(stems):
        return _OLDEST
    counts: Counter[str] = Counter()
    for stem in stems:
        counts.update(expected[stem])
    return releases_with_sites(counts)
