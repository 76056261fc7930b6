# SPDX-License-Identifier: Apache-2.0
"""What a command says when it cannot do what it was asked for, and its exit code."""

from __future__ import annotations

EXIT_GOOD = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNREADABLE = 5
EXIT_UNWRITABLE = 7


class CommandError(Exception):
    """A command cannot go on.

    Attributes:
        exit_code: what the process ends with; the numbers are those of vllm-wheelwright's own
            command line (docs/exit-codes.md), as far as they apply.
        next_step: what may help; an empty text where nothing can be said.
    """

    def __init__(self, message: str, *, exit_code: int, next_step: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.next_step = next_step


class UsageError(CommandError):
    """The command was called with what it cannot use."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message, exit_code=EXIT_USAGE, next_step=next_step)


class UnreadableError(CommandError):
    """A session is there, and cannot be read."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message, exit_code=EXIT_UNREADABLE, next_step=next_step)


class UnwritableError(CommandError):
    """A result cannot be written."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message, exit_code=EXIT_UNWRITABLE, next_step=next_step)
