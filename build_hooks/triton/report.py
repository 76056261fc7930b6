"""What a Triton makes of every function of a release that it compiles, before and after patches.

A *kernel* is a function with a configuration, which is compiled by itself. Whatever a kernel calls
is compiled with it, so most other functions are reached *through* a kernel. Before a launch, Triton
computes a function's ``cache_key`` from its source, and for that resolves every name in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from build_hooks.triton.features import Stop, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from build_hooks.triton.comparison import Comparison
    from build_hooks.triton.configurations import Configurations
    from build_hooks.triton.replay import Replay, Target
    from build_hooks.triton.runner.census import JitFunction

NOT_LOADED = "NotLoaded: its module cannot be executed up to it"
"""What stands for the `cache_key` of a function that the runner could not make."""


class State(Enum):
    """What is known of a function on one tree."""

    COMPILES = "compiles"
    THROUGH = "through"
    STOPS = "stops"
    UNRECORDED = "unrecorded"


class Verdict(Enum):
    """What the patches did to a function; the worst comes first."""

    LOST = "lost"
    """It compiled, or could be launched, before them only."""
    STOPS = "stops"
    """It does not compile, or cannot be launched, with them either."""
    GAINED = "gained"
    """It compiles and can be launched with them only."""
    COMPILES = "compiles"
    """It compiles and can be launched without and with them."""
    UNRECORDED = "unrecorded"
    """Nobody can say whether it compiles; it can be launched as far as its names go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A function on one tree.

    Attributes:
        state: whether it compiles.
        through: the kernel with which it was compiled, where it has no configuration itself.
        stop: what stops its compilation; only with `State.STOPS`.
        launch: why its `cache_key` cannot be computed; None where it can.
    """

    state: State
    through: str = ""
    stop: Stop | None = None
    launch: Stop | None = None

    @property
    def compiles(self) -> bool:
        """Whether some configuration brought it to TTIR, its own or that of a kernel around it."""
        return self.state in {State.COMPILES, State.THROUGH}

    @property
    def first_stop(self) -> Stop | None:
        """The first thing that stops it: a launch computes the `cache_key` before it compiles."""
        return self.stop or self.launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function that Triton compiles.

    Attributes:
        found: where it stands in the stock tree.
        configurations: how many it has.
        borrowed: the release whose they are; empty where they are the release's own.
        before: on upstream's tree.
        after: on the patched tree.
    """

    found: JitFunction
    configurations: int
    borrowed: str
    before: Standing
    after: Standing

    @property
    def is_kernel(self) -> bool:
        """Whether it is compiled by itself."""
        return self.configurations > 0

    @property
    def verdict(self) -> Verdict:
        """What the patches did to it."""
        before, after = self.before, self.after
        loses_launch = before.launch is None and after.launch is not None
        if (before.compiles and after.stop) or loses_launch:
            return Verdict.LOST
        if after.first_stop:
            return Verdict.STOPS
        if before.first_stop or (after.compiles and not before.compiles):
            return Verdict.GAINED
        return Verdict.COMPILES if after.compiles else Verdict.UNRECORDED


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind there are, and of how many it holds before and after."""

    every: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a report is about.

    Attributes:
        release: the release.
        platforms: whose patches the second tree has.
        triton: the Triton's version.
        target: what it compiles for.
    """

    release: str
    platforms: Sequence[str]
    triton: str
    target: Target


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a Triton makes of a release.

    Attributes:
        subject: what it is about.
        functions: every function of the stock tree, in the order of its files.
        changed: configurations that compile on both trees, to something else.
    """

    subject: Subject
    functions: Sequence[Function]
    changed: int

    @property
    def is_good(self) -> bool:
        """Whether nothing compiled before, or could be launched, that cannot any more."""
        return not self.lost

    @cached_property
    def lost(self) -> Sequence[Function]:
        """The functions from which the patches took something."""
        return [one for one in self.functions if one.verdict is Verdict.LOST]

    @cached_property
    def counts(self) -> Mapping[str, Count]:
        """The figures, by name: `kernels`, `launched` (compile, and have a `cache_key`), ..."""
        kernels = [function for function in self.functions if function.is_kernel]
        both = [(one.before, one.after) for one in kernels]
        every = [(one.before, one.after) for one in self.functions]
        return {
            "kernels": _count(both, lambda one: one.state is State.COMPILES),
            "launched": _count(
                both, lambda one: one.state is State.COMPILES and one.launch is None
            ),
            "functions": _count(every, lambda one: one.compiles),
            "cache_keys": _count(every, lambda one: one.launch is None),
        }

    @cached_property
    def features(self) -> Mapping[Stop, Sequence[Function]]:
        """What still stops which functions on the patched tree; the most wanted feature first."""
        found: defaultdict[str, list[Function]] = defaultdict(list)
        stops: dict[str, Stop] = {}
        for function in self.functions:
            stopped = function.after.first_stop
            if stopped:
                stops.setdefault(stopped.feature, stopped)
                found[stopped.feature].append(function)
        ordered = sorted(found, key=lambda feature: (-len(found[feature]), feature))
        return {stops[feature]: found[feature] for feature in ordered}


def make_report(
    subject: Subject,
    census: Iterable[JitFunction],
    configurations: Configurations,
    comparison: Comparison,
) -> Report:
    """Say what two replays of the same configurations mean, function by function.

    Args:
        subject: what the report is about.
        census: the functions of the stock tree; what only the patched one has is ours, and is
            left out.
        configurations: what was replayed.
        comparison: the replays of the stock and of the patched tree.
    """
    counted = Counter(job.ident for job in configurations.jobs)
    before, after = (_standings(one) for one in (comparison.before, comparison.after))
    return Report(
        subject=subject,
        functions=[
            Function(
                found=one,
                configurations=counted[one.ident],
                borrowed=configurations.borrowed.get(one.ident, ""),
                before=before(one.ident),
                after=after(one.ident),
            )
            for one in census
        ],
        changed=len(comparison.changed),
    )


def _standings(replay: Replay) -> Callable[[str], Standing]:
    through: dict[str, str] = {}
    errors: dict[str, Sequence[str]] = {}
    for attempt in replay.attempts:
        for ident in attempt.reached:
            through.setdefault(ident, attempt.ident)
        if attempt.error:
            errors.setdefault(attempt.ident, attempt.error)

    def standing(ident: str) -> Standing:
        key = replay.cache_keys.get(ident, NOT_LOADED)
        launch = None if key is None else stop([key])
        if ident in replay.compiled_roots:
            return Standing(state=State.COMPILES, launch=launch)
        if ident in errors:
            return Standing(state=State.STOPS, stop=stop(errors[ident]), launch=launch)
        if ident in through:
            return Standing(state=State.THROUGH, through=through[ident], launch=launch)
        return Standing(state=State.UNRECORDED, launch=launch)

    return standing


def _count(pairs: Sequence[tuple[Standing, Standing]], holds: Callable[[Standing], bool]) -> Count:
    return Count(
        len(pairs),
        sum(holds(before) for before, _ in pairs),
        sum(holds(after) for _, after in pairs),
    )
