"""A variable template for host and device becomes a function template, and every use a call.

nvcc says "attribute does not apply here" of `__host__` and `__device__` on a variable template:
with gcc behind it that is a warning (1835), with MSVC the code does not compile. A `constexpr`
function template has such attributes, and gives the same constant.

Uses are in other files than the definition, so the rule is told the names. It refuses a definition
whose name it was not told, for its uses would be left as they are.

Before::

    #define MAYBE_DEVICE __host__ __device__
    template <typename T>
    MAYBE_DEVICE static constexpr T largest_v =
        largest<T>::value();

    float scale = x / largest_v<int8_t>;

After::

    #define MAYBE_DEVICE __host__ __device__
    template <typename T>
    MAYBE_DEVICE static inline constexpr T largest_v() {
      return largest<T>::value();
    }

    float scale = x / largest_v<int8_t>();
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.tokens import Kind
from transforms.engine.edit import Found
from transforms.engine.site import Site, text_site
from transforms.rules.cpp.angles import closing_angle
from transforms.rules.cpp.host_device import device_attributes
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.syntax.source import Source

_ATTRIBUTE = re.compile(rb"HOST|DEVICE|__host__|__device__")
_OTHER_TEMPLATES = frozenset(
    {"struct", "class", "union", "using", "enum", "friend", "operator", "concept", "template"}
)
# What may stand, with arguments, in front of a variable's name.
_TAKES_ARGUMENTS = frozenset({"__align__", "alignas", "decltype", "__attribute__", "__declspec"})
_NO_OPERAND = frozenset({"(", "[", "{", "}", ",", ";", "=", "return", "?", ":", "&&", "||", "!"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableTemplates:
    """The rule; see the module.

    Attributes:
        names: the variable templates of the tree that have such an attribute.
    """

    names: tuple[str, ...]
    name: str = "variable_templates"
    needles: tuple[bytes, ...] = ()

    def match(self, source: Source) -> Found:
        """Find definitions and uses in one file."""
        data = source.data
        if not (
            any(name.encode() in data for name in self.names)
            or (b"template" in data and _ATTRIBUTE.search(data))
        ):
            return Found()
        code = source.once(code_of)
        definitions = list(_definitions(code))
        found: list[Site | Refusal] = [
            _defined(source, code, definition, self.names) for definition in definitions
        ]
        defined = {definition.name for definition in definitions}
        for name in self.names:
            for index in code.places.get(name, ()):
                if index not in defined:
                    found += _used(source, code, index)
        return found_in(self.name, source, code, found)


EXAMPLE_RULE = VariableTemplates(names=("largest_v",))


@dataclass(frozen=True, slots=True)
class _Definition:
    """A variable template with an attribute, as indices of tokens.

    Attributes:
        first: behind the template's parameters.
        name: its name; the last token before `stop`, whatever that is.
        stop: the `=`, `{` or `;` behind it.
    """

    first: int
    name: int
    stop: int


def _definitions(code: Code) -> Iterator[_Definition]:
    attributes = device_attributes(code)
    for index in code.places.get("template", ()):
        closing = closing_angle(code, index + 1) if code.text_at(index + 1) == "<" else None
        if closing is None:
            continue
        first = closing + 1
        stop = _end_of_declarator(code, first)
        words = {token.text for token in code.tokens[first:stop]}
        if (
            code.text_at(stop) in {"=", "{", ";"}
            and words & attributes
            and not words & _OTHER_TEMPLATES
        ):
            yield _Definition(first, stop - 1, stop)


def _end_of_declarator(code: Code, index: int) -> int:
    """Give the index of what ends a declarator: an initializer, a parameter list or a `;`."""
    while index < len(code.tokens):
        text = code.text_at(index)
        if text == "(" and code.text_at(index - 1) in _TAKES_ARGUMENTS:
            index = code.end_of_unit(index)
        elif text in {"=", "{", ";", "(", "}", ")"}:
            break
        elif text == "<":
            closing = closing_angle(code, index)
            index = len(code.tokens) if closing is None else closing + 1
        else:
            index += 1
    return index


def _defined(
    source: Source, code: Code, definition: _Definition, names: tuple[str, ...]
) -> Site | Refusal:
    """Write the definition as a function, its initializer as what that returns."""
    first, name, stop = definition.first, definition.name, definition.stop
    words = [token.text for token in code.tokens[first:name]]
    end = stop
    while end < len(code.tokens) and code.text_at(end) not in {";", "}"}:
        end = code.end_of_unit(end)
    reason = ""
    if code.tokens[name].kind is not Kind.IDENTIFIER or code.text_at(name - 1) == "::":
        reason = "a specialization or a member of this kind has to be rewritten by hand"
    elif code.tokens[name].text not in names:
        reason = f"the rule was not told of {code.tokens[name].text}: its uses would be left"
    elif "constexpr" not in words:
        reason = "it is no constant: a function cannot take the place of a variable"
    elif code.text_at(stop) != "=" or code.text_at(end) != ";":
        reason = "only `name = value;` can be made a function that returns the value"
    elif any(token.directive for token in code.tokens[first : end + 1]):
        reason = "preprocessor directives stand in its definition"
    elif any(
        source.data[code.tokens[left].end : code.tokens[left + 1].start].strip()
        for left in (name, end - 1)
    ):
        reason = "a comment stands where it would be lost"
    if reason:
        return Refusal(name, reason)
    constexpr = code.tokens[first + words.index("constexpr")]
    line = source.data[source.line_start(source.line_of(constexpr.start)) :]
    margin = line[: len(line) - len(line.lstrip(b" \t"))]
    value = source.data[code.tokens[stop].end : code.tokens[end - 1].end].lstrip()
    pieces = (
        b"" if "inline" in words else b"inline ",
        source.data[constexpr.start : code.tokens[name].end],
        b"() {"
        + source.newline
        + margin
        + b"  return "
        + value
        + b";"
        + source.newline
        + margin
        + b"}",
    )
    return Site(
        path=source.path,
        start=constexpr.start,
        end=code.tokens[end].end,
        replacement=b"".join(pieces),
        line=source.line_of(constexpr.start),
    )


def _used(source: Source, code: Code, index: int) -> Iterator[Site | Refusal]:
    """Make a call of one use; none where it is one."""
    first = index
    while code.text_at(first - 1) == "::" and code.text_at(first - 2).isidentifier():
        first -= 2
    before = code.text_at(first - 1)
    if code.text_at(index + 1) == "(":  # the function that it has become
        return
    closing = closing_angle(code, index + 1) if code.text_at(index + 1) == "<" else None
    if closing is None:
        if not (before == "using" and code.text_at(index + 1) == ";"):
            yield Refusal(index, "it is named here without its arguments")
        return
    behind = code.text_at(closing + 1)
    if behind == "(":
        return
    if behind in {"=", "{", "["}:
        yield Refusal(index, "it is specialized here, or used as more than a value")
    elif before == "&" and code.text_at(first - 2) in _NO_OPERAND:
        yield Refusal(index, "its address is taken here: what a function returns has none")
    elif before == "(" and code.text_at(first - 2) == "decltype":
        yield Refusal(index, "its type is asked for here: a function's value has no `const`")
    else:
        end = code.tokens[closing].end
        yield text_site(source, end, end, "()", line=source.line_of(code.tokens[index].start))
