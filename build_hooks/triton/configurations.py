"""The recorded configurations: how each kernel of a release can be brought to TTIR.

Each line of `vendored/triton/<release>.jsonl` is one (vendored/README.md). A release without a file
takes what the nearest releases have for the same kernels.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from build_hooks.triton.runner.census import JitFunction

_T = TypeVar("_T")
FOLDER = Path(__file__).parents[2] / "vendored" / "triton"


@dataclass(frozen=True)
class Job:
    """One configuration of one root kernel."""

    ident: str
    number: int
    """Its place among the configurations, counted from 0."""
    config: list[Any]
    """``[parameter, kind, value]`` for each parameter; kind ``c`` is a constant, others a type."""


@dataclass(frozen=True, kw_only=True)
class Configurations:
    """What can be compiled of a release.

    Attributes:
        jobs: the configurations.
        borrowed: for each kernel that has none of its own, the release that they are of.
    """

    jobs: Sequence[Job]
    borrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    """One recorded configuration, as its release's file has it."""

    path: str
    name: str
    line: int
    config: list[Any]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self.config)

    @classmethod
    def read(cls, file: Path) -> list[_Row]:
        lines = file.read_text(encoding="utf-8").splitlines()
        return [
            cls(row["path"], row["name"], row["line"], row["config"])
            for row in map(json.loads, lines)
        ]


def recorded_releases(folder: Path = FOLDER) -> list[str]:
    """Name the releases that have configurations of their own, oldest first."""
    return sorted((file.stem for file in folder.glob("*.jsonl")), key=Version)


def configurations_for(
    release: str, census: Sequence[JitFunction], folder: Path = FOLDER
) -> Configurations:
    """Give what can be compiled of a release.

    Args:
        release: the release.
        census: the functions of its stock tree.
        folder: where configurations are recorded.
    """
    if release in recorded_releases(folder) and _are_of(census, release, folder):
        return Configurations(jobs=jobs_for(release, census, folder))
    return _borrowed(release, census, folder)


def _are_of(census: Iterable[JitFunction], release: str, folder: Path) -> bool:
    """Tell whether a release's configurations fit a tree line by line: a local one may differ."""
    there = {(one.path, one.line): (_own_name(one), one.parameters) for one in census}
    rows = _Row.read(folder / f"{release}.jsonl")
    return all(there.get((row.path, row.line)) == (row.name, row.parameters) for row in rows)


def jobs_for(release: str, census: Iterable[JitFunction], folder: Path = FOLDER) -> list[Job]:
    """Read a release's own configurations; the census of its stock tree turns lines into names.

    Raises:
        KeyError: A configuration is for a line that holds no jit function in this tree.
    """
    names = {(function.path, function.line): function.ident for function in census}
    rows = _Row.read(folder / f"{release}.jsonl")
    return [Job(names[row.path, row.line], number, row.config) for number, row in enumerate(rows)]


def _borrowed(release: str, census: Sequence[JitFunction], folder: Path) -> Configurations:
    """Take configurations of other releases: same parameters, and same file or a unique name."""
    found: dict[str, tuple[str, list[_Row]]] = {}
    for other in sorted(recorded_releases(folder), key=lambda one: _distance(one, release)):
        rows = _Row.read(folder / f"{other}.jsonl")
        for same_place in (True, False):
            for ident, kernels_rows in _matched(census, rows, same_place=same_place):
                found.setdefault(ident, (other, kernels_rows))
    listed = [(one.ident, row) for one in census for row in found.get(one.ident, ("", []))[1]]
    return Configurations(
        jobs=[Job(ident, number, row.config) for number, (ident, row) in enumerate(listed)],
        borrowed={ident: other for ident, (other, _) in found.items() if other != release},
    )


def _distance(release: str, other: str) -> tuple[int, ...]:
    """Say how far two releases are apart: minor releases first, then the last part."""
    one, two = Version(release), Version(other)
    return abs(one.major - two.major), abs(one.minor - two.minor), abs(one.micro - two.micro)


def _matched(
    census: Iterable[JitFunction], rows: Iterable[_Row], *, same_place: bool
) -> Iterable[tuple[str, list[_Row]]]:
    """Pair functions with recorded kernels of the same name, where both names are unique.

    Args:
        census: the functions that want configurations.
        rows: what is recorded of another release.
        same_place: whether the file must be the same, too.
    """
    functions = _by(
        census,
        lambda one: (one.path if same_place else "", _own_name(one), one.parameters),
    )
    recorded = _by(rows, lambda row: (row.path if same_place else "", row.name, row.parameters))
    for key, kernels in functions.items():
        there = recorded.get(key, [])
        if len(kernels) == 1 and len({(row.path, row.line) for row in there}) == 1:
            yield kernels[0].ident, there


def _own_name(function: JitFunction) -> str:
    return function.qualname.partition("#")[0].rpartition(".")[2]


def _by(items: Iterable[_T], key: Callable[[_T], Hashable]) -> dict[Hashable, list[_T]]:
    found: defaultdict[Hashable, list[_T]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return dict(found)
