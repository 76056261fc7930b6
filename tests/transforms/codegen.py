"""Random Python for property tests: expressions, and other ways to write the same.

Seeds are drawn and code is made from them: drawing each node would be a hundred times slower.
"""

from __future__ import annotations

import ast
import copy
import json
from random import Random

from hypothesis import strategies as st

from transforms.engine.patterns.metavariables import ONE

_NAMES = ("a", "b", "value", "wörd")
_KEYWORDS = ("j", "k", "l")
_CONSTANTS = (0, 1, True, 1.5, None, "x", "it's", 'say "x"', b"x", "é\n", "")
_OPERATORS = (ast.Add, ast.Sub, ast.Pow, ast.MatMult, ast.BitOr)
_DEPTH = 4


class _Maker:
    def __init__(self, random: Random, *, metavariables: bool) -> None:
        self._random = random
        self._metavariables = metavariables

    def make(self, depth: int = 0) -> ast.expr:
        random = self._random
        if depth == _DEPTH or random.random() < 0.2:
            return self._leaf()
        kind = random.randrange(13)
        one, two, three = (self.make(depth + 1) for _ in range(3))
        several = [one, two, three][: random.randrange(4)]
        if kind <= 2:
            names = random.sample(_KEYWORDS, random.randrange(3))
            keywords = [ast.keyword(name, self.make(depth + 1)) for name in names]
            return ast.Call(one, several[1:], keywords)
        made: list[ast.expr] = [
            ast.Attribute(one, random.choice(_NAMES), ast.Load()),
            ast.Subscript(one, two, ast.Load()),
            ast.BoolOp(random.choice((ast.And, ast.Or))(), [one, two]),
            ast.BinOp(one, random.choice(_OPERATORS)(), two),
            ast.UnaryOp(random.choice((ast.Not, ast.USub))(), one),
            ast.IfExp(one, two, three),
            ast.Compare(one, [random.choice((ast.In, ast.Lt))()], [two]),
            random.choice((ast.Tuple, ast.List))(several, ast.Load()),
            ast.Dict([one], [two]),
            ast.parse("lambda a, *b: 0", mode="eval").body,
        ]
        chosen = made[kind - 3]
        if isinstance(chosen, ast.Lambda):
            chosen.body = one
        return chosen

    def _leaf(self) -> ast.expr:
        if self._random.random() < 0.4:
            return ast.Constant(self._random.choice(_CONSTANTS))
        names = [*_NAMES, ONE + "x", ONE + "y"] if self._metavariables else [*_NAMES]
        return ast.Name(self._random.choice(names), ast.Load())


def expressions(*, metavariables: bool = False) -> st.SearchStrategy[ast.expr]:
    """Make expressions, as `ast` itself reads them back."""
    return st.integers(0, 2**32).map(
        lambda seed: (
            ast.parse(
                ast.unparse(_Maker(Random(seed), metavariables=metavariables).make()),  # noqa: S311
                mode="eval",
            ).body
        )
    )


class _Writer:
    """Writes every node in parentheses, with random line breaks, comments and quotes."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def write(self, node: ast.expr) -> str:
        children = [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)]
        if isinstance(node, ast.Call):
            text = self._call(node)
        elif isinstance(node, (ast.Tuple, ast.List)):
            inner = ", ".join(map(self.write, children))
            comma = len(children) == 1 and isinstance(node, ast.Tuple)
            inner += "," if comma or (inner and self._maybe()) else ""
            text = f"({inner})" if isinstance(node, ast.Tuple) else f"[{inner}]"
        elif isinstance(node, ast.BoolOp):
            word = " and " if isinstance(node.op, ast.And) else " or "
            text = f"({word.join(map(self.write, children))})"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = self._string(node.value)
        elif isinstance(node, ast.Attribute):
            text = f"({self.write(node.value)}){self._space()}.{self._space()}{node.attr}"
        elif isinstance(node, ast.Subscript):
            text = f"{self.write(node.value)}[{self.write(node.slice)}]"
        elif isinstance(node, ast.IfExp):
            body, test, orelse = map(self.write, (node.body, node.test, node.orelse))
            text = f"({body} if {test} else {orelse})"
        else:
            text = f"({ast.unparse(node)})"
        return f"({self._space()}{text}{self._space()})" if self._maybe() else f"({text})"

    def _maybe(self) -> bool:
        return self._random.random() < 0.5

    def _call(self, node: ast.Call) -> str:
        keywords = self._random.sample(node.keywords, len(node.keywords))
        arguments = [
            *map(self.write, node.args),
            *(f"{item.arg} = {self.write(item.value)}" for item in keywords),
        ]
        comma = "," if arguments and self._maybe() else ""
        return f"{self.write(node.func)}({self._space()}{', '.join(arguments)}{comma})"

    def _string(self, value: str) -> str:
        double = json.dumps(value)
        halves = f"{value[:1]!r} {value[1:]!r}"
        return self._random.choice([repr(value), double, halves, f"({value!r})"])

    def _space(self) -> str:
        return self._random.choice(["", "  ", "\n", "  # why, 'or' (\n\t", " \\\n "])


def reformatted(tree: ast.expr, seed: int) -> str:
    """Write an expression in another way that means the same."""
    text = _Writer(Random(seed)).write(tree)  # noqa: S311 - it is the test's own choice
    assert dump(ast.parse(text, mode="eval").body) == dump(tree), text
    return text


def dump(tree: ast.AST) -> str:
    """Show the meaning of code: its syntax, with keyword arguments in the order of names."""
    copied = copy.deepcopy(tree)
    for node in ast.walk(copied):
        if isinstance(node, ast.Call):
            node.keywords.sort(key=lambda keyword: keyword.arg or "")
    return ast.dump(copied)
