"""Where a tree calls certain functions: by the names that its modules import them under.

Nothing is run and no type is known: a call whose function is in doubt is left out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.checks.imported import ImportedNames
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.checks.signatures import Changed
    from transforms.engine.syntax.source import Tree

_BUILT_IN = (dict, list, str, set, bytes, tuple, float, frozenset, type)
_OWN = frozenset({"self", "cls"})


def calls_of(changed: Sequence[Changed], tree: Tree) -> list[tuple[Changed, str, ast.Call]]:
    """Find the calls of functions in a tree, ordered by file and line.

    Args:
        changed: the functions.
        tree: where to look; only files that hold one of their names are parsed.

    Returns:
        The function, the caller's file and the call.
    """
    needles = [b"import *", *sorted({item.called.encode() for item in changed})]
    modules: dict[str, ImportedNames] = {}
    for path in sorted(tree):
        if path.endswith(".py"):
            data = tree.read(path)
            if any(needle in data for needle in needles):
                try:
                    module = ImportedNames.of(path, Source(path, data).module)
                except SourceError:
                    # Nothing imports what does not parse.
                    continue
                modules[module.dotted] = module
    found = [
        (item, module.path, call)
        for item in changed
        for module in modules.values()
        for call in _calls(item, module, modules)
    ]
    return sorted(found, key=lambda hit: (hit[1], hit[2].lineno, hit[2].col_offset, hit[0].name))


def _calls(
    item: Changed, module: ImportedNames, modules: Mapping[str, ImportedNames]
) -> Iterator[ast.Call]:
    if item.owner and item.name == item.called:
        yield from _method_calls(item, module, modules)
        return
    wanted = item.full_name
    for call, inside in module.calls:
        if _resolved(call.func, module, modules) == wanted or (
            item.owner
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == item.name
            and _is_super(call.func.value)
            and _is_inherited(item, inside, module, modules, from_parent=True)
        ):
            yield call


def _method_calls(
    item: Changed, module: ImportedNames, modules: Mapping[str, ImportedNames]
) -> Iterator[ast.Call]:
    named = _attribute_calls(item.name, module)
    if not named:
        return
    alone = _is_alone(item, modules)
    for call, receiver, inside in named:
        if _is_super(receiver) or getattr(receiver, "id", "") in _OWN:
            from_parent = _is_super(receiver)
            if _is_inherited(item, inside, module, modules, from_parent=from_parent):
                yield call
        elif alone and not _may_be_class_or_module(receiver, module):
            yield call


def _attribute_calls(name: str, module: ImportedNames) -> list[tuple[ast.Call, ast.expr, str]]:
    return [
        (call, call.func.value, inside)
        for call, inside in module.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == name
    ]


def _is_alone(item: Changed, modules: Mapping[str, ImportedNames]) -> bool:
    """Tell whether `x.f(...)` can only be the method `f` that is asked for.

    It is not where another class has such a method or attribute, where a built-in type has, or
    where some call does not fit the method as it was, which then is of another library.
    """
    if any(hasattr(kind, item.name) for kind in _BUILT_IN):
        return False
    for module in modules.values():
        if item.name in module.stored:
            return False
        for name, methods in module.methods.items():
            if item.name in methods and f"{module.dotted}.{name}" != item.full_name:
                return False
        if any(item.old.fits(call) is False for call, _, _ in _attribute_calls(item.name, module)):
            return False
    return True


def _is_super(receiver: ast.expr) -> bool:
    return isinstance(receiver, ast.Call) and getattr(receiver.func, "id", "") == "super"


def _may_be_class_or_module(receiver: ast.expr, module: ImportedNames) -> bool:
    """Tell whether `x.f(...)` may give `self` itself, or be no method at all."""
    name = getattr(receiver, "id", "") or getattr(receiver, "attr", "")
    return not name or name[:1].isupper() or getattr(receiver, "id", "") in module.imported


def _resolved(
    function: ast.expr, module: ImportedNames, modules: Mapping[str, ImportedNames]
) -> str:
    """Give the full name of a function or class, through the modules that hand it on."""
    name = module.full_name(function)
    seen = {name}
    while name:
        package, _, last = name.rpartition(".")
        handed_on = _handed_on(last, modules[package], modules) if package in modules else ""
        if not handed_on or handed_on in seen:
            break
        seen.add(handed_on)
        name = handed_on
    return name


def _handed_on(name: str, module: ImportedNames, modules: Mapping[str, ImportedNames]) -> str:
    """Give what a name of a module is imported from; empty where it is the module's own."""
    if name in module.imported or name in module.defined:
        return module.imported.get(name, "")
    sources = [star for star in module.stars if star in modules and name in modules[star].defined]
    return f"{sources[0]}.{name}" if len(sources) == 1 else ""


def _is_inherited(
    item: Changed,
    inside: str,
    module: ImportedNames,
    modules: Mapping[str, ImportedNames],
    *,
    from_parent: bool,
) -> bool:
    """Tell whether what is called on `self` or `super()` in a class is the method that is meant."""
    if not inside:
        return False
    waiting = [(f"{module.dotted}.{inside}", from_parent)]
    seen: set[str] = set()
    while waiting:
        name, above = waiting.pop(0)
        if name == item.full_name and not above:
            return True
        where = next((other for other in modules.values() if other.has_class(name)), None)
        if where is None or name in seen:
            continue
        seen.add(name)
        short = name.removeprefix(f"{where.dotted}.")
        if not above and item.name in where.methods[short]:
            return False
        waiting += [(_resolved(base, where, modules), False) for base in where.bases[short]]
    return False
