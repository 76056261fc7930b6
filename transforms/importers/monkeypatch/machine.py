"""What the abstract execution of a plugin's modules knows at one moment."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.frames import Snapshot
from transforms.importers.monkeypatch.mutation import Asked, Guard, Mutation, Place
from transforms.importers.monkeypatch.names import BUILT_IN, either
from transforms.importers.monkeypatch.values import Absent, External, Unknown, Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.importers.monkeypatch.frames import Frame, Made
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.resolution import Library
    from transforms.importers.monkeypatch.values import Target, Value


@dataclass(frozen=True, slots=True)
class Within:
    """The extent of conditions or of a frame.

    Attributes:
        leave: what is done at its end.
    """

    leave: Callable[[], None]

    def __enter__(self) -> None:
        """Begin it."""

    def __exit__(self, *error: object) -> None:
        """End it."""
        self.leave()


@dataclass(slots=True, eq=False, kw_only=True)
class Machine:
    """The state of the execution; one for each root.

    Attributes:
        plugin: what is read.
        library: vLLM.
        own: the plugin's package, for what is not executed.
        release: vLLM's version.
        defines: what the user said of names, by name.
        evaluator: gives the value of an expression.
        runner: executes statements; false where they end the block.
        process: the kind of process of this root.
        outside: what imports the module that is executed, where no root does.
        modules: the frames of the modules that were imported.
        read: those of all modules that were executed, also where a condition never holds.
        stack: the frames that are being executed, the innermost last.
        guards: the conditions under which this statement runs.
        dead: why this statement never runs.
        loop: why a target here may be more than one.
        asked: the names that the user said something of, and that something depends on.
        hook: the function runs when a module of vLLM is imported.
        later: the function runs when something calls it, after the imports.
        failed: why the statement raises on this release.
        uncertain: a call in a `try` of which nobody knows whether it raises.
        trying: how many `try` with handlers are around the statement.
        doubts: the conditions under which the statements of a `try` do not raise.
        patched: what was assigned to vLLM so far.
        hooked: what import hooks assign to it.
        saved: the originals that were kept as attributes, by the attribute's name.
        classes: the members of the plugin's classes.
        bases: the bases of the plugin's classes.
        notes: attributes of the plugin's own functions and classes.
        helpers: the frames of modules that no root is, and that were read for what they do; what is
            imported from them is still only a name.
        made: every function that was made.
        ran: the functions whose bodies were executed.
        values: the functions and classes that were assigned to something of vLLM.
        definitions: what was assigned to, and where each of it is defined.
        sources: the files that were read: what is known of their nodes is kept by identity.
        rows: what was found.
    """

    plugin: Plugin
    library: Library
    own: Library
    release: str
    defines: Mapping[str, Value]
    evaluator: Callable[[ast.expr, Machine], Value]
    runner: Callable[[Sequence[ast.stmt], Machine], bool]
    process: str = ""
    outside: str = ""
    modules: dict[str, Frame] = field(default_factory=dict)
    read: dict[str, Frame] = field(default_factory=dict)
    stack: list[Frame] = field(default_factory=list)
    guards: tuple[Guard, ...] = ()
    dead: str = ""
    loop: str = ""
    asked: set[str] = field(default_factory=set)
    hook: bool = False
    later: bool = False
    failed: str = ""
    uncertain: str = ""
    trying: int = 0
    doubts: list[Guard] = field(default_factory=list)
    patched: dict[Target, Value] = field(default_factory=dict)
    hooked: dict[Target, Value] = field(default_factory=dict)
    saved: dict[str, Target] = field(default_factory=dict)
    classes: dict[int, dict[str, Value]] = field(default_factory=dict)
    bases: dict[int, tuple[Value, ...]] = field(default_factory=dict)
    notes: dict[tuple[int, str], Value] = field(default_factory=dict)
    helpers: dict[str, Frame] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    ran: set[int] = field(default_factory=set)
    values: set[int] = field(default_factory=set)
    definitions: set[Target] = field(default_factory=set)
    sources: dict[str, Source] = field(default_factory=dict)
    rows: list[Mutation] = field(default_factory=list)

    @property
    def frame(self) -> Frame:
        """The innermost frame."""
        return self.stack[-1]

    def evaluate(self, node: ast.expr) -> Value:
        """Give the value of an expression in the innermost frame."""
        return self.evaluator(node, self)

    def execute(self, statements: Sequence[ast.stmt]) -> bool:
        """Execute statements in the innermost frame; false where they end the block."""
        return self.runner(statements, self)

    def place(self, node: ast.AST) -> Place:
        """Give the place of a node of the innermost frame's file."""
        return Place(self.frame.path, getattr(node, "lineno", 0))

    def module(self, frame: Frame) -> Frame | None:
        """Give the frame of the module that a frame is inside of."""
        return self.modules.get(frame.module) or self.read.get(frame.module)

    def look_up(self, name: str, frame: Frame | None = None) -> Value:
        """Give what a name holds."""
        here = frame or self.frame
        module = self.module(here)
        for names in (here.names, here.closure, module.names if module else {}):
            if name in names and not (name in here.shared and names is here.names):
                return names[name]
        if name in BUILT_IN:
            return External(dotted=f"builtins.{name}")
        return Unknown(why=f"nothing binds the name {name!r}")

    def bind(self, name: str, value: Value) -> None:
        """Bind a name where its assignment binds it."""
        module = self.module(self.frame)
        holder = module if module and name in self.frame.shared else self.frame
        holder.names[name] = value

    def fail(self, reason: str) -> None:
        """Note that the statement raises, where it runs at all."""
        if not self.later and not self.dead and not self.failed:
            self.failed = reason

    def doubt(self, guard: Guard) -> None:
        """Note that the statement raises where a condition does not hold."""
        if self.later or self.dead:
            return
        if self.trying:
            self.doubts.append(guard)
        else:
            raised = replace(guard, negated=not guard.negated)
            self.stack[0].left.append((raised,))

    def guard(self, condition: ast.expr, asks: Asked) -> Guard:
        """Make a condition that stays, with what its names hold here."""
        names = {
            node.id: self.look_up(node.id)
            for node in ast.walk(condition)
            if isinstance(node, ast.Name)
        }
        return Guard(condition=condition, asks=asks, names=names)

    def under(self, *guards: Guard, dead: str = "", loop: str = "") -> Within:
        """Execute under further conditions."""
        before = (self.guards, self.dead, self.loop)
        self.guards = (*self.guards, *(item for item in guards if item not in self.guards))
        self.dead = self.dead or dead
        self.loop = self.loop or loop

        def leave() -> None:
            self.guards, self.dead, self.loop = before

        return Within(leave)

    def unconditionally(self) -> Within:
        """Execute what none of the conditions here are about: a module that was imported before."""
        before = (self.guards, self.dead, self.loop, self.hook)
        self.guards, self.dead, self.loop, self.hook = (), "", "", False

        def leave() -> None:
            self.guards, self.dead, self.loop, self.hook = before

        return Within(leave)

    def inside(self, frame: Frame) -> Within:
        """Execute in another frame."""
        self.stack.append(frame)
        guards = self.guards

        def leave() -> None:
            self.guards = guards
            self.stack.pop()

        return Within(leave)

    def conditions(self) -> tuple[Guard, ...]:
        """Give all conditions that hold here: those of branches, and of returns before."""
        gone = [left for frame in self.stack for left in frame.left]
        negated = (
            replace(item[0], negated=not item[0].negated) if len(item) == 1 else all_of(item)
            for item in gone
            if item
        )
        return tuple(_distinct([*self.guards, *negated]))

    def snapshot(self) -> Snapshot:
        """Copy what a branch may change."""
        frames = [*self.modules.values(), *self.helpers.values(), *self.stack]
        known = {id(frame): frame for frame in frames}
        return Snapshot(
            [(frame, dict(frame.names)) for frame in known.values()],
            dict(self.patched),
            dict(self.notes),
            dict(self.modules),
        )

    def restore(self, before: Snapshot) -> None:
        """Go back to a snapshot; the modules that were imported since then stay imported."""
        for frame, names in before.names:
            frame.names.clear()
            frame.names.update(names)
        self.patched = dict(before.patched)
        self.notes = dict(before.notes)

    def undo(self, before: Snapshot, *, names: bool = True) -> None:
        """Go back to a snapshot, as if nothing had run since then.

        Args:
            before: the snapshot.
            names: what was bound is forgotten as well.
        """
        if names:
            self.restore(before)
        self.patched = dict(before.patched)
        self.notes = dict(before.notes)
        self.modules = dict(before.modules)

    def join(self, one: Snapshot) -> None:
        """Merge what another branch has bound into what is bound here."""
        for frame, names in one.names:
            for name, value in names.items():
                frame.names[name] = either([value, frame.names.get(name, value)])
        for target in {**one.patched, **self.patched}:
            untouched = Upstream(target=target)
            values = (held.get(target, untouched) for held in (one.patched, self.patched))
            self.patched[target] = either([*values])
        for key in {**one.notes, **self.notes}:
            node, name = key
            member = self.classes.get(node, {}).get(name, Absent())
            self.notes[key] = either([held.get(key, member) for held in (one.notes, self.notes)])


def all_of(guards: Sequence[Guard]) -> Guard:
    """Give the one condition that not all of some conditions hold."""
    tests = [
        ast.UnaryOp(ast.Not(), item.condition) if item.negated else item.condition
        for item in guards
    ]
    condition: ast.expr = ast.BoolOp(ast.And(), list(tests))
    names = {name: value for item in guards for name, value in item.names.items()}
    asks = max((item.asks for item in guards), key=list(Asked).index)
    return Guard(condition=condition, asks=asks, negated=True, names=names)


def _distinct(guards: Sequence[Guard]) -> list[Guard]:
    kept: list[Guard] = []
    for item in guards:
        if item not in kept:
            kept.append(item)
    return kept
