# SPDX-License-Identifier: Apache-2.0
"""Compare what a process holds under the names of patches with what its files compile to.

A function is as built where its code equals the code that the wheel's file compiles to now: whoever
has rebound the name, changed the code object, or loaded other source than the file's is found. Where
the file itself decorates a function, its decorators' packages may have put something around it, and
nobody else. It runs in processes of an engine: standard library only, and nothing is called.
"""

from __future__ import annotations

import ast
import sys
import time
from contextlib import suppress
from functools import cached_property, partialmethod
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEADS = ("__wrapped__", "__func__", "func", "fget", "fset", "fdel", "fn", "_init_fn")
_DESCRIPTORS = (staticmethod, classmethod, property, partialmethod, cached_property)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_STANDARD = {"functools", "contextlib", "abc", "typing", "dataclasses"}
_MANY = 200
_ABSENT = object()


def compare(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each name that is not as built what is there, and how many are.

    Args:
        files: for each patched file its `path`, its `module`, and the `names` that patches have
            changed in it, each with the patches' names.

    Returns:
        For each file its `module`, its `state` (`loaded`, `absent`, `foreign`: loaded from
        elsewhere, `switched`: loaded by the switches, which give upstream's code back), how many
        names are as `built`, and of the others, in `rebound` and in `unknown`, `name`, `patches`
        and `by`.
    """
    found = []
    for file in files:
        found.append(_compared(file))
        time.sleep(0)  # the engine's own threads come first
    return found


def _compared(file: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"module": file["module"], "built": 0, "rebound": [], "unknown": []}
    module = sys.modules.get(file["module"])
    if module is None:
        return {**said, "state": "absent"}
    path = getattr(module, "__file__", None)
    if path is None or Path(path).resolve() != Path(file["path"]).resolve():
        return {**said, "state": "foreign", "by": str(path)}
    loader = type(getattr(getattr(module, "__spec__", None), "loader", None)).__module__
    if loader.startswith("vllm.wheelwright_switches"):
        return {**said, "state": "switched"}
    source = Path(file["path"]).read_bytes()
    tree = ast.parse(source)
    codes: dict[str, list[CodeType]] = {}
    _collect(compile(source, file["path"], "exec", dont_inherit=True), "", codes)
    decorators = dict(_decorators(tree, "", ()))
    for name, patches in sorted(file["names"].items()):
        if name not in decorators:
            continue  # the file was edited since the wheel was built: `--verify` says so
        row = {"name": name, "patches": patches}
        state, by = _state(module, name, codes.get(name, []), decorators[name])
        if state == "built":
            said["built"] += 1
        else:
            said[state].append({**row, "by": by})
    return {**said, "state": "loaded"}


def _collect(code: CodeType, outer: str, found: dict[str, list[CodeType]]) -> None:
    for item in code.co_consts:
        if isinstance(item, CodeType) and not item.co_name.startswith("<"):
            name = f"{outer}.{item.co_name}".lstrip(".")
            found.setdefault(name, []).append(item)
            _collect(item, name, found)


def _decorators(
    node: ast.AST, outer: str, around: tuple[ast.expr, ...]
) -> Iterator[tuple[str, tuple[ast.expr, ...]]]:
    """Give for every definition what decorates it, or a class that it is in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITION):
            name = f"{outer}.{child.name}".lstrip(".")
            own = (*around, *child.decorator_list)
            yield name, own
            yield from _decorators(child, name, own)
        else:
            yield from _decorators(child, outer, around)


def _state(
    module: Any,  # noqa: ANN401 - it is somebody else's
    name: str,
    codes: list[CodeType],
    decorators: tuple[ast.expr, ...],
) -> tuple[str, dict[str, Any] | None]:
    now = _live(module, name)
    if now is _ABSENT:
        # Under a condition that does not hold, or taken away.
        return "unknown", None
    if isinstance(now, type):
        own = (now.__module__, now.__qualname__) == (module.__name__, name)
        state = "built" if own else "unknown" if decorators else "rebound"
        return state, None if own else who(now)
    bare = now
    while isinstance(bare, (staticmethod, classmethod, cached_property, property)):
        # `fget` is None where a property has only been given a setter.
        inner = [getattr(bare, lead, None) for lead in ("__func__", "func", "fget", "fset")]
        bare = next(filter(None, inner), None)
    if getattr(bare, "__code__", None) in codes:
        return "built", None
    if not decorators:
        return "rebound", who(now)
    allowed = _STANDARD | {package for item in decorators for package in _packages(item, module)}
    layers = list(_layers(now, codes))
    inside = any(layer is None for layer in layers)
    foreign = [layer for layer in layers if layer and layer.partition(".")[0] not in allowed]
    if foreign:
        return "rebound", who(now)
    return ("built", None) if inside else ("unknown", who(now))


def _live(module: Any, name: str) -> Any:  # noqa: ANN401
    """Give what is there now; of a class, only what it has itself."""
    found = module
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part, _ABSENT)
        if found is _ABSENT:
            break
    return found


def _packages(decorator: ast.expr, module: Any) -> Iterator[str]:  # noqa: ANN401
    """Give the top packages that a decorator of the file is of, and what it is given."""
    for node in ast.walk(decorator):
        if isinstance(node, ast.Name):
            found = vars(module).get(node.id, _ABSENT)
            own = getattr(found, "__module__", None) or getattr(found, "__name__", "")
            yield str(own).partition(".")[0]


def _layers(now: Any, codes: list[CodeType]) -> Iterator[str | None]:  # noqa: ANN401
    """Give the modules of what is there and of what it was made around; None for what is built."""
    waiting, seen = [now], set[int]()
    while waiting and len(seen) < _MANY:
        item = waiting.pop(0)
        if id(item) in seen or not (callable(item) or isinstance(item, _DESCRIPTORS)):
            continue
        seen.add(id(item))
        code = getattr(item, "__code__", None)
        if code is not None and code in codes:
            yield None
            continue
        # `functools.wraps` gives a function another `__module__`, but no other globals.
        own = getattr(item, "__globals__", None)
        if isinstance(own, dict):
            yield str(own.get("__name__"))
        elif not isinstance(item, _DESCRIPTORS):
            yield item.__module__ if isinstance(item, type) else type(item).__module__
        if isinstance(item, type):
            continue
        waiting += [getattr(item, lead, None) for lead in _LEADS]
        for cell in getattr(item, "__closure__", None) or ():
            with suppress(ValueError):  # it is empty
                inner = cell.cell_contents
                if getattr(inner, "__code__", None) in codes:
                    waiting.append(inner)


def who(found: Any) -> dict[str, Any]:  # noqa: ANN401
    """Say where something is from.

    Args:
        found: a function, a class, or what holds or wraps one.
    """
    inner = found
    for lead in ("__func__", "func", "fget"):
        inner = getattr(inner, lead, None) or inner
    code = getattr(inner, "__code__", None)
    if code is not None:
        module = inner.__globals__.get("__name__")
        return {
            "module": module,
            "name": getattr(code, "co_qualname", code.co_name),
            "file": code.co_filename,
            "line": code.co_firstlineno,
        }
    kind = inner if isinstance(inner, type) else type(inner)
    return {"module": kind.__module__, "name": kind.__qualname__, "file": None, "line": None}
