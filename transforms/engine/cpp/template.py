"""What a patch writes: code in which `$x` and `$$x` stand for what a pattern has bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.cpp.parts import code_of_pattern, kinds_of_names, metavariable, parts_of
from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.cpp.tokens import HASHES, INSIGNIFICANT, Kind
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.matcher import Bindings
    from transforms.engine.cpp.parts import Part


@dataclass(frozen=True, slots=True)
class CppTemplate:
    """Code with metavariables that are bound.

    Attributes:
        text: as its author wrote it.
        code: its tokens.
        parts: the significant ones, with what each stands for.
    """

    text: str
    code: Code = field(repr=False, compare=False)
    parts: tuple[Part, ...] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, names: Mapping[str, bool]) -> CppTemplate:
        """Read a template.

        Args:
            text: the code.
            names: the pattern's metavariables: whether each is a `$$x`.

        Raises:
            PatternError: a bracket belongs to no other one, or a metavariable is unbound.
        """
        code = code_of_pattern(text)
        parts = parts_of(code)
        for name, many in kinds_of_names(parts, text).items():
            written = f"{'$$' if many else '$'}{name}"
            if name not in names:
                known = ", ".join(f"{'$$' if names[each] else '$'}{each}" for each in sorted(names))
                raise PatternError(f"{written} in {text!r} is not bound; bound are: {known or '-'}")
            if names[name] != many:
                raise PatternError(
                    f"{written} in {text!r} is bound as {'$' if many else '$$'}{name}"
                )
        return cls(text, code, parts)

    def pattern(self) -> CppPattern | None:
        """Give the pattern of what is written; None where nothing in it could be looked for."""
        if all(part.name for part in self.parts):
            return None
        return CppPattern.loose(self.text)

    def write(
        self, source: Code, bindings: Bindings, margin: str, start: int = 0, end: int | None = None
    ) -> str:
        """Give the text, with all that was bound as it stands in the source.

        Args:
            source: the file that the bindings are of.
            bindings: what the pattern has bound.
            margin: the white space that lines get, but for the first one, empty ones, directives,
                and those inside of a raw string.
            start: the offset in the template's own bytes to begin with.
            end: the offset to end with; None for the end.
        """
        end = len(self.code.data) if end is None else end
        pieces: list[str] = []
        tokens = [token for token in self.code.all if start <= token.start and token.end <= end]
        for index, token in enumerate(tokens):
            name, _ = metavariable(token.text)
            if name and token.kind is Kind.IDENTIFIER:
                pieces.append(source.text(*bindings[name]))
            elif token.kind is Kind.NEWLINE:
                line = [each for each in tokens[index + 1 :] if each.kind is not Kind.SPACE][:1]
                bare = not line or line[0].kind is Kind.NEWLINE or line[0].text in HASHES
                # At the end, what comes next has its margin still.
                pieces.append(token.text + ("" if bare and line else margin))
            elif token.kind is Kind.COMMENT:
                pieces.append(token.text.replace("\n", f"\n{margin}"))
            elif token.kind in INSIGNIFICANT:
                pieces.append(token.text)
            else:
                pieces.append(self.code.data[token.start : token.end].decode("latin-1"))
        return "".join(pieces)
