"""Fit the parts of a pattern on code, from one token on.

Metavariables are tried shortest first, and what has failed from a part and a token on is not tried
again from there, so that the work is bounded by the tokens in reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING, OPENING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.parts import Part

NO_MATCH = -1
_SEPARATORS = {",", ";"}
_ANGLES = {"<": 1, ">": -1}

Bindings = dict[str, tuple[int, int]]
"""For each metavariable its first token, and the one behind its last."""


class Matcher:
    """All fits of one pattern in one range of a file's tokens.

    Args:
        parts: the pattern.
        code: the file.
        last: the token behind the range.
    """

    def __init__(self, parts: Sequence[Part], code: Code, last: int) -> None:
        self._parts = parts
        self._code = code
        self._tokens = code.tokens
        self._last = last
        self._holds_directives = any(part.directive for part in parts)
        self._failed: set[tuple[object, ...]] = set()
        names = [part.name for part in parts]
        # The names that a part or one behind it has, and one before it too.
        self._repeated = [
            tuple(sorted({*names[:at]} & {*names[at:]} - {""})) for at in range(len(names) + 1)
        ]

    def fit(self, first: int) -> tuple[int, Bindings] | None:
        """Fit the pattern from a token on: give where it ends, and what it binds."""
        directive = self._tokens[first].directive
        if self._holds_directives and directive and not self._parts[0].directive:
            return None
        bindings: Bindings = {}
        end = self._rest(0, first, directive, bindings)
        return None if end == NO_MATCH else (end, bindings)

    def _rest(self, at: int, index: int, directive: int, bindings: Bindings) -> int:
        """Fit the parts from `at` on; give the end, or `NO_MATCH`."""
        for number, part in enumerate(self._parts[at:], start=at):
            if part.leaves or part.enters:
                directive = self._crossed(part, index, directive)
            if part.name and directive != NO_MATCH:
                return self._once(number, index, directive, bindings)
            token = self._tokens[index] if index < self._last else None
            if token is None or token.text != part.text or token.directive != directive:
                return NO_MATCH
            index += 1
        ends = not self._parts[-1].directive or self._ends(index, directive)
        return index if ends else NO_MATCH

    def _crossed(self, part: Part, index: int, directive: int) -> int:
        """Give the directive that a part is in, where the one before it is in another."""
        if part.leaves and not self._ends(index, directive):
            return NO_MATCH
        if not part.enters:
            return 0
        return self._tokens[index].directive if self._begins(index) else NO_MATCH

    def _once(self, at: int, index: int, directive: int, bindings: Bindings) -> int:
        """Fit a metavariable and all behind it, unless that has failed here before."""
        key = (at, index, directive, *map(bindings.get, self._repeated[at]))
        if key in self._failed:
            return NO_MATCH
        end = self._variable(at, index, directive, bindings)
        if end == NO_MATCH:
            self._failed.add(key)
        return end

    def _variable(self, at: int, index: int, directive: int, bindings: Bindings) -> int:
        part = self._parts[at]
        bound = bindings.get(part.name)
        if bound is not None:
            end = self._same(bound, index, directive)
            return end if end == NO_MATCH else self._rest(at + 1, end, directive, bindings)
        for end in self._extents(part, index, directive):
            bindings[part.name] = index, end
            found = self._rest(at + 1, end, directive, bindings)
            if found != NO_MATCH:
                return found
            if not at:
                # Nothing says where a pattern begins that would begin with more than one.
                break
        bindings.pop(part.name, None)
        return NO_MATCH

    def _extents(self, part: Part, index: int, directive: int) -> Iterator[int]:
        """Give the ends of the runs that a metavariable may bind, the shortest first."""
        depth = 0
        if part.many:
            yield index
        while index < self._last:
            text = self._tokens[index].text
            depth += _ANGLES.get(text, 0) if part.angled else 0
            ends = not part.many and text in _SEPARATORS and not (depth and text == ",")
            if ends or depth < 0:
                return
            index = self._behind(part, index, directive)
            if not 0 <= index <= self._last:
                return
            if not depth:
                yield index

    def _behind(self, part: Part, index: int, directive: int) -> int:
        """Give the index behind a token, a group or a directive that may be bound whole."""
        token = self._tokens[index]
        if token.directive != directive:
            whole = part.many and not directive
            return self._code.directive_spans[token.directive][1] if whole else NO_MATCH
        unpaired = token.text in OPENING and index not in self._code.partner
        if unpaired or token.text in CLOSING:
            return NO_MATCH
        return self._code.end_of_unit(index)

    def _same(self, bound: tuple[int, int], index: int, directive: int) -> int:
        """Give where the tokens that a name has bound end, if they stand here again."""
        first, last = bound
        end = index + last - first
        if end > self._last:
            return NO_MATCH
        before, here = self._tokens[first:last], self._tokens[index:end]
        if any(
            old.text != new.text or (new.directive != directive and not old.directive)
            for old, new in zip(before, here, strict=True)
        ):
            return NO_MATCH
        return end

    def _begins(self, index: int) -> bool:
        """Tell whether a token is the first one of a directive."""
        if index >= self._last:
            return False
        number = self._tokens[index].directive
        return number > 0 and self._code.directive_spans[number][0] == index

    def _ends(self, index: int, directive: int) -> bool:
        """Tell whether a directive ends before a token."""
        return self._code.directive_spans[directive][1] == index
