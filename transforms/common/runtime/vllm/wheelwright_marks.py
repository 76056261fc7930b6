# SPDX-License-Identifier: Apache-2.0
"""What patches of a plugin that were compiled in have changed, and who has changed it again since.

A module of vLLM that such patches change imports this one, and ends with what they changed::

    __wheelwright__ = wheelwright_marks.mark(__name__, "plugin/patch", "Engine.step")

A plugin may still patch vLLM at run time. What it replaces or inserts is then what was there
already. But what it wraps is the compiled wrapper, and would have its effect twice; so a function
that calls what it replaces begins with `stands_aside`, and hands its call on to upstream's.

It runs in every process of an engine, needs the standard library only, and imports nothing of vLLM.
"""

from __future__ import annotations

import ast
import logging
import sys
from contextlib import suppress
from functools import cached_property, partialmethod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

logger = logging.getLogger("vllm.wheelwright")

_ABSENT = object()
# What a function leads to that another function was made around.
_LEADS = ("__wrapped__", "__func__", "func", "fget", "fset", "fdel")
# Not all of these can be called.
_DESCRIPTORS = (staticmethod, classmethod, property, partialmethod, cached_property)
_MANY = 1000


class _Mark(NamedTuple):
    """What a patch has put in one place, and who has the place: a module, class or registry."""

    patch: str
    namespace: dict[str, Any]
    path: tuple[str, ...]
    holder: Any
    key: Any
    compiled: Any = None

    def now(self) -> Any:  # noqa: ANN401 - it may be anything
        """Give what is there.

        What a class that has taken the holder's name defines in its own body is not: that is an
        override like any other. But what was assigned to such a class is.
        """
        if not isinstance(self.holder, type):
            return self.holder.get(self.key, _ABSENT)
        cls = _at(self.namespace, self.path)
        if not isinstance(cls, type) or self.holder not in cls.__mro__:
            cls = self.holder
        for item in cls.__mro__:
            found = vars(item).get(self.key, _ABSENT)
            if found is _ABSENT:
                continue
            if item in self.holder.__mro__ or not _is_of_body(found, item, self.key):
                return found
        return _ABSENT

    def is_of_plugin(self, found: Any) -> bool:  # noqa: ANN401
        """Tell whether something is the plugin's own, or was made around something that is."""
        package = self.patch.partition("/")[0]
        return any(
            name == package or name.startswith(f"{package}.")
            for name in _modules_of(found, self.compiled)
        )


_marks: dict[tuple[str, str], _Mark] = {}
# What the classes that are compiled in have in their bodies.
_bodies: dict[type, dict[str, Any]] = {}
# What was found in the place of a mark, and whether the plugin has put it there.
_found: dict[tuple[str, str], tuple[Any, bool]] = {}


def mark(module: str, patch: str, *names: str) -> dict[str, str]:
    """Remember what a compiled patch has put into a module; called where that module ends.

    Args:
        module: the module's name.
        patch: the patch, behind the package of the plugin that it was compiled from and a slash.
        names: what it changes: `function`, `Class.member`, `REGISTRY['key']`.

    Returns:
        For every marked name of the module its patch.
    """
    namespace = vars(sys.modules[module])
    for name in names:
        dotted, bracket, index = name.partition("[")
        *outer, last = dotted.split(".")
        path = (*outer, last) if bracket else tuple(outer)
        there = _at(namespace, path)
        # Nobody has what stands under a condition that does not hold.
        holder = there if isinstance(there, (type, dict)) else {}
        key = ast.literal_eval(index[:-1]) if bracket else last
        place = _Mark(patch, namespace, path, holder, key)
        compiled = place.now()
        _marks[module, name] = place._replace(compiled=compiled)
        if isinstance(compiled, type):
            _bodies[compiled] = dict(vars(compiled))
    return {name: each.patch for (owner, name), each in _marks.items() if owner == module}


def _at(namespace: dict[str, Any], path: Iterable[str]) -> Any:  # noqa: ANN401
    """Give what a module has under a dotted name: the module's own names where that is empty."""
    found: Any = namespace
    for part in path:
        found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    return found


def _is_of_body(found: Any, cls: type, key: str) -> bool:  # noqa: ANN401
    """Tell whether a class defines a member itself, and nobody has assigned it afterwards."""
    if cls in _bodies:
        return _bodies[cls].get(key, _ABSENT) is found
    # `functools.wraps` copies this name, so that it tells nothing of a class made at run time.
    while not hasattr(found, "__qualname__"):
        inner = [getattr(found, lead, None) for lead in _LEADS]
        if not any(inner):
            return True
        found = next(item for item in inner if item is not None)
    return bool(found.__qualname__ == f"{cls.__qualname__}.{key}")


def stands_aside(module: str, name: str) -> bool:
    """Tell whether the plugin itself has put something else in the place of a compiled function.

    That, when it calls what it found there, calls the compiled one, which then must not do the
    same once more. What others put there, such as a tracer, changes nothing.

    Args:
        module: the module of the compiled function.
        name: the name that it was marked by: its own, or that of its class where the plugin gives
            the class's name to another one.
    """
    marked = _marks.get((module, name))
    if marked is None:
        return False
    now = marked.now()
    if now is marked.compiled:
        return False
    found = _found.get((module, name))
    if found is not None and found[0] is now:
        return found[1]
    is_own = marked.is_of_plugin(now)
    # What is traced must not log; it is said when the function is called the next time.
    torch = sys.modules.get("torch")
    if torch is not None and torch.compiler.is_compiling():
        return is_own
    _found[module, name] = now, is_own
    if is_own:
        logger.warning(
            "%s.%s is patched at run time, and %s was compiled in: the compiled patch stands aside",
            *(module, name, marked.patch),
        )
    return is_own


def _modules_of(found: Any, compiled: Any) -> Iterator[str]:  # noqa: ANN401
    """Give the modules of a function or class and of what it was made around, outermost first."""
    waiting, seen = [found], {id(compiled)}
    while waiting and len(seen) < _MANY:
        item = waiting.pop(0)
        if id(item) in seen or not (callable(item) or isinstance(item, _DESCRIPTORS)):
            continue
        seen.add(id(item))
        # `functools.wraps` gives a function another `__module__`, but no other globals.
        own = getattr(item, "__globals__", None)
        if isinstance(own, dict):
            yield str(own.get("__name__"))
        elif isinstance(item, type):
            yield item.__module__
            waiting += [base for base in item.__bases__ if base is not compiled]
        else:
            yield type(item).__module__
        if not isinstance(item, type):
            waiting += [getattr(item, key, None) for key in _LEADS]
        for cell in getattr(item, "__closure__", None) or ():
            with suppress(ValueError):  # it is empty
                waiting.append(cell.cell_contents)


def rebound() -> list[dict[str, Any]]:
    """List what of this process is no longer what compiled patches have put there.

    Returns:
        A list of dicts with `module` and `name` (what was rebound), `patch`, `by` and `by_plugin`.
        `by` says of the function or class that is there now its `module`, `name`, `file` and
        `line`, None where that cannot be known; it is None for a plain value. `by_plugin` tells
        whether that is of the plugin that the patch was compiled from.
    """
    listed = []
    for (module, name), marked in sorted(_marks.items()):
        now = marked.now()
        if now is not marked.compiled:
            row = {"module": module, "name": name, "patch": marked.patch, "by": _who(now)}
            listed.append({**row, "by_plugin": marked.is_of_plugin(now)})
    return listed


def unknown() -> list[dict[str, str]]:
    """List the plain values that are as compiled in: to assign an equal one again leaves no trace.

    Returns:
        A list of dicts with `module`, `name` and `patch`.
    """
    return [
        {"module": module, "name": name, "patch": marked.patch}
        for (module, name), marked in sorted(_marks.items())
        if marked.now() is marked.compiled is not _ABSENT and _who(marked.compiled) is None
    ]


def lines(listed: list[dict[str, Any]], unknown: list[dict[str, str]]) -> Iterator[str]:
    """Give what a person reads of `rebound()` and `unknown()`."""
    for row in listed:
        yield f"{row['module']}.{row['name']}"
        yield f"  compiled in  {row['patch']}"
        by = row["by"]
        if by is None:
            yield "  rebound      to a value, of which nobody can tell who assigned it"
            continue
        line = f":{by['line']}" if by["line"] else ""
        whose = "the plugin itself" if row["by_plugin"] else "not by the plugin"
        yield f"  rebound      to {by['module']}.{by['name']} ({whose})"
        yield f"               {by['file']}{line}"
    yield f"{len(listed)} of {len(_marks)} compiled names are rebound in this process"
    if unknown:
        names = ", ".join(f"{row['module']}.{row['name']}" for row in unknown)
        yield f"not known of: {names} (to assign an equal value again leaves no trace)"


def _who(found: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Say where a function or class is from; None for what is neither."""
    while True:
        inner = [getattr(found, key, None) for key in ("__func__", "func", "fget")]
        if getattr(found, "__code__", None) is not None or not any(inner):
            break
        found = next(item for item in inner if item is not None)
    code = getattr(found, "__code__", None)
    if code is not None:
        place = {"file": code.co_filename, "line": code.co_firstlineno}
        return {"module": found.__globals__.get("__name__"), "name": code.co_name, **place}
    if not isinstance(found, type):
        return None
    there = sys.modules.get(found.__module__)
    place = {"file": getattr(there, "__file__", None), "line": None}
    return {"module": found.__module__, "name": found.__qualname__, **place}
