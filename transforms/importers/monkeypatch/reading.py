"""What a plugin does to vLLM, read from its source."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.parsed import parsed_expression
from transforms.importers.monkeypatch.evaluation import evaluate
from transforms.importers.monkeypatch.execution import execute
from transforms.importers.monkeypatch.functions import walked
from transforms.importers.monkeypatch.importing import import_own
from transforms.importers.monkeypatch.machine import Machine
from transforms.importers.monkeypatch.resolution import Library
from transforms.importers.monkeypatch.values import Constant, External

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of a plugin.

    Attributes:
        mutations: what it does, in the order in which it does it.
        names: for each module that was executed, what its names hold in the end.
        asked: the names that the user said something of, and that something depends on.
    """

    mutations: tuple[Mutation, ...]
    names: Mapping[str, Mapping[str, Value]] = field(repr=False)
    asked: frozenset[str] = frozenset()

    def lookup(self, module: str, name: str) -> Value | None:
        """Give what a name of a module holds in the end; None where the module was not read.

        Args:
            module: the plugin's module.
            name: a name of it.
        """
        return self.names.get(module, {}).get(name)


def read_plugin(
    plugin: Plugin,
    tree: Tree,
    release: str,
    defines: Mapping[str, str] | None = None,
    *,
    package: str = "vllm",
) -> list[Mutation]:
    """Find what a plugin does to vLLM when its roots are imported, and what it does later.

    Nothing of the plugin or of vLLM is imported. Each root is a process of its own, in which its
    modules are executed abstractly in Python's import order; modules below a root which it does
    not import are read last.

    Args:
        plugin: the plugin and its roots.
        tree: vLLM's source.
        release: its version, which the plugin's own checks are held against.
        defines: what is true of the machine that it is built for, by name: the text of a literal,
            or a dotted name such as a member of an enumeration.
        package: the package that is patched.

    Returns:
        The mutations in the order in which they are done; one for each place and target.

    Raises:
        ValueError: a define is no expression.
    """
    return list(read(plugin, tree, release, defines, package=package).mutations)


def read(
    plugin: Plugin,
    tree: Tree,
    release: str,
    defines: Mapping[str, str] | None = None,
    *,
    package: str = "vllm",
) -> Reading:
    """Do what `read_plugin` does, and keep what the plugin's modules have bound in the end.

    Args:
        plugin: the plugin and its roots.
        tree: vLLM's source.
        release: its version.
        defines: what is true of the machine that it is built for, by name.
        package: the package that is patched.

    Raises:
        ValueError: a define is no expression.
    """
    library = Library(package, tree)
    own = Library(plugin.package, plugin.tree)
    given = {name: _given(name, text) for name, text in (defines or {}).items()}
    found: list[Mutation] = []
    names: dict[str, dict[str, Value]] = {}
    asked: set[str] = set()
    for root in plugin.roots:
        machine = Machine(
            plugin=plugin,
            library=library,
            own=own,
            release=release,
            defines=given,
            evaluator=evaluate,
            runner=execute,
            process=plugin.process(root),
        )
        _read(root, machine)
        found += [_with_originals_only(item, machine) for item in machine.rows]
        asked |= machine.asked
        for name, frame in {**machine.read, **machine.modules}.items():
            names.setdefault(name, frame.names)
    return Reading(mutations=tuple(_merged(found)), names=names, asked=frozenset(asked))


def _given(name: str, text: str) -> Value:
    node = parsed_expression(text)
    if node is None:
        raise ValueError(f"define {name}={text}: {text!r} is no expression of Python")
    try:
        return Constant(value=ast.literal_eval(node))
    except ValueError:
        if isinstance(node, (ast.Name, ast.Attribute)):
            return External(dotted=text)
        raise ValueError(
            f"define {name}={text}: write a literal, or a dotted name such as Device.A2"
        ) from None


def _with_originals_only(item: Mutation, machine: Machine) -> Mutation:
    """Leave out what a value reads of vLLM and nobody patches."""
    kept = {name: target for name, target in item.captured.items() if target in machine.definitions}
    return replace(item, captured=kept)


def _read(root: str, machine: Machine) -> None:
    module, _, function = root.partition(":")
    import_own(module, machine)
    if function:
        _call(module, function, machine)
    for name in machine.plugin.modules_below(root):
        if name not in machine.read:
            machine.outside = _imported_by(name, machine)
            import_own(name, machine)
            machine.outside = ""
    _read_functions(machine)


def _call(module: str, function: str, machine: Machine) -> None:
    """Call the function of a root, as what imports it does."""
    node = ast.Expr(ast.parse(f"{function}()", mode="eval").body)
    with machine.inside(machine.modules[module]):
        machine.execute([node])


def _imported_by(name: str, machine: Machine) -> str:
    """Say which file outside of the roots names a module that none of them imports."""
    needle = name.encode()
    for path in sorted(machine.plugin.tree):
        if path.endswith(".py") and path.startswith(f"{machine.plugin.package}/"):
            data = machine.plugin.tree.read(path)
            if needle in data and not machine.plugin.is_read(path[:-3].replace("/", ".")):
                line = data[: data.index(needle)].count(b"\n") + 1
                return f"{path}:{line}"
    return "nothing"


def _read_functions(machine: Machine) -> None:
    """Read the bodies of all functions that no import has called, those that they make included."""
    for made in machine.made:
        walked(made, machine)


def _merged(found: Sequence[Mutation]) -> list[Mutation]:
    """Make one of what several processes do at the same place to the same target."""
    merged: dict[tuple[object, ...], Mutation] = {}
    for item in found:
        key = (item.place, item.target, item.spelled if item.target is None else "")
        known = merged.get(key)
        if known is None:
            merged[key] = replace(item, order=len(merged))
            continue
        best = item if known.dead and not item.dead else known
        both = known.processes | item.processes
        if bool(known.dead) != bool(item.dead):
            both = best.processes
        merged[key] = replace(best, processes=both, order=known.order)
    return list(merged.values())
