"""What a patch says of itself: that it says something, and what its end can be told by.

"Once a patch is added, it's required to describe the future plan for removing the patch" is a rule
that people keep for as long as somebody reads what they wrote. A word that fills the field and says
nothing is refused here; whether a plan names something that can be looked up is told apart.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ADVICE = {
    "why": (
        "say what a user sees without the patch, e.g. "
        "'startup fails with \"Not support device type\"'"
    ),
    "upstream": (
        "give a link to the change upstream, or why there is none, e.g. "
        "'none: nobody has asked for it'"
    ),
    "drop_when": (
        "give a condition that somebody, or the tool, can check, e.g. "
        "'init_device asks the platform' or 'no release before 0.27 is built'"
    ),
}
"""By field: what a good text says."""
UNSAID = "not said by "
"""How a text begins that stands for one which a plugin does not have; behind it, where."""

# As they are left when all but letters and digits are taken away.
_PLACEHOLDERS = frozenset(
    {
        "",
        "as soon as possible",
        "eventually",
        "future",
        "in the future",
        "later",
        "n a",
        "na",
        "nil",
        "no",
        "no plan",
        "none",
        "none yet",
        "not applicable",
        "not available",
        "not yet",
        "nothing",
        "null",
        "some day",
        "someday",
        "soon",
        "unknown",
        "when possible",
        "yes",
    }
)
# What follows these is a note to the author, not to the reader.
_UNFINISHED = re.compile(
    r"(?:fixme|tba|tbd|to be (?:added|announced|determined|done)|to do|todo|wip|xxx)\b"
)
_WORDS = re.compile(r"[\W_]+")
_REASON = "none "

_RELEASE = re.compile(r"(?<![\w./-])v?\d+\.\d+(?:\.\d+)*(?:\.?(?:post|rc|dev)\d+)?(?!\w)")
_CHANGE = re.compile(
    r"https?://|#\d{2,}|\b(?:pull request|pull|pr|issue|mr)\W{0,2}\d{3,}|\b\d{4,}\W?(?:pr|issue)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"`[^`]+`|\w\(|\w::\w|\b(?!e\.g|i\.e)[A-Za-z]\w*\.[A-Za-z]\w+|\b[A-Za-z0-9]*_\w+|\b[A-Z]+[a-z0-9]+[A-Z]\w*"
)
# Written like a class, and none.
_PRODUCTS = frozenset(
    {
        "DeepSeek",
        "FlashAttention",
        "GitHub",
        "HuggingFace",
        "MiniMax",
        "ModelScope",
        "ModelSlim",
        "OpenAI",
        "PyTorch",
    }
)


class Named(str, Enum):
    """What a patch's end can be told by, what is checked most easily first."""

    RELEASE = "a release"
    CHANGE = "a change"
    CODE = "code"
    NOTHING = "none of these"


def says_nothing(text: str) -> bool:
    """Tell whether a text only fills its field: it is empty, a placeholder, or begins with `TODO`.

    Args:
        text: what a patch's field holds. `none: ` and a reason say something.
    """
    words = _WORDS.sub(" ", text).strip().lower()
    rest = words.removeprefix(_REASON)
    return any(
        each in _PLACEHOLDERS or _UNFINISHED.match(each) is not None for each in (words, rest)
    )


def refusals(fields: Mapping[str, str]) -> list[str]:
    """Say of each field that says nothing what it should say.

    Args:
        fields: the texts by the names of their fields.
    """
    return [
        f"`{name}` is {text!r}, which says nothing: {ADVICE[name]}"
        for name, text in fields.items()
        if says_nothing(text)
    ]


def named_by(drop_when: str, upstream: str = "") -> Named:
    """Tell what somebody could look up to learn whether a patch may go.

    Args:
        drop_when: the patch's condition.
        upstream: what it says of upstream, where a link may stand that the condition speaks of.
    """
    if drop_when.startswith(UNSAID):
        return Named.NOTHING
    if _RELEASE.search(drop_when):
        return Named.RELEASE
    if _CHANGE.search(drop_when):
        return Named.CHANGE
    if any(found[0] not in _PRODUCTS for found in _CODE.finditer(drop_when)):
        return Named.CODE
    return Named.CHANGE if _CHANGE.search(upstream) else Named.NOTHING
