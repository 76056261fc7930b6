"""The table has one row for everything that a plugin does, and its counts are those of its rows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import MemoryTree
from transforms.importers.monkeypatch.compiler import compile_plugin
from transforms.importers.monkeypatch.mutation import Form, Place
from transforms.importers.monkeypatch.plugin import Plugin
from transforms.importers.monkeypatch.reading import read
from transforms.importers.monkeypatch.table import Row, counts
from transforms.importers.monkeypatch.table_text import table_lines, verdict_line
from transforms.importers.monkeypatch.translation.result import Became

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.compiler import Imported

RELEASE = "0.33.0"
VLLM = {
    "vllm/__init__.py": "",
    "vllm/ops.py": """
        def compute(x):
            return x + 1

        class Engine:
            kind = "stock"

            def run(self, x):
                return compute(x)
        """,
    "vllm/user.py": "from vllm.ops import compute\n",
}
PLUGIN = {
    "plug/__init__.py": "",
    "plug/patch/__init__.py": """
        # ** File: a/patch_b.py **
        #   1. `vllm.ops.compute`
        #    Why: It is off by one
        #    Related PR: https://example.org/pull/1
        #    Future Plan: Drop it then
        #   2. `vllm.ops.Engine.run`
        #    Why: It is too
        #         slow.
        #    Related PR: none
        #    Future Plan: Drop it then
        """,
    "plug/patch/a/__init__.py": "from plug.patch.a import patch_b, patch_c\n",
    "plug/patch/a/patch_b.py": """
        '''Compute: right, and quickly.'''
        import torch
        from vllm import ops, user

        def compute(x):
            return x + 2

        def run(self, x):
            return x

        ops.compute = compute
        user.compute = compute
        ops.Engine.run = run
        torch.cuda.Stream = run
        """,
    "plug/patch/a/patch_c.py": """
        '''One kind.

        And more that is said of it.
        '''
        from vllm import ops

        ops.Engine.kind = "plug"
        """,
}


@pytest.fixture(scope="module")
def imported() -> Imported:
    return imported_from(PLUGIN)


def imported_from(files: dict[str, str]) -> Imported:
    tree = MemoryTree.of(VLLM)
    plugin = Plugin(package="plug", tree=MemoryTree.of(files), roots=("plug.patch.a",))
    reading = read(plugin, tree, RELEASE)
    return compile_plugin(plugin, reading, tree, RELEASE, oldest=(3, 10))


def test_every_change_is_one_row(imported: Imported) -> None:
    assert [(row.spelled, row.target, row.outcome, row.patch) for row in imported.rows] == [
        ("ops.compute", "vllm.ops:compute", "compiled", "b"),
        ("user.compute", "vllm.user:compute", "needs nothing", ""),
        ("ops.Engine.run", "vllm.ops:Engine.run", "compiled", "b"),
        ("torch.cuda.Stream", "torch.cuda.Stream", "cannot", ""),
        ("ops.Engine.kind", "vllm.ops:Engine.kind", "compiled", "c"),
    ]


def test_a_row_has_what_is_said_and_who_imports_it(imported: Imported) -> None:
    compute, _, run, stream, kind = imported.rows
    assert (compute.why, run.why) == ("It is off by one", "It is too slow.")
    assert (stream.why, kind.why) == ("", "")
    assert compute.consumers == ("vllm.user",)
    assert stream.what == "torch.cuda.Stream is not vLLM's"


def test_a_patch_says_what_is_said_of_each_of_its_changes(imported: Imported) -> None:
    made: dict[str, Any] = {}
    exec(imported.modules["b"], made)  # noqa: S102 - as the loader does
    patch = made["PATCH"]
    assert made["__doc__"] == "Compute: right, and quickly."
    assert (patch.why, patch.upstream, patch.drop_when, patch.versions) == (
        "It is off by one. It is too slow.",
        "https://example.org/pull/1; none.",
        "Drop it then",
        "==0.33.0",
    )
    # Of a module that no entry is about, the docstring is the reason.
    empty = imported.modules["c"]
    assert empty.startswith('"""One kind."""\n')
    assert 'why="One kind. And more that is said of it.",' in empty
    with pytest.raises(ValueError, match="fill in 'upstream', 'drop_when'"):
        exec(empty, {})  # noqa: S102 - as the loader does
    assert imported.missing == {"b": (), "c": ("upstream", "drop_when")}


def rows_of(pairs: list[tuple[Form, Became]]) -> list[Row]:
    return [
        Row(
            place=Place(f"p/{number % 3}.py", 1000 - number),
            target=f"vllm.m:t{number}",
            spelled="t",
            form=form.value,
            outcome=became.value,
            what=f"what {number}",
            patch="one" if became is Became.COMPILED else "",
            warnings=(f"warned {number}",) if number % 2 else (),
        )
        for number, (form, became) in enumerate(pairs)
    ]


PAIRS = st.lists(st.tuples(st.sampled_from(Form), st.sampled_from(Became)), min_size=1, max_size=9)


@given(PAIRS)
def test_counts_add_up(pairs: list[tuple[Form, Became]]) -> None:
    found = counts(rows_of(pairs))
    assert sum(found.outcomes.values()) == len(pairs)
    assert found.outcomes == {item.value: [b for _, b in pairs].count(item) for item in Became}
    assert list(found.forms) == [form.value for form in Form if form in {a for a, _ in pairs}]
    for name, number in found.outcomes.items():
        assert sum(each[name] for each in found.forms.values()) == number


@given(PAIRS)
def test_the_text_has_every_row_below_its_file_in_columns(pairs: list[tuple[Form, Became]]) -> None:
    rows = rows_of(pairs)
    lines = list(table_lines(rows))
    file = ""
    there = []
    columns = set()
    for line in lines:
        file = line if line.startswith("p/") else file
        head = re.match(r" +(\d+)  ([a-z ]+?)  +([a-z' -]+?)  +(vllm\.m:t\d+)$", line)
        if head:
            there.append((file, int(head[1]), head[2], head[3], head[4]))
            columns.add((head.end(1), head.start(2), head.start(3), head.start(4)))
    expected = [(row.place.file, row.place.line, row.outcome, row.form, row.target) for row in rows]
    assert Counter(there) == Counter(expected)
    assert len(columns) == 1
    assert [line for line in there if line[0] == "p/0.py"] == sorted(
        line for line in expected if line[0] == "p/0.py"
    )
    assert sum("warning: warned" in line for line in lines) == len(rows) // 2
    assert lines.count("p/0.py") == 1


def test_hooks_count_below_what_they_are() -> None:
    first, second = rows_of([(Form.OTHER, Became.CANNOT), (Form.HOOK, Became.COMPILED)])
    inner = replace(second, form="import hook: constant")
    assert list(counts([first, inner, second]).forms) == [
        "import hook",
        "import hook: constant",
        "other",
    ]


def test_the_last_tables_are_aligned() -> None:
    rows = rows_of([(Form.WRAP, Became.COMPILED)] * 12 + [(Form.HOOK, Became.CANNOT)])
    lines = list(table_lines(rows))
    assert "\n".join(lines[-10:]) == dedent("""\
        form               compiled  needs nothing  needs a hint  cannot  all
        wrap the original        12              0             0       0   12
        import hook               0              0             0       1    1

        outcome        all
        compiled        12
        needs nothing    0
        needs a hint     0
        cannot           1
        all             13""")


def test_the_verdict_says_what_is_left() -> None:
    compiled, cannot = (Form.WRAP, Became.COMPILED), (Form.WRAP, Became.CANNOT)
    assert verdict_line("plug", RELEASE, rows_of([compiled])) == (
        "imported plug for 0.33.0: 1 change: compiled 1 (1 patch), needs nothing 0, "
        "needs a hint 0, cannot 0"
    )
    hint = (Form.WRAP, Became.HINT)
    assert verdict_line("plug", RELEASE, rows_of([hint, cannot])) == (
        "imported plug for 0.33.0: 2 changes: compiled 0, needs nothing 0, "
        "needs a hint 1, cannot 1; 2 are left to do by hand"
    )


def test_files_of_which_nothing_is_said_are_named(imported: Imported) -> None:
    assert imported.undocumented == ("plug/patch/a/patch_c.py",)
    assert imported.lost == ()


def test_what_needs_a_file_that_does_not_parse_is_a_row_too() -> None:
    helped = """
        from vllm import ops
        from plug.patch.a.patch_c import helper

        def compute(x):
            return helper(x)

        ops.compute = compute
        """
    broken = {"plug/patch/a/patch_b.py": helped, "plug/patch/a/patch_c.py": "def helper(:\n"}
    done = imported_from({**PLUGIN, **broken})
    found = {row.spelled: (row.outcome, row.place.line, row.what) for row in done.rows}
    assert set(found) == {"ops.compute", "plug.patch.a.patch_c"}
    assert found["plug.patch.a.patch_c"][:2] == ("cannot", 1)
    assert "does not parse" in found["plug.patch.a.patch_c"][2]
    # Python would raise there, so that nothing behind it is ever patched.
    assert found["ops.compute"][0] == "needs nothing"
    assert "plug.patch.a.patch_c does not parse" in found["ops.compute"][2]
    assert done.modules == {}
