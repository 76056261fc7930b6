"""Which scopes the edits of a patch name: where `drift` and `check` look for what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.edit import Edit


@runtime_checkable
class HasScope(Protocol):
    """An edit that says where in the tree it acts."""

    @property
    def inside(self) -> str:
        """The dotted path of its scope."""


def scopes_of(edits: Iterable[Edit], release: str) -> tuple[str, ...]:
    """Give the scopes of those edits that are in force on a release, each once.

    Args:
        edits: some edits of a patch; those that name no scope are passed over.
        release: the release.
    """
    scopes = [
        edit.inside
        for edit in edits
        if isinstance(edit, HasScope) and admits(edit.versions, release)
    ]
    return tuple(dict.fromkeys(scopes))
