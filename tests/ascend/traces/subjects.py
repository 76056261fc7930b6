# ruff: noqa: ANN401 - what it looks at may be anything
"""What stands at a mutation's target: its kind, its signature, its members, and what it does."""

from __future__ import annotations

import enum
import inspect
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from calls import call
from events import Enough, Trace
from identity import Identities, inherited, named, plain, standing
from reach import Reach
from recorder import show
from sources import source_of
from symbolic import Known, World

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = "_wheelwright_"
_PYTHONS_OWN = {
    "__module__", "__doc__", "__dict__", "__weakref__", "__qualname__", "__annotations__",
    "__static_attributes__", "__firstlineno__", "__parameters__", "__abstractmethods__",
    "__orig_bases__", "_abc_impl", "__dataclass_params__", "__match_args__",
    "__hash__", "__slots__",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One thing that is compared.

    Attributes:
        kind: what it is.
        signature: what it takes, if it can be called.
        value: a constant's value; a class's bases and members.
        traces: what it does, by the seed.
        lines: how many lines of code a function has.
        reached: how many of them ran.
        source: a digest of a function's source, normalised.
    """

    kind: str
    signature: str | None = None
    value: object = None
    traces: dict[int, list[str]] = field(default_factory=dict)
    lines: int = 0
    reached: int = 0
    source: str | None = None


def subjects(
    target: str,
    identities: Identities,
    seeds: Sequence[int],
    before: dict[str, object],
    *,
    members: bool,
) -> dict[str, Subject]:
    """Describe what stands at a target, and the members that a class there has itself.

    Args:
        target: `module:path`.
        identities: the names of this process.
        seeds: of the traces.
        members: whether the members are described, too: they are the plugin's.
        before: what stood at each target before the plugin's patches, where that is another thing.
    """
    value = standing(target)
    old = before.get(target)
    if isinstance(value, dict):
        return {
            f"{target}[{key}]": _subject(item, identities, seeds) for key, item in value.items()
        }
    if not isinstance(value, type):
        return {target: _subject(value, identities, seeds, old, inherited(target))}
    found = {target: _class(value, identities)}
    if not members:
        return found
    for name, member in sorted(vars(value).items()):
        if name not in _PYTHONS_OWN and not name.startswith(_KEPT):
            was = inspect.getattr_static(old, name, None)
            found[f"{target}.{name}"] = _subject(member, identities, seeds, was)
    return found


def _class(value: type, identities: Identities) -> Subject:
    bases = [identities.of(base) for base in value.__mro__]
    members = sorted(
        name for name in vars(value) if name not in _PYTHONS_OWN and not name.startswith(_KEPT)
    )
    return Subject(kind="class", value={"bases": bases, "members": members})


def _subject(
    value: Any,
    identities: Identities,
    seeds: Sequence[int],
    *before: object,
) -> Subject:
    kind = type(value).__name__ if isinstance(value, (staticmethod, classmethod, property)) else ""
    function = plain(value.fget if isinstance(value, property) else value)
    if not isinstance(function, FunctionType):
        return Subject(kind=f"a {type(value).__name__}", value=_constant(value, identities))
    kind = f"{kind} {_flavour(function)}".strip()
    taken = _taken(function, *before)
    reach = Reach(function.__code__)
    traces = {}
    for seed in seeds:
        with reach.followed():
            traces[seed] = _traced(function, taken, identities, seed)
    return Subject(
        kind=kind,
        signature=_written(inspect.signature(function)),
        traces=traces,
        lines=len(reach.lines),
        reached=len(reach.reached),
        source=source_of(function, identities),
    )


def _flavour(function: FunctionType) -> str:
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.iscoroutinefunction(function):
        return "coroutine function"
    return "generator" if inspect.isgeneratorfunction(function) else "function"


def _taken(function: FunctionType, *before: object) -> inspect.Signature:
    """Give what a function takes; of a wrapper that passes all on, what the original takes."""
    every = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    for candidate in (function, *map(plain, before)):
        if isinstance(candidate, FunctionType):
            taken = inspect.signature(candidate)
            if not every <= {parameter.kind for parameter in taken.parameters.values()}:
                return taken
    return inspect.signature(function)


def _written(taken: inspect.Signature) -> str:
    """Write parameters with their kinds and defaults; annotations may be text or not."""
    bare = [
        parameter.replace(
            annotation=inspect.Parameter.empty,
            default=parameter.default
            if parameter.default is inspect.Parameter.empty
            else _Shown(parameter.default),
        )
        for parameter in taken.parameters.values()
    ]
    return str(inspect.Signature(bare))


class _Shown:
    def __init__(self, value: object) -> None:
        self._text = str(value) if isinstance(value, enum.Enum) else show(value)

    def __repr__(self) -> str:
        return self._text


def _constant(value: object, identities: Identities) -> object:
    if isinstance(value, ModuleType) or hasattr(value, "__qualname__"):
        return identities.of(value)
    return show(value)


def _traced(
    function: FunctionType, taken: inspect.Signature, identities: Identities, seed: int
) -> list[str]:
    trace = Trace(seed)
    world = World(trace, identities)
    delegates = not identities.is_changed(function) and function.__module__.startswith(
        "vllm_ascend."
    )
    try:
        call(
            Known(function, named(function), world) if delegates else world.symbolic(function),
            taken,
            trace,
        )
    except Enough:
        trace.events.append("enough")
    except RecursionError:
        trace.events.append("recursion")
    except Exception as error:  # noqa: BLE001 - how it fails is what it does
        trace.events.append(f"raises {show(error)}")
    return trace.events
