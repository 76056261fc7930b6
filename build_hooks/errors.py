"""One class per kind of failure, each with its exit code and its next step.

Every failure that a user can cause or can do something about is a `WheelwrightError`. Front ends
(the PEP 517 hooks and the command line) turn it into one message and its exit code; nothing else
catches it. The exit codes are a contract (docs/exit-codes.md): scripts tell failures apart by them.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class WheelwrightError(Exception):
    """A failure with a cause that the user can see and a step that the user can take.

    Args:
        what: what failed and where, one or more lines.
        next_step: what to do about it; empty where `what` already says it.
    """

    exit_code: ClassVar[int] = 70
    kind: ClassVar[str] = "error"

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        """Give the message as a user reads it: what, then the next step."""
        return f"{self.what}\n  next: {self.next_step}" if self.next_step else self.what


class PatchFailureError(WheelwrightError):
    """At least one patch is neither applied nor excluded, or a check after applying failed."""

    exit_code = 1
    kind = "patches"


class UsageError(WheelwrightError):
    """A setting, a value or an argument is wrong."""

    exit_code = 2
    kind = "usage"


class UnknownReleaseError(UsageError):
    """The lock does not hold the release or the distribution that was asked for."""

    exit_code = 3
    kind = "release"


class NetworkError(WheelwrightError):
    """The index or a file on it could not be reached, or `offline` forbids to try."""

    exit_code = 4
    kind = "network"


class IntegrityError(WheelwrightError):
    """Bytes are not the ones that the lock, a RECORD or a manifest names."""

    exit_code = 5
    kind = "integrity"


class ArtifactError(WheelwrightError):
    """An archive is truncated, malformed or hostile; nothing of it was used."""

    exit_code = 6
    kind = "artifact"


class OutputError(WheelwrightError):
    """A result or the cache could not be written: no space, no permission, no folder."""

    exit_code = 7
    kind = "output"


class LockError(WheelwrightError):
    """The lock itself is unreadable or says something that cannot be."""

    exit_code = 8
    kind = "lock"


class TritonError(WheelwrightError):
    """A Triton cannot be had, cannot be run, or came to no result."""

    exit_code = 10
    kind = "triton"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the known word that is closest to `word`, as the end of an error message.

    Args:
        word: what the user wrote.
        known: the words that would have been right.

    Returns:
        `` (did you mean 'x'?)`` or, where nothing is close, the list of what there is.
    """
    candidates = sorted(known)
    close = difflib.get_close_matches(word, candidates, n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (known: {', '.join(candidates)})"
