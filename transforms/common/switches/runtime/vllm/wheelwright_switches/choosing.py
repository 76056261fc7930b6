# SPDX-License-Identifier: Apache-2.0
"""What the environment switches off: names, platforms, patterns, and what goes with them."""

from __future__ import annotations

import difflib
import fnmatch
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

DISABLE, VERBOSE = "VLLM_WHEELWRIGHT_DISABLE", "VLLM_WHEELWRIGHT_VERBOSE"
# A process has said already what is wrong with `DISABLE`, and is the parent of this one.
SAID = "WHEELWRIGHT_SWITCHES_SAID"
# `bisect` learns by it whether the command has imported this vLLM at all. Not one of vLLM's names,
# which vLLM would warn of.
SEEN = "WHEELWRIGHT_SWITCHES_SEEN"
ALL = "all"
SCHEMA = 1
_FALSE = frozenset({"", "0", "false", "no", "off"})


class Names(NamedTuple):
    """The patches of a wheel by what can be switched.

    Attributes:
        patches: those with a switch, each with those that it needs.
        fixed: those without, each with the reason.
        adding: those that only add files: there is nothing of upstream's to choose.
        aliases: further variables, each with names as `DISABLE` takes them.
        verbose: further variables that are as good as `VERBOSE`.
    """

    patches: dict[str, list[str]]
    fixed: dict[str, str]
    adding: list[str]
    aliases: dict[str, list[str]]
    verbose: list[str]


class Choice(NamedTuple):
    """What is on and off in a process.

    Attributes:
        off: the patches that are off, in their order.
        because: for each of these, the variable and word, or the patch, that it is off by.
        on: the patches that are on, without those that have no switch.
        fixed: the patches that have no switch, each with the reason.
        warnings: what of the environment could not be done, a line each.
        verbose: whether to say all this.
    """

    off: tuple[str, ...]
    because: dict[str, str]
    on: tuple[str, ...]
    fixed: dict[str, str]
    warnings: tuple[str, ...]
    verbose: bool

    def lines(self) -> Iterator[str]:
        """Give what a person reads of it, a line for each patch."""
        for name in self.off:
            yield f"off    {name} (by {self.because[name]})"
        for name in self.on:
            yield f"on     {name}"
        for name, reason in self.fixed.items():
            yield f"fixed  {name} ({reason})"


def read_names(folder: Path) -> Names:
    """Read what there is to switch.

    Args:
        folder: the folder of this package.

    Raises:
        ImportError: the file is not of this version.
    """
    document = read_json(folder / "names.json")
    try:
        return Names(*(document[field] for field in Names._fields))
    except KeyError as error:
        raise ImportError(f"{folder / 'names.json'} has no {error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """Read one of the files that the build filled.

    Raises:
        ImportError: it is missing, or is not of this version.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        schema = document.get("schema")
    except (OSError, ValueError, AttributeError) as error:
        raise ImportError(f"{path} cannot be read: {error}") from error
    if schema != SCHEMA:
        raise ImportError(f"{path} has schema {schema!r}, not {SCHEMA}")
    return document


def chosen(names: Names, environment: Mapping[str, str]) -> Choice:
    """Choose what is off.

    Args:
        names: what there is to switch.
        environment: the process's environment variables.
    """
    because: dict[str, str] = {}
    warnings: list[str] = []
    for word in _words(environment.get(DISABLE, "")):
        found, warning = _named(word, names)
        warnings += [f"{DISABLE}: {warning}"] if warning else []
        for name in found:
            because.setdefault(name, f"{DISABLE}={word}")
    for variable, words in names.aliases.items():
        if is_true(environment.get(variable)):
            for name in {each for word in words for each in _named(word, names)[0]}:
                because.setdefault(name, variable)
    for name in names.patches:
        missing = sorted(each for each in needed_by(name, names.patches) if each in because)
        if missing:
            because.setdefault(name, f"{missing[0]}, which it needs")
    variables = (VERBOSE, *names.verbose)
    return Choice(
        off=tuple(name for name in names.patches if name in because),
        because=because,
        on=tuple(name for name in names.patches if name not in because),
        fixed=names.fixed,
        warnings=tuple(warnings),
        verbose=any(is_true(environment.get(variable)) for variable in variables),
    )


def needed_by(name: str, patches: Mapping[str, Iterable[str]]) -> set[str]:
    """Give all patches without which one makes no sense, but for itself.

    Args:
        name: the patch.
        patches: each patch with those that it needs.
    """
    found: set[str] = set()
    waiting = list(patches[name])
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += patches.get(each, ())
    return found - {name}


def is_true(value: str | None) -> bool:
    """Tell whether a variable says yes."""
    return (value or "").strip().lower() not in _FALSE


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def _named(word: str, names: Names) -> tuple[list[str], str]:
    """Give the patches that a word means, and what is wrong with it."""
    if word == ALL:
        left = ", ".join(names.fixed)
        return list(names.patches), f"{word} leaves on what has no switch: {left}" if left else ""
    pattern = word if "/" in word else f"{word}/*"
    found = fnmatch.filter(names.patches, pattern)
    fixed = fnmatch.filter(names.fixed, pattern)
    if fixed:
        return found, f"{fixed[0]} has no switch: {names.fixed[fixed[0]]}"
    if found:
        return found, ""
    if fnmatch.filter(names.adding, pattern):
        return [], f"{word!r} only adds files: there is nothing of upstream's to choose"
    known = [*names.patches, *names.fixed]
    platforms = sorted({name.partition("/")[0] for name in known})
    close = difflib.get_close_matches(word, [*known, *platforms, ALL], n=1)
    there = ", ".join(platforms) or "none"
    hint = f"did you mean {close[0]!r}?" if close else f"there are those of {there}"
    return [], f"this vLLM has no patch {word!r}, so nothing is off by it ({hint})"
