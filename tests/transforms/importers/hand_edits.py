"""Random modules, and edits that a person could make in them by hand.

Edits are made on the lines of the text, not on syntax: what capture has to find out is not what
made them.
"""

from __future__ import annotations

import ast
import re
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NAMES = ("device", "config", "kind", "total", "self.rank", "self.size")
_CALLS = ("prepare", "self.load", "logger.info", "torch.empty", "check")
_VALUES = ("0", "1", "None", "True", '"cuda"', "'it'", "size * 2", "[1, 2, 3, 4]", "{1: 2}")
WAYS = (
    "rename", "insert", "delete", "move", "argument", "comment", "import", "signature", "decorate",
    "value", "duplicate", "guard", "entry", "member", "constant", "widen", "rewrite",
)  # fmt: skip
_WORDS = ("first", "then", "never", "old", "wörter")


class _Writer:
    """Writes a module of a few functions and classes, with comments and empty lines."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def module(self) -> list[str]:
        lines = ['"""A module."""', "", "import os", "from torch import nn, Tensor", ""]
        lines += [*self._table(), "LIMIT = 4"]
        for number in range(self._random.randrange(1, 3)):
            lines += ["", *self._definition(number), ""]
        return lines

    def _table(self) -> list[str]:
        entries: list[str] = []
        for number in range(self._random.choice((2, 6, 20))):
            if self._random.random() < 0.3:
                entries.append(f"    # {self._random.choice(_WORDS)}")
            entries.append(f'    "key_{number}": lambda: {self.call()},')
        return ["TABLE = {", *entries, "}"]

    def _definition(self, number: int) -> list[str]:
        if self._random.random() < 0.4:
            methods = [
                line
                for inner in range(self._random.randrange(1, 3))
                for line in [*self._function(f"method_{inner}", "self, "), ""]
            ]
            return [f"class Class{number}(Base):", "    limit = 4", "", *_indented(methods)]
        return self._function(f"function_{number}", "")

    def _function(self, name: str, first: str) -> list[str]:
        decorator = ["@cache"] if self._random.random() < 0.2 else []
        head = f"def {name}({first}device, config: int = 1, *, kind=None) -> None:"
        docstring = ['"""Do it."""'] if self._random.random() < 0.5 else []
        return [*decorator, head, *_indented([*docstring, *self.block(0)])]

    def block(self, depth: int) -> list[str]:
        lines = []
        for _ in range(self._random.randrange(1, 5)):
            if self._random.random() < 0.2:
                lines.append(f"# {self._random.choice(_WORDS)}")
            lines += self.statement(depth)
            if self._random.random() < 0.2:
                lines.append("")
        return [*lines, f"done({self._random.randrange(1000)})"]

    def statement(self, depth: int) -> list[str]:
        simple = [self._assignment, self._assignment, self._call, self._long_call, self._assert]
        compound = [self._for, self._if, self._try]
        ways = [*simple, self._text]
        return self._random.choice(ways if depth > 1 else [*ways, *compound])(depth)

    def _assignment(self, _: int) -> list[str]:
        return [f"{self._random.choice(_NAMES)} = {self.expression()}{self._comment()}"]

    def _call(self, _: int) -> list[str]:
        return [f"{self.call()}{self._comment()}"]

    def _long_call(self, _: int) -> list[str]:
        arguments = [f"    {self.expression()}," for _ in range(2)]
        return [f"{self._random.choice(_CALLS)}(", *arguments, ")"]

    def _assert(self, _: int) -> list[str]:
        return [f"assert {self.expression()}, {self._random.choice(_VALUES)}"]

    def _text(self, _: int) -> list[str]:
        return ['text = """', "flush left", '  not"""']

    def _for(self, depth: int) -> list[str]:
        return [f"for item in {self.call()}:", *_indented(self.block(depth + 1))]

    def _if(self, depth: int) -> list[str]:
        head = [f"if {self.expression()}:", *_indented(self.block(depth + 1))]
        other = [f"elif {self.call()}:", *_indented(self.block(depth + 1))]
        return [*head, *other] if self._random.random() < 0.5 else head

    def _try(self, depth: int) -> list[str]:
        handler = ["except ValueError as error:", *_indented(self.block(depth + 1))]
        return ["try:", *_indented(self.block(depth + 1)), *handler]

    def expression(self) -> str:
        choice = self._random.randrange(5)
        if choice == 0:
            return self.call()
        if choice == 1:
            return f"{self._random.choice(_NAMES)} == {self._random.choice(_VALUES)}"
        if choice == 2:
            return f"{self._random.choice(_NAMES)} and {self.call()}"
        return self._random.choice((*_VALUES, *_NAMES))

    def call(self) -> str:
        arguments = [self._random.choice((*_VALUES, *_NAMES))]
        if self._random.random() < 0.5:
            arguments.append(f"mode={self._random.choice(_VALUES)}")
        return f"{self._random.choice(_CALLS)}({', '.join(arguments)})"

    def _comment(self) -> str:
        return f"  # {self._random.choice(_WORDS)}" if self._random.random() < 0.2 else ""


def _indented(lines: Sequence[str]) -> list[str]:
    inside = False
    moved = []
    for line in lines:
        moved.append(line if inside or not line else f"    {line}")
        inside ^= line.count('"""') % 2 == 1
    return moved


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


class _Hand:
    """Changes lines as a person does."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._writer = _Writer(random)

    def edit(self, lines: list[str]) -> list[str]:
        return self.edit_as(self._random.choice(WAYS), lines)

    def edit_as(self, way: str, lines: list[str]) -> list[str]:
        edit: Callable[[list[str], int], list[str]] = getattr(self, f"_{way}")
        return edit([*lines], self._random.randrange(len(lines)))

    def _rename(self, lines: list[str], at: int) -> list[str]:
        old = self._random.choice(("device", "config", "kind", "prepare", "check"))
        until = min(len(lines), at + self._random.randrange(1, 8))
        return [
            re.sub(rf"\b{old}\b", "renamed", line) if at <= number < until else line
            for number, line in enumerate(lines)
        ]

    def _insert(self, lines: list[str], at: int) -> list[str]:
        margin = _margin(lines[at])
        new = [f"{margin}{line}" if line else "" for line in self._writer.statement(2)]
        return [*lines[:at], *new, *lines[at:]]

    def _delete(self, lines: list[str], at: int) -> list[str]:
        return [*lines[:at], *lines[at + 1 :]]

    def _move(self, lines: list[str], at: int) -> list[str]:
        line = lines.pop(at)
        to = min(len(lines), max(0, at + self._random.choice((-2, -1, 1, 2))))
        return [*lines[:to], line, *lines[to:]]

    def _argument(self, lines: list[str], at: int) -> list[str]:
        new = self._random.choice(("extra=1)", "config, mode=2)", "*rest)"))
        lines[at] = re.sub(r"\)", f", {new}", lines[at], count=1)
        return lines

    def _comment(self, lines: list[str], at: int) -> list[str]:
        if lines[at].lstrip().startswith("#"):
            lines[at] = f"{_margin(lines[at])}# {self._random.choice(_WORDS)} changed"
        elif self._random.random() < 0.5:
            lines[at] += "  # new"
        else:
            lines.insert(at, f"{_margin(lines[at])}# new")
        return lines

    def _import(self, lines: list[str], at: int) -> list[str]:  # noqa: ARG002 - as the others
        new = self._random.choice(("import re", "from torch import cuda", "from a import b as c"))
        lines.insert(self._random.randrange(2, 5), new)
        return lines

    def _signature(self, lines: list[str], at: int) -> list[str]:
        old, new = self._random.choice(
            (
                ("config: int = 1", "config: str = 'x'"),
                ("device,", "device, index: int,"),
                (", *, kind=None", ""),
                ("-> None", "-> int"),
            )
        )
        lines[at] = lines[at].replace(old, new)
        return lines

    def _decorate(self, lines: list[str], at: int) -> list[str]:
        if lines[at].lstrip().startswith("def "):
            lines.insert(at, f"{_margin(lines[at])}@new.decorator(1)")
        return lines

    def _value(self, lines: list[str], at: int) -> list[str]:
        lines[at] = re.sub(r'= .+|"cuda"', "= other(1)", lines[at], count=1)
        return lines

    def _guard(self, lines: list[str], at: int) -> list[str]:
        margin = _margin(lines[at])
        return [*lines[:at], f"{margin}if self.new:", f"    {lines[at]}", *lines[at + 1 :]]

    def _entry(self, lines: list[str], at: int) -> list[str]:  # noqa: ARG002 - as the others
        entries = [number for number, line in enumerate(lines) if line.startswith('    "key')]
        if entries:
            place = self._random.choice(entries) + self._random.randrange(2)
            comment = self._random.choice(([], ["    # new"]))
            lines[place:place] = [*comment, '    "new": lambda: 1,']
        return lines

    def _member(self, lines: list[str], at: int) -> list[str]:  # noqa: ARG002 - as the others
        places = [number for number, line in enumerate(lines) if line == "    limit = 4"]
        new = self._random.choice(
            (["    new: int = 1"], ["", "    def new(self):", "        go()"])
        )
        for place in places[:1]:
            lines[place + 1 : place + 1] = new
        return lines

    def _constant(self, lines: list[str], at: int) -> list[str]:  # noqa: ARG002 - as the others
        return [line.replace("= 4", "= 8") for line in lines]

    def _widen(self, lines: list[str], at: int) -> list[str]:  # noqa: ARG002 - as the others
        places = [number for number, line in enumerate(lines) if re.match(r" +(el)?if .*:$", line)]
        if places:
            place = self._random.choice(places)
            lines[place] = f"{lines[place][:-1]} or self.new:"
        return lines

    def _rewrite(self, lines: list[str], at: int) -> list[str]:
        new = [f"    {line}" for line in self._writer.statement(2)]
        starts = [number for number, line in enumerate(lines) if line.startswith("def ")]
        if starts:
            start = self._random.choice(starts) + 1
            until = min(len(lines), start + 1 + at % 30)
            return [*lines[:start], *new, *lines[until:]]
        return lines

    def _duplicate(self, lines: list[str], at: int) -> list[str]:
        return [*lines[: at + 1], *lines[at:]]


def _is_python(lines: Sequence[str]) -> bool:
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return False
    return True


def _made(seed: int, way: str) -> tuple[bytes, bytes]:
    random = Random(seed)  # noqa: S311 - a sample
    lines = _Writer(random).module()
    assert _is_python(lines), "\n".join(lines)
    edited = lines
    hand = _Hand(random)
    for number in range(random.randrange(1, 4)):
        for _ in range(20):
            tried = hand.edit(edited) if number else hand.edit_as(way, edited)
            if tried != edited and _is_python(tried):
                edited = tried
                break
    newline = "\r\n" if random.random() < 0.1 else "\n"
    last = newline if random.random() < 0.9 else ""
    before, after = ((newline.join(each) + last).encode() for each in (lines, edited))
    return before, after


def edited_modules(way: str) -> st.SearchStrategy[tuple[bytes, bytes]]:
    """Make pairs of a module and what a person made of it.

    Args:
        way: what was done first, one of `WAYS`; up to two more things may have been done.
    """
    made = st.integers(0, 2**32).map(lambda seed: _made(seed, way))
    return made.filter(lambda pair: pair[0] != pair[1])
