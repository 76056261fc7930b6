"""Run code before, after or around a function, and leave the function itself as it is.

Before::

    class Worker:
        @traced
        def load(self, path, *, strict=True):
            '''Load the weights.'''
            return self.read(path, strict)

`WrapFunction(inside="m.Worker.load", before="path = local(path)", after="check(result)")` gives::

    class Worker:
        @traced
        def load(self, path, *, strict=True):
            '''Load the weights.'''
            path = local(path)
            result = __class__._wheelwright_original_Worker_load(self, path, strict=strict)
            check(result)
            return result

        def _wheelwright_original_Worker_load(self, path, *, strict=True):
            '''Load the weights.'''
            return self.read(path, strict)

`WrapFunction(inside="m.Worker.load", around="return cached(path) or $call")` gives::

    class Worker:
        @traced
        def load(self, path, *, strict=True):
            '''Load the weights.'''
            return cached(path) or __class__._wheelwright_original_Worker_load(
                self,
                path,
                strict=strict,
            )

        def _wheelwright_original_Worker_load(self, path, *, strict=True):
            '''Load the weights.'''
            return self.read(path, strict)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, check_declaration, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import dedent
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import equal
from transforms.engine.site import Site
from transforms.engine.syntax.definition import Function, Kind, header_end, parameters
from transforms.engine.syntax.enclosing import enclosing, following, last_name
from transforms.engine.syntax.source import parse
from transforms.engine.syntax.suspension import awaits, own_nodes, yields
from transforms.engine.writing.wrapper import CALL, ORIGINAL, Wrapper, parsed_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source, Tree

_RESULT = "result"
# Triton, CuTe, Numba and TorchScript read the source of what they decorate.
_COMPILERS = frozenset({"jit", "kernel", "njit", "script"})
# `Enum` calls it for each member.
_CALLED_EARLY = "_generate_next_value_"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapFunction:
    """A function gets a wrapper with its name, signature, docstring and decorators.

    The original stays below it, under a private name, as a plain function. It is one site: from
    `def` to the colon of the header. So an edit inside the body commutes with this one, and an edit
    of the parameters, which the wrapper repeats, is a conflict.

    As with a monkey patch, what calls the function by its name calls the wrapper, the original's
    own recursion included. `before` and `after` of a generator run when it is iterated. `after` is
    not run where the original raises. Defaults are evaluated for both functions; the wrapper's are
    used.

    Attributes:
        inside: dotted path of a function or method; of a property's other parts `C.name.setter`.
        before: statements that run first; they may read and bind the parameters, and return.
        after: statements that run behind the call, with `result` bound to what the original
            returned; they may bind it again. An asynchronous generator has no result.
        around: the whole body instead of both. `$call` is the call of the original with the
            wrapper's parameters; `$original` is the original, bound to the object or class
            where there is one (that of `__new__` takes the class). It awaits or yields from them
            itself.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: the code is not Python, uses another metavariable, or `around` calls nothing.
        ValueError: `inside` is no dotted path, or `around` is given with others, or nothing is.
    """

    inside: str
    before: str = ""
    after: str = ""
    around: str = ""
    versions: str = ""

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        if bool(self.around.strip()) == bool(self.before.strip() or self.after.strip()):
            raise ValueError("give `before`, `after` or both, or `around` alone")
        for code in filter(str.strip, (self.before, self.after)):
            Template.parse(code, frozenset(), statements=True)
        if self.around.strip():
            known = frozenset({CALL, ORIGINAL})
            template = Template.parse(self.around, known, statements=True)
            if not template.pattern.names:
                raise PatternError(
                    f"`around` must use `${CALL}` or `${ORIGINAL}`: {self.around!r}; "
                    "`ReplaceFunction` gives a function another body"
                )

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the function; one that is wrapped in the same code already is not changed."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if not isinstance(node, Function):
            problem = Problem(
                status=Status.DRIFTED,
                reason=f"{scope.dotted or scope.path} is not a function",
                path=scope.path,
                scope=scope.dotted,
                line=getattr(node, "lineno", 0),
            )
            return Found(problem=problem)
        outer = tuple(enclosing(source.module, node)[:-1])
        wrapper = Wrapper(public=node, original=node, outer=outer, source=source)
        reason, line, status = self._present(wrapper) or self._refused(wrapper)
        if reason:
            problem = Problem(
                status=status, reason=reason, path=scope.path, scope=scope.dotted, line=line
            )
            return Found(problem=problem)
        return Found(sites=(self._site(wrapper),))

    def _body(self, wrapper: Wrapper) -> str:
        if self.around.strip():
            return wrapper.with_calls(dedent(self.around))
        return wrapper.between(dedent(self.before), dedent(self.after))

    def _site(self, wrapper: Wrapper) -> Site:
        source, node = wrapper.source, wrapper.original
        start = source.span(node).start
        blank_lines = 1 if wrapper.outer else 2
        text = wrapper.text(self._body(wrapper)) + "\n" * (blank_lines + 1)
        return Site(
            path=source.path,
            start=start,
            end=header_end(node, source),
            replacement=source.encoded(text)
            + source.indentation(start).encode()
            + wrapper.renamed_header(),
            line=node.lineno,
        )

    def _present(self, wrapper: Wrapper) -> tuple[str, int, Status] | None:
        """Compare with the wrapper that is already there, if there is one."""
        node, source = wrapper.public, wrapper.source
        behind = following(source.module, node)[:1]
        if not behind or getattr(behind[0], "name", None) != wrapper.private:
            if not re.search(rb"\b%b\b" % wrapper.private.encode(), source.data):
                return None
            return f"the name {wrapper.private} is taken in this file", node.lineno, Status.DRIFTED
        original = behind[0]
        if isinstance(original, Function):
            was = Wrapper(
                public=node, original=original, outer=wrapper.outer, source=wrapper.source
            )
            written = parsed_function(was.text(self._body(was)))
            if written is not None:
                written.decorator_list = node.decorator_list
                if equal(written, node):
                    reason = "what it would write is already there"
                    return reason, node.lineno, Status.OBSOLETE
        return f"{node.name} is wrapped already, in other code", node.lineno, Status.DRIFTED

    def _refused(self, wrapper: Wrapper) -> tuple[str, int, Status]:
        """Say why the function cannot be wrapped so; empty where it can."""
        refusals = (*self._unwrappable(wrapper), *self._misfits(wrapper))
        reason, line = next(iter(refusals), ("", 0))
        return reason, line, Status.DRIFTED

    def _unwrappable(self, wrapper: Wrapper) -> Iterator[tuple[str, int]]:
        """Say what of the function itself is in the way."""
        node, line = wrapper.original, wrapper.original.lineno
        given = {item.name for item in parameters(node)}
        if self.after.strip() and _RESULT in given:
            yield f"{node.name} has a parameter `{_RESULT}` of its own: use `around`", line
        if any(last_name(item) in _COMPILERS for item in node.decorator_list):
            yield f"{node.name} is compiled from its source, which a wrapper is not", line
        if any(isinstance(item, ast.ClassDef) for item in wrapper.outer):
            for item in parameters(node):
                hidden = item.name.startswith("__") and not item.name.endswith("__")
                if item.kind is Kind.KEYWORD_ONLY and hidden:
                    yield f"Python gives {item.name} another name in a class: no call has it", line
        if wrapper.is_member:
            early = [line] if node.name == _CALLED_EARLY else []
            for called in (*early, *_calls(wrapper.outer[-1], node.name)):
                yield f"{node.name} is called at line {called}, while its class is made", called

    def _misfits(self, wrapper: Wrapper) -> Iterator[tuple[str, int]]:
        """Say what of the code does not fit that function."""
        node, line = wrapper.original, wrapper.original.lineno
        is_generator = yields(node.body)
        written = parsed_function(wrapper.text(self._body(wrapper)))
        if written is None:
            yield "the code of the wrapper is not Python around that function", line
        elif yields(written.body) != is_generator:
            kind = "a generator" if is_generator else "no generator"
            yield f"{node.name} is {kind}, and its wrapper must be {kind}, too", line
        elif awaits(written.body) and isinstance(node, ast.FunctionDef):
            yield f"{node.name} is no `async def`, and its wrapper cannot await", line
        elif is_generator and isinstance(node, ast.AsyncFunctionDef) and self._uses_result():
            yield f"{node.name} is an asynchronous generator: it has no `{_RESULT}`", line

    def _uses_result(self) -> bool:
        return any(
            isinstance(item, ast.Name) and item.id == _RESULT
            for item in ast.walk(parse(dedent(self.after)))
        )


def _calls(scope: ast.AST, name: str) -> Iterator[int]:
    """Give the lines where a class calls one of its functions while it is made."""
    for node in own_nodes(getattr(scope, "body", [])):
        called = [node.func] if isinstance(node, ast.Call) else getattr(node, "decorator_list", [])
        if any(isinstance(item, ast.Name) and item.id == name for item in called):
            yield getattr(node, "lineno", 0)
