"""Give a class one more member: a field, a method, an inner class, an `Enum`'s member or a base.

Before::

    @dataclass
    class Settings:
        name: str
        '''What it is called.'''
        size: int = 1
        '''How long it is.'''

        def check(self):
            return self.size > 0

        def show(self):
            return self.name

`AddMember(inside="m.Settings", code="def reset(self): self.size = 1")` gives::

    @dataclass
    class Settings:
        name: str
        '''What it is called.'''
        size: int = 1
        '''How long it is.'''

        def check(self):
            return self.size > 0

        def show(self):
            return self.name

        def reset(self): self.size = 1

`AddMember(inside="m.Settings", after="check", code="def is_big(self): return 1")` gives::

    @dataclass
    class Settings:
        name: str
        '''What it is called.'''
        size: int = 1
        '''How long it is.'''

        def check(self):
            return self.size > 0

        def is_big(self): return 1

        def show(self):
            return self.name

`AddMember(inside="m.Settings", code="device: str")` gives::

    @dataclass
    class Settings:
        name: str
        '''What it is called.'''
        device: str
        size: int = 1
        '''How long it is.'''

        def check(self):
            return self.size > 0

        def show(self):
            return self.name

`AddMember(inside="m.Settings", base="Shown")` gives::

    @dataclass
    class Settings(Shown):
        name: str
        '''What it is called.'''
        size: int = 1
        '''How long it is.'''

        def check(self):
            return self.size > 0

        def show(self):
            return self.name
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, already_there, check_declaration, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import dedent
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.definition import is_text
from transforms.engine.syntax.enum_members import enum_problem
from transforms.engine.syntax.fields import inherited, orders_fields, out_of_order
from transforms.engine.syntax.members import (
    FIELD,
    bindings,
    bound_to,
    has_base,
    is_enum,
)
from transforms.engine.syntax.parsed import parsed_expression
from transforms.engine.writing.bases import base_site, default_index, index_of
from transforms.engine.writing.member_sites import default_place, member_site, with_member

if TYPE_CHECKING:
    from transforms.engine.syntax.fields import Field
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A class gains a member that it does not have.

    Without a neighbour, a method or class is written behind the last method; a field behind the
    last field, with what describes it; one without a default in a dataclass (or what is made
    like one) behind the last such field, since none may stand behind one with a default. A base
    becomes the last, but for `object`, `ABC`, `Generic`, `Protocol` and `Enum`, which must stay
    behind it. Fields of base classes come first; those of other modules cannot be seen.

    Attributes:
        inside: dotted path of the class.
        code: one `def` or `class`; or one assignment, with or without an annotation, and a string
            below it that describes it.
        base: a base class instead, e.g. ``Mixin``.
        after: the member (or base) directly in the class that it is written behind.
        before: the one that it is written in front of instead, above that one's comments.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not one member, or `base` is no class.
        ValueError: `inside` is no dotted path, not one of `code` and `base` is given, or `after`
            and `before` are no name, or both given.
    """

    inside: str
    code: str = ""
    base: str = ""
    after: str = ""
    before: str = ""
    versions: str = ""
    _member: ast.stmt | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        if bool(self.code.strip()) == bool(self.base.strip()):
            raise ValueError("give either `code` or `base`")
        if self.after and self.before:
            raise ValueError("give either `after` or `before`")
        for text in filter(None, (self.after, self.before)):
            if self.code and not text.isidentifier():
                raise ValueError(f"a neighbour must be the name of a member, not {text!r}")
        for text in filter(None, (self.base, self.base and (self.after or self.before))):
            named = parsed_expression(text)
            if not isinstance(named, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
                raise PatternError(f"a base must be a class: {text!r}")
        member = None if self.base else _parsed(self.code)
        object.__setattr__(self, "_member", member)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the neighbour; a class that has such a member already is not changed."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if not isinstance(node, ast.ClassDef):
            return Found(problem=self._drift(scope, "is not a class", node))
        if self._member is None:
            return self._match_base(scope, node, source)
        return self._match_member(scope, node, source, self._member)

    def _match_base(self, scope: Scope, node: ast.ClassDef, source: Source) -> Found:
        if index_of(self.base, node) is not None:
            return Found(problem=already_there(scope, line=node.lineno))
        if has_base(node, "NamedTuple", "TypedDict"):
            return Found(problem=self._drift(scope, "can have no other base", node))
        index = default_index(node)
        neighbour = self.after or self.before
        if neighbour:
            there = index_of(neighbour, node)
            if there is None:
                return Found(problem=self._drift(scope, f"has no base {neighbour}", node))
            index = there + bool(self.after)
        return Found(sites=(base_site(node, self.base, index, source),))

    def _match_member(
        self, scope: Scope, node: ast.ClassDef, source: Source, member: ast.stmt
    ) -> Found:
        (name, *_) = bindings(member)
        mine = next(bound_to(name, node), None)
        if mine is not None:
            if equal(member, mine):
                return Found(problem=already_there(scope, line=mine.lineno))
            return Found(problem=self._drift(scope, f"has a {name!r} of its own", mine))
        in_enum = is_enum(node, source.module)
        place: tuple[ast.stmt | None, bool]
        if self.after or self.before:
            wanted = self.after or self.before
            there = [item for item in node.body if wanted in bindings(item)]
            if not there:
                side = "behind" if self.after else "in front of"
                reason = f"has no member {wanted!r} to write {name!r} {side}"
                return Found(problem=self._drift(scope, reason, node))
            # Of a property's getter and setter, or of overloads: behind all, or before all.
            place = (there[-1], True) if self.after else (there[0], False)
        else:
            place = default_place(node, member, in_enum=in_enum)
        neighbour, behind = place
        body = with_member(node.body, member, neighbour, behind=behind)
        reason = _wrong_kind(node, member, name)
        if not reason and in_enum:
            reason = enum_problem(member, name, body)
        if not reason and orders_fields(node):
            reason = _wrong_order(inherited(node, source.module), body, name)
        if reason:
            return Found(problem=self._drift(scope, reason, neighbour or node))
        text = dedent(self.code)
        return Found(sites=(member_site(node, member, text, source, neighbour, behind=behind),))

    def _drift(self, scope: Scope, reason: str, node: ast.AST) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=f"{scope.dotted or scope.path} {reason}",
            path=scope.path,
            scope=scope.dotted,
            looked_for=self.base or dedent(self.code).split("\n", 1)[0],
            line=getattr(node, "lineno", 0),
        )


def _parsed(code: str) -> ast.stmt:
    """Give the one member that code defines."""
    (member, *others) = Template.parse(code, frozenset(), statements=True).pattern.nodes
    described = isinstance(member, FIELD) and len(others) == 1 and is_text(others[0])
    if not isinstance(member, (Definition, *FIELD)) or (others and not described):
        raise PatternError(f"a member is one `def`, `class` or assignment: {code!r}")
    if isinstance(member, FIELD):
        targets = member.targets if isinstance(member, ast.Assign) else [member.target]
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            raise PatternError(f"a field is one name: {code!r}")
    return member


def _wrong_kind(node: ast.ClassDef, member: ast.stmt, name: str) -> str:
    """Say why a kind of class cannot have such a member; empty where it can."""
    if has_base(node, "TypedDict"):
        if not isinstance(member, ast.AnnAssign) or member.value is not None:
            return "is a TypedDict: a member has an annotation, and no value"
    elif has_base(node, "NamedTuple"):
        if isinstance(member, ast.AnnAssign) and name.startswith("_"):
            return "is a NamedTuple: a field's name begins with no underscore"
    elif has_base(node, "BaseModel"):
        known = name.startswith("_") or name == "model_config"
        if isinstance(member, ast.Assign) and not known:
            return f"is a pydantic model: annotate {name!r}, or it is refused when it is imported"
    return ""


def _wrong_order(first: list[Field], body: list[ast.stmt], name: str) -> str:
    without, behind = out_of_order(first, body)
    if name == without:
        return (
            f"has a default for {behind!r}, so that {name!r} needs one behind it: "
            "give one, or write it before that field"
        )
    if name == behind:
        return (
            f"has no default for {without!r}, so that {name!r} before it can have none: "
            "write it behind that field"
        )
    return ""
