"""What holds of any CMake: formatting never matters, and nothing that is not changed is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.transforms.cmake_files import PATH
from tests.transforms.cmake_lists import ARGUMENTS, Call, lists, written
from tests.transforms.trees import NAME, MemoryTree, applied, outcome_on, patch
from transforms.edits import cmake
from transforms.engine.cmake.pattern import Pattern
from transforms.engine.cmake.reading import read
from transforms.engine.cmake.syntax import Argument, commands_of, keys
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

# Each example is a file in two formattings: fewer of them say as much.
SOME = settings(max_examples=40)


@SOME
@given(lists(), st.data())
def test_formatting_never_matters(items: Sequence[object], data: st.DataObject) -> None:
    plain, formatted = read(written(items).encode()), read(written(items, data).encode())
    assert keys(plain) == keys(formatted)


@SOME
@given(lists(), st.data())
def test_line_ends_never_matter(items: Sequence[object], data: st.DataObject) -> None:
    text = written(items, data)
    assert keys(read(text.encode())) == keys(read(text.replace("\n", "\r\n").encode()))


@SOME
@given(lists(), st.data())
def test_every_byte_is_a_name_an_argument_or_says_nothing(
    items: Sequence[object], data: st.DataObject
) -> None:
    text = written(items, data).encode()
    done = 0
    for command in commands_of(read(text)):
        assert not _says_something(text[done : command.start])
        name = text[command.start : command.opened].decode()
        assert name.rstrip("( ").lower() == command.name
        done = command.opened
        for item in command.arguments:
            assert isinstance(item, Argument)
            assert text[item.start : item.end].decode() == item.text
            assert not _says_something(text[done : item.start])
            done = item.end
        assert text[done : command.end].endswith(b")")
        # The grammar gives no arguments of `endforeach(x)`, where they mean nothing.
        assert command.name.startswith("end") or not _says_something(text[done : command.end - 1])
        done = command.end
    assert not _says_something(text[done:])


def _says_something(gap: bytes) -> bool:
    """Tell whether there is more than blanks and comments between two arguments or commands."""
    text = gap.strip()
    return bool(text) and not text.startswith(b"#")


@SOME
@given(lists(), st.data())
def test_a_pattern_made_of_commands_fits_them(items: Sequence[object], data: st.DataObject) -> None:
    assume(items)
    pattern = Pattern.parse(written(items))
    statements = read(written(items, data).encode())
    (first, *_) = pattern.matches(statements)
    assert first.statements == statements
    assert first.bindings == {}


@SOME
@given(lists(), st.data())
def test_other_arguments_do_not_fit(items: Sequence[object], data: st.DataObject) -> None:
    calls = [item for item in items if isinstance(item, Call) and item.arguments]
    assume(calls)
    call = data.draw(st.sampled_from(calls))
    other = Call(call.name, (*call.arguments[:-1], "other"))
    assert Pattern.parse(written([other])).matches(read(written(items, data).encode())) == []


@SOME
@given(lists(), st.data())
def test_metavariables_bind_what_stands_in_their_place(
    items: Sequence[object], data: st.DataObject
) -> None:
    calls = [item for item in items if isinstance(item, Call)]
    assume(calls)
    call = data.draw(st.sampled_from(calls))
    pattern = Pattern.parse(f"{call.name}($$all)")
    found = pattern.matches(read(written(items, data).encode()))
    wanted = keys(read(written([call]).encode()))
    assert any(
        keys(match.statements) == wanted and keys(match.bindings["all"]) == wanted[0][1]  # type: ignore[index]
        for match in found
    )


@SOME
@given(lists(), st.lists(st.sampled_from(ARGUMENTS), min_size=1, max_size=4), st.data())
def test_one_argument_becomes_another_and_nothing_else(
    items: Sequence[object], arguments: list[str], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(arguments) - 1))
    arguments[index] = "THE_ONLY_ONE"
    around = written(items, data)
    text = around + written([Call("list", tuple(arguments))], data) + around
    holes = [f"$x{each}" for each in range(len(arguments))]
    edit = cmake.Replace(
        path=PATH,
        find=f"list({_with(holes, index, 'THE_ONLY_ONE')})",
        replace=f"list({_with(holes, index, '[[new one]]')})",
    )
    there = applied(MemoryTree.of({PATH: text.encode()}), {NAME: patch(edit)})[PATH]
    assert there.decode() == text.replace("THE_ONLY_ONE", "[[new one]]")
    again = outcome_on(MemoryTree.of({PATH: there}), edit)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


def _with(holes: list[str], index: int, text: str) -> str:
    return " ".join([*holes[:index], text, *holes[index + 1 :]])


@SOME
@given(lists(), lists(), st.data(), st.sampled_from([cmake.InsertAfter, cmake.InsertBefore]))
def test_what_is_inserted_is_found_again_and_can_be_removed(
    items: Sequence[object], added: Sequence[object], data: st.DataObject, kind: type
) -> None:
    text = written(items, data) + "anchor(here)  # c\n" + written(items, data)
    code = written(added)
    edit = kind(path=PATH, anchor="anchor(here)", code="only(one)\n" + code)
    there = applied(MemoryTree.of({PATH: text.encode()}), {NAME: patch(edit)})[PATH]
    remove = cmake.Remove(path=PATH, find="only(one)\n" + code)
    back = applied(MemoryTree.of({PATH: there}), {NAME: patch(remove)})[PATH]
    assert back.decode() == text
