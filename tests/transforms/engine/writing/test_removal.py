"""Removals: what stays compiles, and is what was there before without what went."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import source_of, spliced
from transforms.engine.syntax.source import all_blocks
from transforms.engine.writing.removal import decorators_removal, statements_removal

_SIMPLE = st.sampled_from(["a()", "b = '''\n1'''", "c(\n    1,\n)  # why", "import d", "return_()"])
_GAPS = st.sampled_from(["", "\n", "\n\n", "# said\n", "\n# said\n\n"])


@st.composite
def _blocks(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw a module or the body of a statement, flush left."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines.append(draw(_GAPS))
        kind = draw(st.integers(0, 3)) if depth else 0
        if kind < 2:
            lines.append(draw(_SIMPLE) + "\n")
        else:
            heads = ["if x:", "@d\n@e(1)\ndef f():", "class A:"]
            lines.append(draw(st.sampled_from(heads)) + "\n")
            lines.append(_deeper(draw(_blocks(depth=depth - 1))))
            if lines[-2].startswith("if") and draw(st.booleans()):
                lines.append("elif y:\n" + _deeper(draw(_blocks(depth=0))))
    return "".join(lines)


def _deeper(code: str) -> str:
    inside = False
    lines = []
    for line in code.splitlines(keepends=True):
        lines.append(line if inside or not line.strip() else f"    {line}")
        inside ^= line.count("'''") % 2 == 1
    return "".join(lines)


@given(code=_blocks(), data=st.data())
def test_the_rest_is_what_it_was(code: str, data: st.DataObject) -> None:
    source = source_of(code.encode())
    block = data.draw(st.sampled_from(list(all_blocks(source.module))))
    first = data.draw(st.integers(0, len(block) - 1))
    last = data.draw(st.integers(first, len(block) - 1))
    site = statements_removal(block, first, last, source)
    after = spliced(code.encode(), [site])
    # CPython says what the rest should be: the same block without these statements.
    emptied = len(block) == last - first + 1
    is_arm = source.data[source.span(block[0]).start :].startswith(b"elif")
    block[first : last + 1] = (
        [ast.Pass()] if emptied and block is not source.module.body and not is_arm else []
    )
    assert ast.dump(ast.parse(after)) == ast.dump(source.module)


@given(code=_blocks(), data=st.data())
def test_comments_outside_of_it_stay(code: str, data: st.DataObject) -> None:
    source = source_of(code.encode())
    block = data.draw(st.sampled_from(list(all_blocks(source.module))))
    at = data.draw(st.integers(0, len(block) - 1))
    site = statements_removal(block, at, at, source)
    gone = source.data[site.start : site.end]
    statement = source.text(source.statement_span(block[at]))
    wanted = code.count("# said") - statement.count("# said")
    assert spliced(code.encode(), [site]).count("# said") == wanted
    assert gone.decode().strip().startswith(statement.split("\n")[0])


def test_decorators_go_with_their_lines() -> None:
    code = b"x\r\n@a  # why\r\n@(b(\r\n  1))\r\n@c\r\ndef f(): pass\r\n"
    source = source_of(code)
    function = source.module.body[1]
    assert isinstance(function, ast.FunctionDef)
    site = decorators_removal(function.decorator_list[:2], source)
    assert spliced(code, [site]) == "x\r\n@c\r\ndef f(): pass\r\n"
