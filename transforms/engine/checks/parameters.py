"""What a function can be called with, and whether a call fits."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a function, as far as they decide which calls fit.

    Attributes:
        text: as the function has them.
        positional_only: their names, in order.
        positional: the names of those that can be given by place or by name, in order.
        keyword_only: their names.
        required: the names that have no default.
        takes_more: there is a `*args`.
        takes_keywords: there is a `**kwargs`.
    """

    text: str
    positional_only: tuple[str, ...]
    positional: tuple[str, ...]
    keyword_only: frozenset[str]
    required: frozenset[str]
    takes_more: bool
    takes_keywords: bool

    @classmethod
    def of(cls, arguments: ast.arguments) -> Parameters:
        """Read the parameters of a function."""
        by_place = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
        without = by_place[: len(by_place) - len(arguments.defaults)]
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        named = [item.arg for item, default in pairs if default is None]
        return cls(
            text=f"({ast.unparse(arguments)})",
            positional_only=tuple(item.arg for item in arguments.posonlyargs),
            positional=tuple(item.arg for item in arguments.args),
            keyword_only=frozenset(item.arg for item in arguments.kwonlyargs),
            required=frozenset([*without, *named]),
            takes_more=arguments.vararg is not None,
            takes_keywords=arguments.kwarg is not None,
        )

    def without_first(self) -> Parameters:
        """Leave out `self` or `cls`, which the caller does not give."""
        if self.positional_only:
            first, rest = self.positional_only[0], self.positional_only[1:]
            return replace(self, positional_only=rest, required=self.required - {first})
        if self.positional:
            first, rest = self.positional[0], self.positional[1:]
            return replace(self, positional=rest, required=self.required - {first})
        return self

    def same_calls(self, other: Parameters) -> bool:
        """Tell whether just the same calls fit both."""
        return replace(self, text="") == replace(other, text="")

    def fits(self, call: ast.Call) -> bool | None:
        """Tell whether a call fits; None where only running it could tell."""
        if any(isinstance(item, ast.Starred) for item in call.args):
            return None
        names = [keyword.arg for keyword in call.keywords]
        if None in names:
            return None
        by_place = (*self.positional_only, *self.positional)
        given = by_place[: len(call.args)]
        if len(call.args) > len(by_place) and not self.takes_more:
            return False
        known = {*self.positional, *self.keyword_only}
        for name in names:
            if name in given and name in known:
                return False
            if name not in known and not self.takes_keywords:
                return False
        return self.required <= {*given, *(name for name in names if name in known)}
