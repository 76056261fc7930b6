"""The whole matrix: an outcome for every patch on every artifact, from the cache or found now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from build_hooks.drift.cache import code_digest
from build_hooks.drift.cell import Cell, Failure
from build_hooks.drift.changes import find_changes
from build_hooks.drift.columns import column_name
from build_hooks.drift.declared import COMMON, declared
from build_hooks.drift.judge import Judged, Task, judge, load_cells
from build_hooks.errors import WheelwrightError
from build_hooks.fetch import fetch
from build_hooks.workers import run_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from build_hooks.drift.cache import ResultCache
    from build_hooks.drift.changes import Change
    from build_hooks.drift.declared import Declared
    from build_hooks.lock import LockedArtifact
    from build_hooks.settings import Settings
    from transforms.engine.patch import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One patch on all artifacts.

    Attributes:
        name: the patch's full name.
        platform: the platform that it is of.
        patch: its declaration; None where it cannot be loaded.
        cells: by the artifact's name, as `column_name` gives it.
        changes: for artifacts where it does not hold, what upstream did since the last one where it
            did.
    """

    name: str
    platform: str
    patch: Patch | None
    cells: Mapping[str, Cell]
    changes: Mapping[str, Change] = field(default_factory=dict)

    @property
    def stopped(self) -> str | None:
        """Say on which artifact it stopped to hold: the first bad one after a good one."""
        return next(iter(self.changes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Every patch on every artifact.

    Attributes:
        artifacts: what was judged, oldest release first.
        platforms: in alphabetical order, the patches of every wheel last.
        rows: by platform, then by name.
    """

    artifacts: tuple[LockedArtifact, ...]
    platforms: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the artifacts."""
        return tuple(map(column_name, self.artifacts))

    @property
    def is_good(self) -> bool:
        """Tell whether a wheel of every platform can be built of every artifact."""
        return all(cell.is_good for row in self.rows for cell in row.cells.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How the matrix is made.

    Attributes:
        settings: what the user set: where artifacts come from.
        jobs: how many processes work at a time.
        cache: earlier results; None to find out everything anew and to keep nothing.
        begin: called with the number of artifacts that must be judged now.
        advance: called after each of them.
    """

    settings: Settings
    jobs: int
    cache: ResultCache | None
    begin: Callable[[int], None] = lambda _: None
    advance: Callable[[], None] = lambda: None


def make_matrix(
    platforms: Sequence[str], artifacts: Sequence[LockedArtifact], work: Work
) -> Matrix:
    """Find out what becomes of every patch on every artifact.

    Args:
        platforms: the platforms' names; each is judged by itself.
        artifacts: what to judge, oldest release first.
        work: how.

    Raises:
        WheelwrightError: there is no such platform, or the cache folder cannot be chosen. What is
            wrong with one artifact or one patch is a cell instead.
    """
    sets = [declared(name) for name in [*platforms, COMMON]]
    columns = {column_name(locked): locked for locked in artifacts}
    cells = _Cells(sets, columns, work).fill()
    rows = [
        Row(
            name=name,
            platform=item.platform,
            patch=item.patches.get(name),
            cells={column: cells[name, column] for column in columns},
        )
        for item in sets
        for name in sorted([*item.patches, *item.broken])
    ]
    changes = find_changes(rows, columns, work)
    if work.cache:
        work.cache.drop_unused()
    return Matrix(
        artifacts=tuple(columns.values()),
        platforms=tuple(item.platform for item in sets),
        rows=tuple(replace(row, changes=changes.get(row.name, {})) for row in rows),
    )


class _Cells:
    """The cells as they come in, by patch and column."""

    def __init__(
        self, sets: Sequence[Declared], columns: Mapping[str, LockedArtifact], work: Work
    ) -> None:
        self._sets = {item.platform: item for item in sets}
        self._columns = columns
        self._work = work
        self._digests = {item.platform: code_digest(item.platform, item.patches) for item in sets}
        self._found: dict[tuple[str, str], Cell] = {}

    def fill(self) -> Mapping[tuple[str, str], Cell]:
        """Find all cells."""
        tasks = {}
        for column in self._columns:
            for item in self._sets.values():
                for name, failure in item.broken.items():
                    self._found[name, column] = Cell.failed(failure)
            wanted = tuple(name for name in self._sets if not self._from_cache(name, column))
            if wanted and (task := self._task(column, wanted)):
                tasks[column] = task
        self._work.begin(len(tasks))
        run_tasks(judge, tasks, jobs=self._work.jobs, on_result=self._take)
        return self._found

    def _from_cache(self, platform: str, column: str) -> bool:
        """Take a platform's cells from the cache; tell whether there is nothing left to do."""
        if not self._sets[platform].patches:
            return True
        cache = self._work.cache
        payload = cache and cache.read(self._digests[platform], self._columns[column].sha256)
        if not payload:
            return False
        self._put(column, load_cells(payload))
        return True

    def _task(self, column: str, platforms: tuple[str, ...]) -> Task | None:
        """Bring the artifact here; this process does so for all, as workers must write nothing."""
        locked = self._columns[column]
        settings = replace(self._work.settings, vllm=locked.release)
        try:
            path = fetch(
                locked, cache=settings.cache, index=settings.index, offline=settings.offline
            )
        except WheelwrightError as error:
            self._fail(column, platforms, Failure.of(error))
            return None
        return Task(settings=settings, path=path, locked=locked, platforms=platforms)

    def _take(self, column: str, result: Mapping[str, Judged | Failure] | Failure) -> None:
        """Take what a worker found out."""
        if isinstance(result, Failure):
            missing = [name for name, item in self._sets.items() if not self._has(item, column)]
            self._fail(column, missing, result)
        else:
            for platform, judged in result.items():
                if isinstance(judged, Failure):
                    self._fail(column, [platform], judged)
                else:
                    self._put(column, load_cells(judged.payload))
                    self._keep(platform, column, judged)
        self._work.advance()

    def _keep(self, platform: str, column: str, judged: Judged) -> None:
        # Another digest: somebody has changed the code meanwhile, and nobody knows what judged.
        same = judged.digest == self._digests[platform]
        if self._work.cache and judged.lasting and same:
            name = self._columns[column].sha256
            self._work.cache.write(judged.digest, name, judged.payload)

    def _has(self, item: Declared, column: str) -> bool:
        return all((name, column) in self._found for name in item.patches)

    def _put(self, column: str, cells: Mapping[str, Cell]) -> None:
        for name, cell in cells.items():
            self._found[name, column] = cell

    def _fail(self, column: str, platforms: Sequence[str], failure: Failure) -> None:
        for platform in platforms:
            for name in self._sets[platform].patches:
                self._found[name, column] = Cell.failed(failure)
