"""What an expression inside a function that Triton compiles holds, as far as one file can show it.

Triton runs such a function once, at compile time, and its values are of three kinds: tensors, of
which code is made; constexpr, which are known already; and plain Python, such as the bool that
`x.dtype.is_fp8()` gives. The answer is honest: what depends on a launch or on another file is
`UNKNOWN`. A parameter without an annotation is one of these, since Triton makes a constexpr of a
None or a 1 that is passed for it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from transforms.rules.triton.bindings import Binding, Bindings, OfLoop
from transforms.rules.triton.callers import given_tensors
from transforms.rules.triton.elements import (
    BOOL,
    FLOAT,
    common,
    is_type,
    of_constant,
    promoted,
    widened,
    with_number,
)
from transforms.rules.triton.functions import (
    Meaning,
    is_named,
    language_name,
    meaning,
    triton_functions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

DTYPE = "dtype"
_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)
_OF_A_TYPE = frozenset({"dtype", "element_ty", "type", "scalar"})
_CHECKS = frozenset({"builtins.isinstance", "builtins.hasattr"})
_FILLED = {"zeros": 1, "full": 2, "cast": 1}  # where the type stands
_INT32 = re.compile(r"program_id|num_programs|arange")
# Functions that give a tensor: of any type, of the type of their first argument, and of floats.
_ANY = re.compile(r"load|argm(?:ax|in)|dot|randint|atomic_\w+|cat|histogram|xor_sum|join")
_SAME = re.compile(
    r"abs|zeros_like|broadcast_to|expand_dims|reshape|interleave|sort|flip|trans|permute|ravel|view"
    r"|floor|ceil"
)
_FLOATS = re.compile(
    r"exp2?|log2?|r?sqrt(?:_rn)?|sigmoid|softmax|rand|cos|sin|erf|fma|fdiv|div_rn"
    r"|extra\.(?:cuda\.)?libdevice\.\w+"
)
# Sums and extremes: never narrower than 32 bits, wherever the elements are.
_WIDENED = re.compile(r"(?:cum)?sum|max|min")
_OF_TWO = re.compile(r"minimum|maximum")


class Kind(Enum):
    """What a value is while Triton compiles."""

    TENSOR = "tensor"
    CONSTEXPR = "constexpr"
    PLAIN = "plain"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of an expression.

    Attributes:
        kind: what it is.
        element: the type of a tensor's elements or of a constant, such as ``uint32``; ``dtype`` for
            a type itself; empty where it is not known.
    """

    kind: Kind
    element: str = ""

    @property
    def is_bool_tensor(self) -> bool:
        """Whether it is a tensor of bools, of one bit each."""
        return self.kind is Kind.TENSOR and self.element == BOOL


UNKNOWN = Value(Kind.UNKNOWN)
_TENSOR = Value(Kind.TENSOR)


class Values:
    """What the expressions of one function hold.

    Args:
        function: the function.
        tensors: parameters that hold a tensor, whatever their annotation says.
    """

    def __init__(self, function: TritonFunction, tensors: frozenset[str] = frozenset()) -> None:
        self._function = function
        self._tensors = tensors
        self._known: dict[str, Value] = {}

    @cached_property
    def _bindings(self) -> Bindings:
        # Most functions of a file are never asked.
        return Bindings(self._function, self._tensors)

    def of(self, node: ast.expr) -> Value:
        """Say what an expression of the function's body holds."""
        held = UNKNOWN
        match node:
            case ast.Constant(value=value):
                held = Value(Kind.CONSTEXPR, of_constant(value))
            case ast.Name(id=name):
                held = self._name(name)
            case ast.Call():
                held = self._call(node)
            case ast.Attribute():
                held = self._attribute(node)
            case ast.Subscript(value=value):
                inner = self.of(value)
                held = inner if inner.kind is Kind.TENSOR else UNKNOWN
            case _:
                held = self._operation(node)
        return held

    def _operation(self, node: ast.expr) -> Value:
        held = UNKNOWN
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                held = _calculated(self.of(left), op, self.of(right))
            case ast.UnaryOp(op=op, operand=operand):
                held = self.of(operand)
                if isinstance(op, ast.Not) and held.kind is not Kind.UNKNOWN:
                    held = Value(held.kind, BOOL)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                held = _compared(self.of(left), op, self.of(right))
            case ast.BoolOp(values=operands):
                held = _decided([self.of(each) for each in operands])
            case ast.IfExp(body=body, orelse=orelse):
                held = _joined([self.of(body), self.of(orelse)])
        return held

    def assigned(self, name: str) -> list[ast.expr]:
        """Give the expressions that a name of the function is bound to, as far as they are any."""
        return [each.value for each in self._bindings.of(name) if isinstance(each.value, ast.expr)]

    def language_name(self, node: ast.expr) -> str:
        """Say what of Triton's language an expression stands for, e.g. ``load``; empty for none."""
        return language_name(node, self._function.body)

    def _name(self, name: str) -> Value:
        if name not in self._known:
            self._known[name] = UNKNOWN  # while it is looked for: it may be bound to itself
            self._known[name] = self._bound(name)
        return self._known[name]

    def _bound(self, name: str) -> Value:
        bindings = self._bindings.deciding(name)
        if not bindings:
            return Value(Kind.CONSTEXPR) if self._is_global_constant(name) else UNKNOWN
        first = _joined([self._held(each) for each in bindings if not each.mentions(name)])
        again = [each for each in bindings if each.mentions(name)]
        if not again or first.kind is Kind.UNKNOWN:
            return first
        # `x += 1`: read with what `x` holds before. If that is not what it holds behind it, what
        # has been found of other names in the meantime is forgotten.
        before = dict(self._known)
        self._known[name] = first
        joined = _joined([first, *(self._held(each) for each in again)])
        if joined != first:
            self._known = before
        return joined

    def _held(self, binding: Binding) -> Value:
        if binding.constant or binding.value is OfLoop.UNROLLED:
            return Value(Kind.CONSTEXPR)
        if binding.value is OfLoop.COUNTED:
            return _TENSOR
        return _stored(self.of(binding.value)) if isinstance(binding.value, ast.expr) else UNKNOWN

    def _is_global_constant(self, name: str) -> bool:
        """Tell whether a name is a constexpr of the module, by its annotation or its value."""
        return any(
            (isinstance(each, ast.AnnAssign) and self._means_constexpr(each.annotation))
            or (isinstance(each.value, ast.Call) and self._means_constexpr(each.value.func))
            for each in self._bindings.of_module(name)
        )

    def _means_constexpr(self, node: ast.expr) -> bool:
        return meaning(node, self._function.scope) is Meaning.CONSTEXPR

    def _attribute(self, node: ast.Attribute) -> Value:
        name = self.language_name(node)
        if is_type(name) or node.attr in _OF_A_TYPE:
            return Value(Kind.PLAIN, DTYPE)
        held = self.of(node.value)
        return held if node.attr == "T" and held.kind is Kind.TENSOR else UNKNOWN

    def _call(self, node: ast.Call) -> Value:
        method = node.func if isinstance(node.func, ast.Attribute) else None
        if method and method.attr.startswith("is_") and self.of(method.value).element == DTYPE:
            return Value(Kind.PLAIN, BOOL)
        name = self.language_name(node.func)
        if name:
            return self._of_language(name, node)
        if method and method.attr == "to" and node.args:
            return Value(Kind.TENSOR, self._type(node.args[0]))
        is_check = is_named(node.func, self._function.body, _CHECKS)
        return Value(Kind.PLAIN, BOOL) if is_check else UNKNOWN

    def _of_language(self, name: str, node: ast.Call) -> Value:
        if name == "constexpr":
            return Value(Kind.CONSTEXPR)
        if name in _FILLED:
            given = [*node.args[_FILLED[name] :][:1]]
            given += [each.value for each in node.keywords if each.arg == "dtype"]
            return Value(Kind.TENSOR, self._type(given[0]) if given else "")
        made = _made(name, [self.of(each) for each in node.args])
        return UNKNOWN if made is None else Value(Kind.TENSOR, made)

    def _type(self, node: ast.expr) -> str:
        name = self.language_name(node)
        return name if is_type(name) else ""


def values(source: Source) -> dict[int, Values]:
    """Give what the expressions of each function hold, under the `id` of the function's node.

    Args:
        source: the file; ask with ``source.once(values)``.
    """
    functions = source.once(triton_functions)
    by_annotation = {id(each.node): Values(each) for each in functions}
    given = given_tensors(
        functions,
        lambda caller, node: by_annotation[id(caller.node)].of(node).kind is Kind.TENSOR,
    )
    again = {id(each.node): each for each in functions if id(each.node) in given}
    return by_annotation | {key: Values(each, given[key]) for key, each in again.items()}


def _made(name: str, given: list[Value]) -> str | None:
    """Say of which elements a function of Triton's makes a tensor; None if it makes none."""
    element = given[0].element if given else ""
    if name == "where":
        return _element(given[1], ast.BitOr(), given[2]) if len(given) == len("?xy") else ""
    if _OF_TWO.fullmatch(name):
        return _element(given[0], ast.Add(), given[1]) if len(given) > 1 else ""
    for names, made in (
        (_INT32, "int32"),
        (_FLOATS, FLOAT),
        (_SAME, element),
        (_WIDENED, widened(element)),
        (_ANY, ""),
    ):
        if names.fullmatch(name):
            return made
    return None


def _stored(value: Value) -> Value:
    """Say what a name holds after an assignment: Triton makes a tensor of a number."""
    if value.kind in {Kind.CONSTEXPR, Kind.PLAIN} and value.element not in {"", DTYPE}:
        return Value(Kind.TENSOR, value.element)
    # Any other constexpr may be a None, a type or a number, which are stored in three ways.
    return UNKNOWN if value.kind is Kind.CONSTEXPR else value


def _joined(found: Iterable[Value]) -> Value:
    """Say what holds for all of several values, of which it may be any."""
    known = list(found)
    kinds = {each.kind for each in known}
    return (
        Value(kinds.pop(), common({each.element for each in known})) if len(kinds) == 1 else UNKNOWN
    )


def _calculated(left: Value, op: ast.operator, right: Value) -> Value:
    kinds = {left.kind, right.kind}
    if kinds == {Kind.CONSTEXPR}:
        return Value(Kind.CONSTEXPR, left.element if left.element == right.element else "")
    if Kind.TENSOR not in kinds:
        return UNKNOWN
    return Value(Kind.TENSOR, _element(left, op, right))


def _element(left: Value, op: ast.operator, right: Value) -> str:
    bitwise = isinstance(op, _BITWISE)
    if isinstance(op, ast.Div):
        return FLOAT
    if right.kind is Kind.CONSTEXPR:
        return with_number(left.element, right.element, bitwise=bitwise)
    if left.kind is Kind.CONSTEXPR:
        return with_number(right.element, left.element, bitwise=bitwise)
    return promoted(left.element, right.element, bitwise=bitwise)


def _compared(left: Value, op: ast.cmpop, right: Value) -> Value:
    kinds = {left.kind, right.kind}
    if isinstance(op, ast.Is | ast.IsNot):
        return Value(Kind.CONSTEXPR, BOOL)
    if Kind.TENSOR in kinds:
        return Value(Kind.TENSOR, BOOL)
    return UNKNOWN if Kind.UNKNOWN in kinds else Value(left.kind, BOOL)


def _decided(operands: list[Value]) -> Value:
    kinds = {each.kind for each in operands}
    if kinds in ({Kind.TENSOR}, {Kind.CONSTEXPR}):
        return Value(operands[0].kind, BOOL)
    return UNKNOWN
