"""Any CMake, in any formatting: what the property tests of the CMake engine are fed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("set", "list", "message", "Find_Package", "target_link_libraries", "_own")
# As they are written; no two of them stand for the same argument.
ARGUMENTS = (
    *("a", "b.cu", "A;B", "a\\ b", "\\$x", '\\"', "-O3", "/FI", "NOT", "a$b", "\\(", "@A@"),
    *("${X}", "${${X}_Y}", "$ENV{HOME}", "$CACHE{X}", "$<CONFIG:Debug>", "$<$<A:B>:c>", "-DX=${Y}"),
    *(
        '""',
        '"a"',
        '"a b"',
        '"a\nb"',
        '"a # b"',
        '"(a"',
        '"\\"q\\""',
        '"$x"',
        '"${X};"',
        '"a\\\nb"',
    ),
    *("[[a]]", "[[a\n$x]]", "[=[a]]b]=]", '[==["]==]', '-Da="b c"', 'x"y"z'),
)
_SPACES = (" ", "  ", "\t", "\n", "\n    ", " # why\n", "\n# a (b\n  ", " #[[ b\nc ]] ")
_ENDS = ("\n", "\n\n", "  # c\n", "\n# if(\n", " #[[c]]\n", "\n#[==[ endif() ]]\n]==]\n")


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its name and arguments; a tuple among them is a group in parentheses."""

    name: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A block: its headers with what stands below each, and the name of what closes it."""

    branches: tuple[tuple[Call, tuple[object, ...]], ...]
    closing: str


def arguments(least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    """Give lists of arguments, of which at least so many stand in no group."""
    one = st.sampled_from(ARGUMENTS)
    group = st.lists(one, max_size=2).map(tuple)
    first = st.lists(one, min_size=least, max_size=least)
    more = st.lists(one | group, max_size=3)
    return st.tuples(first, more).map(lambda parts: (*parts[0], *parts[1]))


def calls(names: Sequence[str] = NAMES, least: int = 0) -> st.SearchStrategy[Call]:
    """Give commands with at least so many arguments."""
    return st.builds(Call, st.sampled_from(names), arguments(least))


def lists() -> st.SearchStrategy[tuple[object, ...]]:
    """Give lists of commands and blocks."""
    return st.recursive(
        st.lists(calls(), max_size=3).map(tuple),
        lambda bodies: st.lists(calls() | _blocks(bodies), max_size=3).map(tuple),
        max_leaves=5,
    )


def _blocks(bodies: st.SearchStrategy[tuple[object, ...]]) -> st.SearchStrategy[Body]:
    def branch(name: str) -> st.SearchStrategy[tuple[Call, tuple[object, ...]]]:
        return st.tuples(calls([name], least=1), bodies)

    def plain(name: str) -> st.SearchStrategy[Body]:
        return branch(name).map(lambda one: Body((one,), f"end{name}"))

    otherwise = st.tuples(st.just(Call("else", ())), bodies)
    conditions = st.tuples(
        branch("if"), st.lists(branch("elseif"), max_size=2), st.lists(otherwise, max_size=1)
    ).map(lambda parts: Body((parts[0], *parts[1], *parts[2]), "endif"))
    return conditions | st.sampled_from(["foreach", "while", "function", "macro"]).flatmap(plain)


def written(items: Sequence[object], data: st.DataObject | None = None) -> str:
    """Write commands: plainly, or in a formatting that is drawn."""
    return "".join(_item(item, data, 0) for item in items)


def _item(item: object, data: st.DataObject | None, depth: int) -> str:
    if isinstance(item, Call):
        return _call(item, data, depth)
    assert isinstance(item, Body)
    text = ""
    for header, body in item.branches:
        text += _call(header, data, depth) + "".join(_item(each, data, depth + 1) for each in body)
    # The grammar reads no comments and no strings in `endwhile()`: nobody writes any.
    said = data.draw(st.sampled_from(["", "X"])) if data else ""
    name = (
        data.draw(st.sampled_from([item.closing, item.closing.upper()])) if data else item.closing
    )
    end = data.draw(st.sampled_from(_ENDS)) if data else "\n"
    return f"{text}{'  ' * depth}{name}({said}){end}"


def _call(call: Call, data: st.DataObject | None, depth: int) -> str:
    if data is None:
        return "  " * depth + f"{call.name}({_plain(call.arguments)})\n"
    name = data.draw(st.sampled_from([call.name, call.name.upper(), call.name.title()]))
    before = data.draw(st.sampled_from(["", "  ", "\t", "\n"]))
    gap = data.draw(st.sampled_from(["", " "]))
    end = data.draw(st.sampled_from(_ENDS))
    return f"{before}{name}{gap}({_formatted(call.arguments, data)}){end}"


def _plain(items: tuple[object, ...]) -> str:
    return " ".join(f"({_plain(item)})" if isinstance(item, tuple) else str(item) for item in items)


def _formatted(items: tuple[object, ...], data: st.DataObject) -> str:
    text = data.draw(st.sampled_from(["", *_SPACES]))
    for item in items:
        text += f"({_formatted(item, data)})" if isinstance(item, tuple) else str(item)
        text += data.draw(st.sampled_from(_SPACES))
    return text
