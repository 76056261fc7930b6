"""What one call does: the events in order, and the decisions that stand for what is not known.

A decision depends on the seed, on what is asked and how often it has been asked, and on nothing
else: two functions that ask the same questions in the same order get the same answers.
"""

from __future__ import annotations

import hashlib
from collections import Counter

_SHOWN = 160
_MOST_EVENTS = 1500


class Enough(BaseException):
    """The call goes on for ever, or nearly."""


class Trace:
    """One call.

    Attributes:
        events: what was done, as text.
    """

    def __init__(self, seed: int) -> None:
        """Begin with no events.

        Args:
            seed: what else the decisions depend on.
        """
        self.events: list[str] = []
        self._seed = seed
        self._asked: Counter[str] = Counter()

    def note(self, event: str) -> None:
        """Add an event."""
        if len(self.events) >= _MOST_EVENTS:
            raise Enough
        self.events.append(event)

    def decide(self, question: str, of: int) -> int:
        """Give a number below `of`."""
        self._asked[question] += 1
        if self._asked[question] > _MOST_EVENTS:
            raise Enough
        return self.draw(f"{question}|{self._asked[question]}", of)

    def is_true(self, question: str, *, asserted: bool = False) -> bool:
        """Decide on a truth: half of the seeds mostly give one answer; asserts mostly hold."""
        rare = self.decide(question, 16) == 0
        if asserted:
            return not rare
        if self._seed % 4 == 0:
            return rare
        return not rare if self._seed % 4 == 1 else self.decide(question, 2) == 1

    def is_none(self, label: str) -> bool:
        """Decide whether there is nothing: for half of the seeds there never is."""
        return self._seed % 4 > 1 and self.draw(f"none|{label}", 16) == 0

    def draw_count(self, what: str) -> int:
        """Tell how often this has been asked before."""
        self._asked[f"count {what}"] += 1
        return self._asked[f"count {what}"]

    def draw(self, question: str, of: int) -> int:
        """Give a number below `of`, the same whenever it is asked."""
        text = f"{self._seed}|{question}"
        digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8)
        return int.from_bytes(digest.digest(), "big") % of


def shortened(text: str) -> str:
    """Give a text of bounded length that tells it from others."""
    if len(text) <= _SHOWN:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=6)
    return f"{text[:60]}…{text[-40:]}#{digest.hexdigest()}"
