"""Apply a rule to the whole tree, with an exact number of sites for each release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.files import CPP
from transforms.engine.optional_packages import CPP_GUARD
from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.source import files_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.edit import Found
    from transforms.engine.rule import Rule
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRule:
    """A rule acts wherever its construct stands, and must stand as often as was reviewed.

    Attributes:
        rule: the rule.
        expected: for each release the number of sites, kept in a reviewed module.
        folder: the only folder of the tree that it looks into: an sdist also has tests and
            benchmarks, which are not shipped; empty for the whole tree.
        without: folders in it that it leaves alone: other projects' code, which a native build
            copies into a wheel, and the sdist of the release does not have.
        suffixes: how the names of the files end that it looks into, e.g. `cpp.CPP`.
        versions: the releases this edit is for; empty for all of the patch's.
    """

    rule: Rule
    expected: Mapping[str, int]
    folder: str = "vllm"
    without: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = (".py",)
    versions: str = ""

    @property
    def requires(self) -> tuple[str, ...]:
        """What the check of edited C++ needs, where the rule edits such files."""
        return CPP_GUARD if set(self.suffixes) & set(CPP) else ()

    def paths(self, tree: Tree) -> tuple[str, ...]:
        """Give the files of the folder whose bytes hold all of the rule's needles."""
        inside = f"{self.folder}/" if self.folder else ""
        others = tuple(f"{folder}/" for folder in self.without)
        below = [path for path in tree if path.startswith(inside) and not path.startswith(others)]
        return tuple(files_with(tree, self.rule.needles, below, self.suffixes))

    def match(self, source: Source, tree: Tree) -> Found:  # noqa: ARG002
        """Find the rule's sites in one file."""
        return self.rule.match(source)

    def judge(self, sites: Sequence[Site], release: str) -> Problem | None:
        """Compare the sites of all files with the number that was reviewed for the release."""
        expected = self.expected.get(release)
        if expected == len(sites):
            return None
        places = tuple(f"{site.path}:{site.line}" for site in sites)
        if expected is None:
            reason = f"matched {len(sites)} sites; nobody has reviewed how many {release} has"
        elif not sites:
            reason = f"matched 0 sites, expected {expected}"
        else:
            reason = f"matched {len(sites)} sites, expected {expected}"
        status = Status.OBSOLETE if expected and not sites else Status.DRIFTED
        return Problem(
            status=status, reason=reason, looked_for=f"rule {self.rule.name}", notes=places
        )
