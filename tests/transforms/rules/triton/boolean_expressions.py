"""Boolean expressions as people write them, and what Python makes of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.transforms.rules.triton.conftest import HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping

_BETWEEN = st.sampled_from([" ", "  ", "\n  ", " # (and\n ", "\n# or)\n", " \\\n "])
_NAMES = st.sampled_from("abcde")


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    chains = st.tuples(
        st.lists(parts, min_size=2, max_size=5), st.sampled_from(["and", "or"]), _BETWEEN, _BETWEEN
    )
    return chains.map(lambda drawn: f"{drawn[2]}{drawn[1]}{drawn[3]}".join(drawn[0]))


def _operations(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _joined(parts),
        parts.map("({})".format),
        parts.map("( # (\n{})".format),
        parts.map("not {}".format),
        parts.map("same({})".format),
    )


EXPRESSIONS = st.recursive(_NAMES, _operations, max_leaves=12)
"""Expressions of the names `a` to `e`; they are to stand in parentheses."""


def kernel_with(expression: str, parameters: str = "a, b, c, d, e, same") -> str:
    """Give a file with a kernel that gives one expression back."""
    return f"{HEAD}@triton.jit\ndef kernel({parameters}):\n    return (\n{expression}\n)\n"


@dataclass(frozen=True)
class Truth:
    """A value that notes when Python asks for its truth.

    Attributes:
        name: how the notes call it.
        value: its truth.
        asked: the notes.
    """

    name: str
    value: bool
    asked: list[str]

    def __bool__(self) -> bool:
        """Note the question, and answer it."""
        self.asked.append(self.name)
        return self.value

    @classmethod
    def evaluated(cls, file: str, truths: Mapping[str, bool]) -> tuple[bool, list[str]]:
        """Evaluate the expression of `kernel_with`.

        Returns:
            Its truth, and the names in the order in which their truth was first asked for.
        """
        returned = ast.parse(file).body[-1].body[-1].value  # type: ignore[attr-defined]
        asked: list[str] = []
        names: dict[str, object] = {name: cls(name, value, asked) for name, value in truths.items()}
        code = compile(ast.Expression(returned), "expression", "eval")
        result = eval(code, {**names, "same": lambda value: value})  # noqa: S307 - Python is the oracle
        # What a constexpr decided may be asked again, or be a plain bool by then.
        truth = result.value if isinstance(result, cls) else bool(result)
        return truth, list(dict.fromkeys(asked))
