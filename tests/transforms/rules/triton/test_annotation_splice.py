"""Random layouts of annotated code: the splice against CPython's own parser and tokenizer."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.engine.apply import splice
from transforms.engine.syntax.source import Source
from transforms.rules.triton.annassign import RULE

EXAMPLES = 120
COMMENT = st.sampled_from(["# one", "#: x = (", "#", "# ) ' \"", "# ü: int = 3"])
NAMES = st.sampled_from(["x", "größe", "p.q", "p[0]", "p[x, 'a:b=c#d']", "p(y=1).z"])
ANNOTATIONS = st.sampled_from(
    [
        *("int", "tl.int32", "'quo#ted: ='", "tl.pointer_type(tl.uint8)", "dict[str, 'x = 3']"),
        *("lambda: 3", "int | None", "f'{p}:='", "(int, int)", "tl.constexpr", "not int", "'ü'"),
    ]
)
VALUES = st.sampled_from(
    [
        *("3", "a == b", "'x: int = 3 # no'", "p(a=1, b=2)", "(1, 2)", "[a for a in b]"),
        *(
            "(y := 3)",
            "lambda a=1: a",
            "1 if a else 2",
            "f'{a=}'",
            "'''\n: int = 4  # no\n'''",
            "not a",
            "'ü'",
        ),
    ]
)


@st.composite
def gaps(draw: st.DrawFn, *, enclosed: bool) -> str:
    """Draw what may stand between two tokens; in parentheses also comments and line ends."""
    blanks = st.sampled_from(["", " ", "  ", "\t", " \\\n  "])
    if not enclosed:
        return draw(blanks)
    lines = st.builds(lambda pad, text: f"{pad}{text}\n", st.sampled_from(["", "  "]), COMMENT)
    return draw(st.one_of(blanks, lines, st.sampled_from(["\n", "\n    ", " \n\t"])))


@st.composite
def wrapped(draw: st.DrawFn, inner: str) -> str:
    """Draw an expression with up to two pairs of parentheses around it."""
    for _ in range(draw(st.integers(0, 2))):
        before, after = draw(gaps(enclosed=True)), draw(gaps(enclosed=True))
        inner = f"({before}{inner}{after})"
    return inner


@st.composite
def annotated(draw: st.DrawFn) -> str:
    """Draw an annotated assignment, or a bare annotation, in any layout."""
    target = draw(wrapped(draw(NAMES)))
    annotation = draw(wrapped(draw(ANNOTATIONS)))
    around = [draw(gaps(enclosed=False)) for _ in range(4)]
    text = f"{target}{around[0]}:{around[1]}{annotation}"
    # Without a blank, a name would run into the value; what is bare must not be constexpr.
    if "constexpr" in annotation or draw(st.booleans()):
        text += f"{around[2]} ={around[3]} {draw(wrapped(draw(VALUES)))}"
    return text


@st.composite
def lines(draw: st.DrawFn, *, indent: str = "    ") -> str:
    """Draw one logical line: statements, a block on one line, and a comment behind."""
    plain = st.sampled_from(["a = 1", "b(x)", "a: tl.constexpr = 2", "'''\n: y'''", "pass"])
    statements = draw(st.lists(st.one_of(annotated(), plain), min_size=1, max_size=3))
    text = "; ".join(statements) + draw(st.sampled_from(["", ";", " ;"]))
    head = draw(st.sampled_from(["", "", "", "if a: ", "while b: "]))
    end = draw(st.sampled_from(["", "  # end", "\n\n", f"\n{indent}# own line"]))
    return f"{indent}{head}{text}{end}\n"


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Draw a module with a kernel and a host function around other code."""
    body = "".join(draw(st.lists(lines(), min_size=1, max_size=4)))
    block = "".join(draw(st.lists(lines(indent="        "), max_size=3)))
    text = "import triton\nimport triton.language as tl\n\nfirst: int = 3\n\n"
    text += f"@triton.jit\ndef kernel(p):\n{body}"
    if block:
        text += f"    for i in p:\n{block}"
    text += "\ndef host(p):\n    x: int = 3\n    y: int\n"
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return text.replace("\n", newline)


@st.composite
def signatures(draw: st.DrawFn) -> str:
    """Draw a device helper whose parameters are laid out in any way."""
    text = "import triton\nimport triton.language as tl\n\n@triton.jit\ndef helper(a"
    for number in range(draw(st.integers(1, 3))):
        annotation, value = draw(wrapped(draw(ANNOTATIONS))), draw(wrapped(draw(VALUES)))
        around = [draw(gaps(enclosed=True)) for _ in range(5)]
        text += f",{around[0]}x{number}{around[1]}:{around[2]}{annotation}{around[3]}={around[4]}"
        text += value
    return f"{text}):\n    return a\n"


class Lowering(ast.NodeTransformer):
    """What the rule should make of a module, said with `ast`."""

    def __init__(self) -> None:
        self.inside = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Lower the functions with a decorator."""
        if node.decorator_list:
            self.inside = True
            node.body = self.lowered(node.body)
            self.inside = False
            parameters = node.args.args
            for parameter in parameters:
                if parameter.annotation and "constexpr" not in ast.dump(parameter.annotation):
                    parameter.annotation = None
        return node

    def lowered(self, block: list[ast.stmt]) -> list[ast.stmt]:
        """Lower a block; an empty one gets a `pass`."""
        found = [self.visit(statement) for statement in block]
        return [each for each in found if each is not None] or [ast.Pass()]

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Lower the blocks of a statement."""
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if self.inside and isinstance(block, list) and block:
                setattr(node, name, self.lowered(block))
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        """Lower one annotated assignment."""
        if not self.inside or ast.unparse(node.annotation) == "tl.constexpr":
            return node
        return ast.Assign([node.target], node.value, lineno=0) if node.value else None


def comments(code: str) -> Counter[str]:
    reader = io.StringIO(code.replace("\r\n", "\n")).readline
    return Counter(
        token.string.rstrip("\r")
        for token in tokenize.generate_tokens(reader)
        if token.type == tokenize.COMMENT
    )


def check(code: str) -> None:
    wanted = Lowering()
    tree = ast.parse(code)
    tree.body = [wanted.visit(statement) for statement in tree.body]
    data = code.encode()
    found = RULE.match(Source("vllm/kernels.py", data))
    assert found.problem is None
    after = splice(data, sorted(found.sites, key=lambda site: (site.start, site.end))).decode()
    assert ast.unparse(ast.parse(after)) == ast.unparse(tree), after
    assert comments(after) == comments(code), after
    again = RULE.match(Source("vllm/kernels.py", after.encode()))
    assert (again.sites, again.problem) == ((), None)


@settings(max_examples=EXAMPLES, deadline=None)
@given(modules())
def test_any_layout_becomes_what_ast_says_and_keeps_its_comments(code: str) -> None:
    check(code)


@settings(max_examples=EXAMPLES, deadline=None)
@given(signatures())
def test_any_signature_becomes_what_ast_says_and_keeps_its_comments(code: str) -> None:
    check(code)
