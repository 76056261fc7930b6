"""Take the edits of a patch to a newer release: what holds, what moved, and what does neither.

An edit moves only where nothing has to be guessed: what it looks for is gone from where it was,
and of all places where it may be now, it holds at exactly one. That a pattern fits somewhere else
while its scope is still there says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.explaining.whereabouts import same_code
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits, bare_patch
from transforms.engine.syntax.modules import module_file, module_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.engine.outcome import Problem
    from transforms.engine.patch import Patch
    from transforms.engine.syntax.source import Tree

MOVED, HOLDS, EXCLUDED = "moved", Status.APPLIED.value, Status.EXCLUDED.value
_DEFINED = re.compile(rb"^(?:class|def|async def)[ \t]+(\w+)", re.MULTILINE)
# A module is the old one if it has most of its definitions, and no other has more than a few.
_MOST, _FEW = 0.6, 0.3
_FEWEST_NAMES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What became of one edit on another release.

    Attributes:
        number: which one it is in its patch, from 1.
        edit: as it is written.
        outcome: `HOLDS`, `MOVED`, `EXCLUDED`, or another outcome of a patch.
        problem: why it does not hold as it is written; None where it does, or is excluded.
        field: what of it has to change, ``inside`` or ``path``; empty where nothing does.
        to: what that has to be.
    """

    number: int
    edit: Edit
    outcome: str
    problem: Problem | None = None
    field: str = ""
    to: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether the edit holds, as it is or where it moved to."""
        return self.outcome in {HOLDS, MOVED, EXCLUDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From which release to which.

    Attributes:
        tree: the pristine tree of the newer one.
        release: its name.
        before: the tree of one that the patches hold on; None where there is none at hand.
    """

    tree: Tree
    release: str
    before: Tree | None = None

    def states(self, patch: Patch) -> Iterator[State]:
        """Say of each edit of a patch what becomes of it.

        Args:
            patch: the patch.
        """
        meant = [
            edit
            for edit in patch.edits
            if all(admits(each, self.release) for each in (patch.versions, edit.versions))
        ]
        found = dict(zip(map(id, meant), problems_of(meant, self.tree, self.release), strict=True))
        for number, edit in enumerate(patch.edits, start=1):
            if id(edit) not in found:
                yield State(number=number, edit=edit, outcome=EXCLUDED)
                continue
            problem = found[id(edit)]
            if problem is None:
                yield State(number=number, edit=edit, outcome=HOLDS)
                continue
            field, to = self._moved(edit, problem)
            outcome = MOVED if to else problem.status.value
            yield State(
                number=number, edit=edit, outcome=outcome, problem=problem, field=field, to=to
            )

    def _holds(self, edit: Edit) -> bool:
        return problems_of([edit], self.tree, self.release) == [None]

    def _moved(self, edit: Edit, problem: Problem) -> tuple[str, str]:
        """Give the field of a missing edit and the one value with which it holds."""
        if problem.status is not Status.MISSING:
            return "", ""
        inside = getattr(edit, "inside", "")
        field = "path" if hasattr(edit, "path") else "inside"
        places = [*problem.moved_to]
        if field == "inside":
            places += self._places(inside)
        found = [
            place
            for place in dict.fromkeys(places)
            if self._holds(replace(edit, **{field: place}))  # type: ignore[type-var]
        ]
        return (field, found[0]) if len(found) == 1 else ("", "")

    def _places(self, inside: str) -> Iterator[str]:
        """Give the dotted paths where the code of an older release is now, by what it says."""
        if self.before is None:
            return
        yield from (symbol.dotted for symbol in same_code(inside, self.before, self.tree))
        parts = inside.split(".")
        for length in range(len(parts), 0, -1):
            path = module_file(".".join(parts[:length]), self.before)
            if path is not None:
                module = "" if path in self.tree else self._module(path, self.before)
                if module:
                    yield ".".join([module, *parts[length:]])
                return

    def _module(self, path: str, before: Tree) -> str:
        """Give the module that has the definitions of one that is gone; empty where none has."""
        names = set(_DEFINED.findall(before.read(path)))
        if len(names) < _FEWEST_NAMES:
            return ""
        package = path.partition("/")[0]
        shares = Counter(
            {
                other: len(names & set(_DEFINED.findall(self.tree.read(other)))) / len(names)
                for other in self.tree
                if other.endswith(".py") and other.partition("/")[0] == package
            }
        )
        (best, share), (_, next_best) = [*shares.most_common(2), ("", 0.0), ("", 0.0)][:2]
        return module_name(best) if share >= _MOST and next_best <= _FEW else ""


def problems_of(edits: Sequence[Edit], tree: Tree, release: str) -> list[Problem | None]:
    """Say of each of some edits, by itself, why it does not hold; None where it does.

    Args:
        edits: the edits, of one patch or of several.
        tree: a pristine tree.
        release: its release.
    """
    patches = {f"edit/{number:06}": bare_patch([edit]) for number, edit in enumerate(edits)}
    # Number 0 stands for what two patches do to each other.
    return [
        next((problem for number, problem in outcome.problems if number), None)
        for outcome in match_patches(patches, tree, release)
    ]
