"""Random changes of real code for property tests: as an author, or upstream, would make them."""

from __future__ import annotations

import ast
import copy
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def mutated(statements: Sequence[ast.stmt], seed: int) -> list[ast.stmt]:
    """Make one change in statements; the same ones where they hold nothing to change."""
    random = Random(seed)  # noqa: S311 - it is the test's own choice
    block = ast.Module(copy.deepcopy([*statements]), [])
    changes: list[Callable[[ast.Module, Random], None]] = [
        _rename,
        _other_literal,
        _add_argument,
        _remove_argument,
        _add_element,
        _remove_element,
        _add_operand,
        _remove_operand,
        _wrap,
        _add_statement,
        _remove_statement,
        _add_else,
        _decorate,
        _other_operator,
    ]
    random.choice(changes)(block, random)
    return ast.parse(ast.unparse(ast.fix_missing_locations(block))).body


def _nodes(block: ast.AST) -> list[ast.AST]:
    """Give the nodes of code, those inside of f-strings left out."""
    found = [block]
    for node in found:
        if not isinstance(node, ast.JoinedStr):
            found += ast.iter_child_nodes(node)
    return found


def _rename(block: ast.Module, random: Random) -> None:
    names = [node for node in _nodes(block) if isinstance(node, (ast.Name, ast.Attribute))]
    if names:
        node = random.choice(names)
        if isinstance(node, ast.Name):
            node.id = "renamed"
        else:
            node.attr = "renamed"


def _other_literal(block: ast.Module, random: Random) -> None:
    literals = [node for node in _nodes(block) if isinstance(node, ast.Constant)]
    if literals:
        random.choice(literals).value = random.choice([4711, "it's", b"x", None])


def _other_operator(block: ast.Module, random: Random) -> None:
    found = [node for node in _nodes(block) if isinstance(node, ast.Compare)]
    if found:
        random.choice(found).ops[0] = ast.NotIn()


def _calls(block: ast.Module) -> list[ast.Call]:
    return [node for node in _nodes(block) if isinstance(node, ast.Call)]


def _add_argument(block: ast.Module, random: Random) -> None:
    if not _calls(block):
        return
    call = random.choice(_calls(block))
    if random.random() < 0.5:
        call.args.insert(random.randint(0, len(call.args)), ast.Name("extra", ast.Load()))
    else:
        at = random.randint(0, len(call.keywords))
        call.keywords.insert(at, ast.keyword("extra", ast.Constant(1)))


def _remove_argument(block: ast.Module, random: Random) -> None:
    calls = [call for call in _calls(block) if call.args or call.keywords]
    if calls:
        call = random.choice(calls)
        chosen: list[ast.expr] | list[ast.keyword] = call.args or call.keywords
        chosen.pop(random.randrange(len(chosen)))


def _displays(block: ast.Module) -> list[list[ast.expr]]:
    kinds = (ast.List, ast.Tuple, ast.Set)
    return [
        node.elts
        for node in _nodes(block)
        if isinstance(node, kinds) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    ]


def _add_element(block: ast.Module, random: Random) -> None:
    if _displays(block):
        elements = random.choice(_displays(block))
        elements.insert(random.randint(0, len(elements)), ast.Constant("new"))


def _remove_element(block: ast.Module, random: Random) -> None:
    displays = [elements for elements in _displays(block) if len(elements) > 1]
    if displays:
        elements = random.choice(displays)
        elements.pop(random.randrange(len(elements)))


def _add_operand(block: ast.Module, random: Random) -> None:
    found = [node for node in _nodes(block) if isinstance(node, ast.BoolOp)]
    if found:
        values = random.choice(found).values
        values.insert(random.randint(0, len(values)), ast.Name("extra", ast.Load()))


def _remove_operand(block: ast.Module, random: Random) -> None:
    found = [node for node in _nodes(block) if isinstance(node, ast.BoolOp)]
    found = [node for node in found if len(node.values) > 2]
    if found:
        values = random.choice(found).values
        values.pop(random.randrange(len(values)))


def _blocks(block: ast.Module) -> list[list[ast.stmt]]:
    held = [getattr(node, name, []) for node in _nodes(block) for name in ("body", "orelse")]
    return [each for each in held if isinstance(each, list) and each]


def _wrap(block: ast.Module, random: Random) -> None:
    held = random.choice(_blocks(block))
    first = random.randrange(len(held))
    last = random.randint(first + 1, len(held))
    held[first:last] = [ast.If(ast.Name("wrapped", ast.Load()), held[first:last], [])]


def _add_statement(block: ast.Module, random: Random) -> None:
    held = random.choice(_blocks(block))
    held.insert(random.randint(0, len(held)), ast.parse("added('x')").body[0])


def _remove_statement(block: ast.Module, random: Random) -> None:
    held = random.choice(_blocks(block))
    if len(held) > 1:
        held.pop(random.randrange(len(held)))


def _add_else(block: ast.Module, random: Random) -> None:
    kinds = (ast.If, ast.For, ast.While)
    found = [node for node in _nodes(block) if isinstance(node, kinds) and not node.orelse]
    if found:
        random.choice(found).orelse = [ast.parse("other()").body[0]]


def _decorate(block: ast.Module, random: Random) -> None:
    found = [node for node in _nodes(block) if isinstance(node, ast.FunctionDef)]
    if found:
        decorators = random.choice(found).decorator_list
        at = random.randint(0, len(decorators))
        decorators.insert(at, ast.Name("decorated", ast.Load()))
