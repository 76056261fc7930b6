"""What became of one scope between two releases: the same, changed, moved, renamed or gone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from build_hooks.drift.compared import Compared, Files, compared

OLD = '''\
    import os


    class Engine:
        @property
        def size(self) -> int:
            """How many."""
            total = 0
            for part in self.parts:
                total += part.size * part.count
            return max(total, self.least)


    def close(engine):
        engine.close()
'''


def files(**texts: str) -> Files:
    return Files({f"pkg/{name}.py": dedent(text).encode() for name, text in texts.items()})


def change(inside: str, after: Files, before: str = OLD) -> Compared:
    return compared(inside, "1.0", files(engine=before), "2.0", after)


def test_the_same_code_says_so() -> None:
    found = change("pkg.engine.Engine.size", files(engine="\n\n" + dedent(OLD)))
    assert found == Compared(notes=("pkg.engine.Engine.size is as it was on 1.0",))


def test_changed_code_gives_its_own_lines_only_and_its_decorators() -> None:
    new = OLD.replace("@property", "@cached_property").replace("engine.close()", "engine.stop()")
    found = change("pkg.engine.Engine.size", files(engine=new))
    assert found.notes == ()
    lines = found.diff.splitlines()
    assert lines[:3] == [
        "--- 1.0 pkg/engine.py from line 5",
        "+++ 2.0 pkg/engine.py from line 5",
        "@@ -1,4 +1,4 @@",
    ]
    assert "-    @property" in lines
    assert "+    @cached_property" in lines
    assert "stop" not in found.diff


def test_another_docstring_is_told_from_other_code() -> None:
    found = change("pkg.engine.Engine.size", files(engine=OLD.replace("How many", "The size")))
    assert found.notes == (
        "pkg.engine.Engine.size differs from 1.0 in comments, layout or docstring only",
    )
    assert "+    " in found.diff


def test_code_that_was_renamed_is_found_by_its_body() -> None:
    found = change("pkg.engine.Engine.size", files(engine=OLD.replace("def size", "def extent")))
    (note,) = found.notes
    assert "renamed, with the same body: pkg.engine.Engine.extent" in note
    assert found.diff == ""


def test_code_that_moved_and_changed_is_compared_under_its_name() -> None:
    new = OLD.replace("part.size *", "part.length *")
    found = change("pkg.engine.Engine.size", files(core=new))
    assert found.notes == (
        "pkg.engine.Engine.size is now pkg.core.Engine.size (line 6), with other code",
    )
    assert "+            total += part.length * part.count" in found.diff


def test_code_that_is_gone_says_what_is_missing() -> None:
    found = change("pkg.engine.Engine.size", files(engine="class Engine: pass\n"))
    assert found == Compared(notes=("pkg.engine.Engine.size on 2.0: no 'size' in Engine",))


def test_a_file_that_does_not_parse_is_said_and_not_raised() -> None:
    (note,) = change("pkg.engine.close", files(engine="def close(:\n")).notes
    assert note.startswith("pkg.engine.close on 2.0: does not parse")


def test_a_whole_module_is_compared_and_cut_where_it_is_long() -> None:
    assert (
        "-import os" in change("pkg.engine", files(engine=OLD.replace("import os", "x = 1"))).diff
    )
    long = "".join(f"x{number} = 0\n" for number in range(1000))
    found = change("pkg.engine", files(engine=long.replace("0\n", "1\n")), long)
    assert found.diff.splitlines()[-1] == "... and 1603 more lines"
    assert found.lines == 1000


SIGNATURES = {
    "size: int) -> int": "the same",
    "size: float) -> int": "differs in types or values of defaults",
    "size: int) -> float": "differs in types or values of defaults",
    "size: int, more=None) -> int": "differs: with more",
    "length: int) -> int": "differs: with length, without size",
    "size: int = 1) -> int": "differs: order, kind or defaults of parameters",
    "size: int, /) -> int": "differs: order, kind or defaults of parameters",
}


@pytest.mark.parametrize("header", SIGNATURES)
def test_a_changed_function_says_whether_it_takes_what_it_took(header: str) -> None:
    before = "def grow(size: int) -> int:\n    return 1\n"
    after = f"def grow({header}:\n    return 2\n"
    found = change("pkg.engine.grow", files(engine=after), before)
    assert found.signature == SIGNATURES[header]
    assert found.lines == (1 if header == "size: int) -> int" else 2)


def test_a_class_has_no_signature_and_its_lines_are_counted_once() -> None:
    after = OLD.replace("total = 0\n", "total = 1\n            more = 2\n")
    found = change("pkg.engine.Engine", files(engine=after))
    assert (found.lines, found.signature) == (2, "")
    assert change("pkg.engine.close", files(engine=after)).lines == 0
