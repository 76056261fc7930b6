"""What a user says is true of the machine that a plugin is built for: ``name=value`` each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def parsed_defines(words: Iterable[str]) -> dict[str, str]:
    """Read what the user says is true.

    Raises:
        UsageError: one is no such pair, or two differ in what they say of a name.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        is_name = all(part.isidentifier() for part in name.split("."))
        if not (equals and value and is_name):
            raise UsageError(
                f"define {word!r}: it is no name=value", next_step="write e.g. HAS_TRITON=True"
            )
        if found.setdefault(name, value) != value:
            raise UsageError(f"define says both {name}={found[name]} and {name}={value}")
    return found
