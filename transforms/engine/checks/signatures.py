"""Do the calls of the rest of the tree still fit the functions whose parameters changed?

Only what is certain is told: a call that fitted the old parameters and does not fit the new ones.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.checks.calls import calls_of
from transforms.engine.checks.parameters import Parameters
from transforms.engine.checks.quiet import is_quiet
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.modules import module_name
from transforms.engine.syntax.source import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.checks.touched import Touched
    from transforms.engine.syntax.source import Tree

_MAKERS = ("__init__", "__new__")


@dataclass(frozen=True, slots=True)
class Changed:
    """A function whose parameters a patch changed.

    Attributes:
        path: its module.
        owner: the dotted name of its class inside the module; empty for a plain function.
        name: its name.
        old: what the pristine function could be called with, without `self` and `cls`.
        new: what the edited one can be called with.
        patches: who changed it.
    """

    path: str
    owner: str
    name: str
    old: Parameters
    new: Parameters
    patches: str

    @property
    def called(self) -> str:
        """The name that callers write: a class is called by its own."""
        return self.owner.rpartition(".")[2] if self.name in _MAKERS else self.name

    @property
    def full_name(self) -> str:
        """The full name of the plain function, or of the class that has the method."""
        return f"{module_name(self.path)}.{self.owner or self.name}"


def broken_calls(modules: Sequence[Touched], tree: Tree) -> Iterator[str]:
    """Say which calls anywhere in the tree no longer fit.

    Args:
        modules: the touched Python modules; one that does not parse is passed over.
        tree: the edited tree.
    """
    changed = [item for module in modules for item in changed_functions(module)]
    if not changed:
        return
    for item, path, call in calls_of(changed, tree):
        if item.old.fits(call) and item.new.fits(call) is False:
            what = ".".join(part for part in (item.owner, item.name) if part)
            yield (
                f"{item.patches}: {path}:{call.lineno} calls {ast.unparse(call)!r}, which fitted "
                f"{what}{item.old.text} in {item.path} and does not fit {what}{item.new.text}; "
                "next: give the new parameter a default, or edit the caller, too"
            )


def changed_functions(module: Touched) -> list[Changed]:
    """Give the functions and methods of a touched module that other calls fit now than before."""
    tree = module.module
    if not isinstance(tree, ast.Module) or not _touches_a_header(tree, module):
        return []
    pristine = module.pristine
    if pristine is None or is_quiet(module):
        return []
    before = {key: _parameters(function, key[0]) for key, function in _functions(pristine)}
    found = []
    for (owner, name), function in dict(_functions(tree)).items():
        old, new = before.get((owner, name)), _parameters(function, owner)
        if old is not None and not old.same_calls(new):
            patches = _who(module, function)
            found.append(Changed(module.path, owner, name, old, new, patches))
    return found


def _functions(scope: ast.AST, owner: str = "") -> Iterator[tuple[tuple[str, str], Function]]:
    """Give the functions of a module and of its classes, not those inside of functions."""
    for block in blocks(scope):
        for statement in block:
            if isinstance(statement, Function):
                yield (owner, statement.name), statement
            elif isinstance(statement, ast.ClassDef):
                inner = f"{owner}.{statement.name}" if owner else statement.name
                yield from _functions(statement, inner)
            else:
                yield from _functions(statement, owner)


def _parameters(function: Function, owner: str) -> Parameters:
    found = Parameters.of(function.args)
    static = any(
        isinstance(item, ast.Name) and item.id == "staticmethod" for item in function.decorator_list
    )
    return found.without_first() if owner and not static else found


def _touches_a_header(tree: ast.Module, module: Touched) -> bool:
    """Tell whether a change reaches the first lines of a function, or brings one."""
    for change in module.changes:
        new = module.after.data[change.new.start : change.new.end]
        old = module.before.data[change.old.start : change.old.end]
        if b"def " in new or b"def " in old or b"staticmethod" in old + new:
            return True
    return any(_reached(function, module) for _, function in _functions(tree) if function.body)


def _reached(function: Function, module: Touched) -> bool:
    start = module.after.statement_span(function).start
    end = module.after.span(function.body[0]).start
    return any(change.new.start <= end and start <= change.new.end for change in module.changes)


def _who(module: Touched, function: Function) -> str:
    start = module.after.statement_span(function).start
    end = module.after.span(function.body[0]).start
    near = {
        change.patch
        for change in module.changes
        if change.new.start < end and start < change.new.end
    }
    return ", ".join(sorted(near)) or module.patches()
