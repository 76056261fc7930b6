"""What upstream did to the code of a patch since the last release where the patch was applied.

For every cell that does not hold, the nearest older release on which the patch was applied is its
base, one of the same distribution and kind before all others: the code of each scope that a
failing edit names is looked up there, and then in the release where it fails, under its old name or
wherever it went. Releases are named as the columns are.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from build_hooks.drift.cache import code_digest
from build_hooks.drift.cell import Failure
from build_hooks.drift.columns import series
from build_hooks.drift.compared import Compared, Question, compare_scopes, read_files
from build_hooks.drift.declared import COMMON
from build_hooks.drift.scopes import scopes_of
from build_hooks.errors import WheelwrightError
from build_hooks.fetch import fetch
from build_hooks.workers import run_tasks
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from build_hooks.drift.matrix import Row, Work
    from build_hooks.lock import LockedArtifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What upstream did to the code of one patch between two releases.

    Attributes:
        base: the last release before this one on which the patch was applied.
        notes: where the code went, or what of it is the same.
        diff: what changed in the scopes of the edits that fail.
    """

    base: str
    notes: tuple[str, ...] = ()
    diff: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A cell that does not hold, and what to compare for it."""

    patch: str
    release: str
    base: str
    scopes: tuple[str, ...]


def find_changes(
    rows: Iterable[Row], columns: Mapping[str, LockedArtifact], work: Work
) -> dict[str, dict[str, Change]]:
    """Find out what upstream changed, for every cell that has an older one where all was well.

    Args:
        rows: all patches with their cells.
        columns: the artifacts by name, oldest release first.
        work: how the matrix is made.

    Returns:
        The changes by patch and release, oldest release first.
    """
    wanted = [item for row in rows for item in _wanted(row, columns)]
    answers = _Answers(wanted, columns, work).find()
    changes: defaultdict[str, dict[str, Change]] = defaultdict(dict)
    for item in wanted:
        found = [answers[item.release, item.base, inside] for inside in item.scopes]
        changes[item.patch][item.release] = Change(
            base=item.base,
            notes=tuple(dict.fromkeys(note for each in found for note in each.notes)),
            diff="".join(each.diff for each in found),
        )
    return dict(changes)


def _wanted(row: Row, columns: Mapping[str, LockedArtifact]) -> Iterator[_Wanted]:
    bases: dict[str, str] = {}
    for release, cell in row.cells.items():
        own = series(columns[release])
        if cell.outcome == Status.APPLIED.value:
            bases.pop(own, None)  # so that the last that is put in is the nearest
            bases[own] = release
        elif bases and cell.is_verdict and not cell.is_good:
            base = bases.get(own, [*bases.values()][-1])
            edits = row.patch.edits if row.patch else ()
            numbers = dict.fromkeys(problem["edit"] for problem in cell.problems)
            failing = [edits[number - 1] for number in numbers if number]
            # Those that were in force on the older release, too.
            yield _Wanted(row.name, release, base, scopes_of(failing, columns[base].release))


class _Answers:
    """Looks scopes up: first in the bases, then in the releases that are compared with them."""

    def __init__(
        self, wanted: Sequence[_Wanted], locked: Mapping[str, LockedArtifact], work: Work
    ) -> None:
        self._locked = locked
        self._work = work
        self._digest = code_digest(COMMON, ())
        self._asked: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for item in wanted:
            self._asked[item.release][item.base].update(item.scopes)
        self._found: dict[tuple[str, str, str], Compared] = {}

    def find(self) -> Mapping[tuple[str, str, str], Compared]:
        """Give what was found by release, base and scope."""
        asked = [release for release in self._asked if not self._from_cache(release)]
        files = self._files_of_bases(asked)
        questions = {}
        for release in asked:
            compare = {
                base: (files[base], tuple(sorted(scopes)))
                for base, scopes in self._asked[release].items()
                if base in files
            }
            path = self._path(release)
            if path and compare:
                questions[release] = Question(
                    path=path, locked=self._locked[release], compare=compare
                )
        run_tasks(compare_scopes, questions, jobs=self._work.jobs, on_result=self._take)
        for release, bases in self._asked.items():
            for base, scopes in bases.items():
                for inside in scopes:
                    self._found.setdefault((release, base, inside), Compared())
        return self._found

    def _files_of_bases(self, releases: Iterable[str]) -> dict[str, Mapping[str, bytes]]:
        scopes: defaultdict[str, set[str]] = defaultdict(set)
        for release in releases:
            for base, wanted in self._asked[release].items():
                scopes[base] |= wanted
        questions = {
            base: Question(path=path, locked=self._locked[base], scopes=tuple(sorted(wanted)))
            for base, wanted in scopes.items()
            if wanted and (path := self._path(base))
        }
        files: dict[str, Mapping[str, bytes]] = {}

        def take(base: str, result: Mapping[str, bytes] | Failure) -> None:
            if not isinstance(result, Failure):
                files[base] = result

        run_tasks(read_files, questions, jobs=self._work.jobs, on_result=take)
        return files

    def _path(self, release: str) -> Path | None:
        """Bring an artifact here; where that fails, the cells of the release have said so."""
        chosen = self._work.settings
        try:
            return fetch(
                self._locked[release],
                cache=chosen.cache,
                index=chosen.index,
                offline=chosen.offline,
            )
        except WheelwrightError:
            return None

    def _take(self, release: str, result: Mapping[tuple[str, str], Compared] | Failure) -> None:
        if isinstance(result, Failure):
            for base, scopes in self._asked[release].items():
                for inside in scopes:
                    self._found[release, base, inside] = Compared(notes=(result.message,))
            return
        for (base, inside), found in result.items():
            self._found[release, base, inside] = found
        if self._work.cache:
            shown = [[base, inside, asdict(found)] for (base, inside), found in result.items()]
            payload = json.dumps(shown, ensure_ascii=False).encode()
            self._work.cache.write(self._digest, self._name(release), payload)

    def _from_cache(self, release: str) -> bool:
        payload = self._work.cache and self._work.cache.read(self._digest, self._name(release))
        if not payload:
            return False
        for base, inside, found in json.loads(payload):
            self._found[release, base, inside] = Compared(
                **{**found, "notes": tuple(found["notes"])}
            )
        return True

    def _name(self, release: str) -> str:
        """Name what is asked of a release, by content."""
        asked = sorted(
            (base, self._locked[base].sha256, sorted(scopes))
            for base, scopes in self._asked[release].items()
        )
        question = hashlib.sha256(repr(asked).encode()).hexdigest()
        return f"{self._locked[release].sha256}-{question[:16]}"
