"""What became of one mutation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation, Place


class Became(str, Enum):
    """The four outcomes of the table."""

    COMPILED = "compiled"
    NOTHING = "needs nothing"
    HINT = "needs a hint"
    CANNOT = "cannot"


class CannotError(Exception):
    """A mutation has no edit; the message says why."""


class NeedsHintError(CannotError):
    """A mutation could have one, if somebody said more."""


class NeedsNothingError(CannotError):
    """A mutation changes nothing, or nothing that another one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """What became of one mutation.

    Attributes:
        mutation: it.
        became: the outcome.
        why: the kinds of edit, or the reason.
        stem: the patch that it is part of; empty where it is part of none.
        edits: the edits.
        support: the names that support modules must have, with the plugin's modules.
        warnings: what is lost, or differs from what the plugin did at run time.
        consumers: the modules that import the definition by name: after a patch at run time they
            may have kept upstream's, and with the edit they have the plugin's.
        is_local: only the functions of the one module find what the plugin has put there.
        follows: the mutation that makes this one needless; None for none.
        mark: the module of vLLM, and what of it is changed, as that module will say itself; None
            where another mutation says so.
    """

    mutation: Mutation
    became: Became
    why: str
    stem: str = ""
    edits: tuple[Edit, ...] = field(default=(), repr=False)
    support: frozenset[tuple[str, str]] = frozenset()
    warnings: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    is_local: bool = False
    follows: Place | None = None
    mark: tuple[str, str] | None = None
