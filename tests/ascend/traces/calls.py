# ruff: noqa: ANN401 - what it looks at may be anything
"""Call a function with recorders, and run what it gives: coroutines, generators."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from recorder import Recorder, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from events import Trace

_MOST_ITEMS = 6


def call(function: Callable[..., Any], taken: inspect.Signature, trace: Trace) -> None:
    """Call it once, as the trace decides, and note what comes of it.

    Args:
        function: what to call.
        taken: its parameters. Those without a default are given; others now and then.
        trace: where to note it.
    """
    args, kwargs = _arguments(taken, trace)
    _run(function(*args, **kwargs), trace)


def _arguments(taken: inspect.Signature, trace: Trace) -> tuple[list[object], dict[str, object]]:
    args: list[object] = []
    kwargs: dict[str, object] = {}
    by_name = False
    for name, parameter in taken.parameters.items():
        kind = parameter.kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            kwargs |= {
                f"extra_{i}": Recorder(f"extra_{i}", trace) for i in range(_few(name, trace))
            }
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            more = [Recorder(f"{name}_{i}", trace) for i in range(_few(name, trace))]
            args += [] if by_name else more
        elif parameter.default is not inspect.Parameter.empty and trace.draw(f"give {name}", 2):
            by_name = True
        else:
            value = _argument(name, trace, optional=parameter.default is None)
            if by_name or kind is inspect.Parameter.KEYWORD_ONLY:
                kwargs[name] = value
            else:
                args.append(value)
    return args, kwargs


def _argument(name: str, trace: Trace, *, optional: bool) -> object:
    if optional and trace.draw(f"none {name}", 3) == 0:
        return None
    return Recorder(name, trace)


def _few(name: str, trace: Trace) -> int:
    return trace.draw(f"few {name}", 3)


def _run(result: Any, trace: Trace) -> None:
    if inspect.iscoroutine(result):
        _note(_awaited(result), trace)
    elif inspect.isasyncgen(result):
        for _ in range(_MOST_ITEMS):
            try:
                trace.note(f"yields {show(_awaited(anext(result)))}")
            except StopAsyncIteration:  # noqa: PERF203 - each may be the last
                trace.note("ends")
                return
        _awaited(result.aclose())
    elif inspect.isgenerator(result):
        for _ in range(_MOST_ITEMS):
            try:
                trace.note(f"yields {show(next(result))}")
            except StopIteration as end:  # noqa: PERF203 - each may be the last
                _note(end.value, trace)
                return
        result.close()
    else:
        _note(result, trace)


def _note(result: object, trace: Trace) -> None:
    trace.note(f"gives {show(result)}")


def _awaited(coroutine: Any) -> object:
    """Run what waits for nothing but recorders."""
    iterator = coroutine.__await__()
    try:
        while True:
            next(iterator)
    except StopIteration as end:
        return end.value
