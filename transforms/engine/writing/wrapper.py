"""The text of a function that takes the place of another, and calls it under a private name."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import TOKEN
from transforms.engine.syntax.alternatives import Alternative
from transforms.engine.syntax.definition import (
    Kind,
    docstring,
    header_end,
    name_span,
    parameters,
)
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.parsed import parsed_statement
from transforms.engine.syntax.source import SourceError, Span
from transforms.engine.syntax.suspension import yields

if TYPE_CHECKING:
    from transforms.engine.syntax.alternatives import Definition
    from transforms.engine.syntax.definition import Function
    from transforms.engine.syntax.source import Source

CALL, ORIGINAL = "call", "original"
"""The metavariables of a wrapper's code: the call of the original, and the original itself."""

# In a method, 100 columns.
_WIDTH = 92
_OPENING = re.compile(r"[ \t]*\(\s*(\)?)")
# `yield from` for what has none: values, errors and the end go both ways (PEP 380, PEP 525).
_DELEGATE = """\
_wheelwright_items = {call}
try:
    _wheelwright_item = await _wheelwright_items.__anext__()
    while True:
        try:
            _wheelwright_sent = yield _wheelwright_item
        except GeneratorExit:
            await _wheelwright_items.aclose()
            raise
        except BaseException as _wheelwright_error:
            _wheelwright_item = await _wheelwright_items.athrow(_wheelwright_error)
        else:
            _wheelwright_item = await _wheelwright_items.asend(_wheelwright_sent)
except StopAsyncIteration:
    pass"""


def delegated(call: str) -> str:
    """Write the statements that yield what an asynchronous generator does, as `yield from` would.

    Args:
        call: the expression that gives it.
    """
    return _DELEGATE.format(call=call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A wrapper around one function.

    Attributes:
        public: the function that has the name and the decorators: before it is wrapped, the
            function itself; after that, its wrapper.
        original: the function that is called.
        outer: the classes and functions around it, outermost first.
        source: the file.
    """

    public: Function
    original: Function
    outer: tuple[Definition, ...]
    source: Source

    @property
    def private(self) -> str:
        """The original's name: unlike in any base class, and no `_sunder_` name of an `Enum`."""
        accessor = Alternative(self.public).accessor
        names = [item.name for item in self.outer] + [self.public.name]
        if accessor in {"setter", "deleter"}:
            names.append(accessor)
        name = "_".join(["_wheelwright_original", *names])
        return f"{name}_" if name.endswith("_") and not name.endswith("__") else name

    @property
    def is_member(self) -> bool:
        """Tell whether the function stands directly in a class."""
        return bool(self.outer) and isinstance(self.outer[-1], ast.ClassDef)

    @property
    def reference(self) -> str:
        """How the wrapper reaches the original.

        `__class__` is the class that the code stands in (PEP 3135), whatever the object at hand is,
        and whatever a derived class of the same name has. A `NamedTuple` has no such cell.
        """
        if not self.is_member:
            return self.private
        owner = self.outer[-1]
        if isinstance(owner, ast.ClassDef) and any(
            last_name(base) == "NamedTuple" for base in owner.bases
        ):
            names: list[str] = []
            for item in reversed(self.outer):
                if not isinstance(item, ast.ClassDef):
                    break
                names.insert(0, item.name)
            return ".".join([*names, self.private])
        return f"__class__.{self.private}"

    @property
    def receiver(self) -> str:
        """The parameter that the original is bound to, e.g. ``self``; empty for none."""
        static = any("static" in last_name(item) for item in self.public.decorator_list)
        if not self.is_member or static or self.public.name == "__new__":
            return ""
        first = parameters(self.original)[:1]
        if not first or first[0].kind not in {Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD}:
            raise SourceError(
                self.source.path,
                f"{self.public.name} has no first parameter to bind `${ORIGINAL}` to: "
                f"write `${CALL}`",
                self.original.lineno,
            )
        return first[0].name

    @property
    def call(self) -> str:
        """The call of the original with the wrapper's own arguments."""
        written = {
            Kind.VAR_POSITIONAL: "*{0}",
            Kind.KEYWORD_ONLY: "{0}={0}",
            Kind.VAR_KEYWORD: "**{0}",
        }
        arguments = [
            written.get(item.kind, "{0}").format(item.name) for item in parameters(self.original)
        ]
        return f"{self.reference}({', '.join(arguments)})"

    def _broken(self, before: str) -> str:
        """Write the call with each argument on a line of its own where the line is too long.

        Args:
            before: what stands in front of it.
        """
        line = before.rpartition("\n")[2]
        function, _, given = self.call.partition("(")
        margin = line[: len(line) - len(line.lstrip())]
        if len(line) + len(self.call) <= _WIDTH or given == ")":
            return self.call
        lines = [f"{margin}    {item},\n" for item in given[:-1].split(", ")]
        return f"{function}(\n{''.join(lines)}{margin})"

    def with_calls(self, code: str) -> str:
        """Write the original's name and its call for `$original` and `$call`."""
        pieces: list[str] = []
        done = 0
        for token in TOKEN.finditer(code):
            if not token["name"]:
                continue
            pieces.append(code[done : token.start()])
            done = token.end()
            if token["name"] == CALL:
                pieces.append(self._broken("".join(pieces)))
                continue
            bound = self.receiver
            opening = _OPENING.match(code, done) if bound else None
            if opening:
                pieces.append(f"{self.reference}({bound}" + (")" if opening[1] else ", "))
                done = opening.end()
            else:
                pieces.append(f"{self.reference}.__get__({bound})" if bound else self.reference)
        return "".join([*pieces, code[done:]])

    def between(self, before: str, after: str) -> str:
        """Write a body that calls the original between statements.

        Args:
            before: what runs first, flush left.
            after: what runs behind the call, with `result` bound; flush left.
        """
        is_async = isinstance(self.original, ast.AsyncFunctionDef)
        is_generator = yields(self.original.body)
        if is_async and is_generator:
            lines = [delegated(self.call), after]
        else:
            value = f"await {self.call}" if is_async else self.call
            value = f"(yield from {value})" if is_generator else value
            lines = [f"result = {value}", after, "return result"] if after else [f"return {value}"]
        return "\n".join(line for line in [before, *lines] if line)

    def text(self, body: str) -> str:
        """Write the wrapper: the header and docstring as upstream has them, and this body.

        The first line has no margin, since the place has it; the others have theirs.
        """
        start = self.source.span(self.original).start
        name = name_span(self.original, self.source)
        end = header_end(self.original, self.source)
        pieces = Span(start, name.start), Span(name.end, end)
        header = self.public.name.join(self.source.text(piece) for piece in pieces)
        margin = self._body_margin(end)
        lines = [header, indented(body, margin)]
        said = docstring(self.original)
        if said is not None:
            lines.insert(1, margin + self.source.text(self.source.span(said)))
        return "\n".join(lines).replace("\r\n", "\n").replace("\r", "\n")

    def renamed_header(self) -> bytes:
        """Write the original's header with its private name, all else byte for byte."""
        start = self.source.span(self.original).start
        name = name_span(self.original, self.source)
        end = header_end(self.original, self.source)
        data = self.source.data
        return data[start : name.start] + self.private.encode() + data[name.end : end]

    def _body_margin(self, end: int) -> str:
        first = self.source.statement_span(self.original.body[0]).start
        if b"\n" in self.source.data[end:first] or b"\r" in self.source.data[end:first]:
            return self.source.indentation(first)
        margin = self.source.indentation(self.source.span(self.original).start)
        return margin + ("\t" if margin.startswith("\t") else "    ")


def parsed_function(text: str) -> Function | None:
    """Parse a function whose first line alone has no margin; None where it is not one function."""
    statement = parsed_statement(text)
    return statement if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) else None
