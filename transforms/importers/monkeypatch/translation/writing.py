"""The patch modules of a plugin, ready to be read, checked and edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.translation.assembling import Assembled


class Said(NamedTuple):
    """What the plugin's documentation says of a patch; empty where it says nothing.

    Attributes:
        docstring: one line that says what the user gains.
        why: the symptom without it.
        upstream: a link, or why there is none.
        drop_when: when it may go.
    """

    docstring: str = ""
    why: str = ""
    upstream: str = ""
    drop_when: str = ""


def patch_modules(made: Assembled, said: Mapping[str, Said], *, versions: str) -> dict[str, str]:
    """Write one module for each patch.

    Args:
        made: the patches.
        said: what the plugin says of each, by stem.
        versions: the releases that they are for (PEP 440).

    Returns:
        The text of each module, by stem.
    """
    found = {}
    for stem, edits in sorted(made.patches.items()):
        known = said.get(stem, Said())
        found[stem] = patch_module(
            edits,
            docstring=known.docstring or f"What the plugin's {stem} does while it runs.",
            versions=versions,
            why=known.why,
            upstream=known.upstream,
            drop_when=known.drop_when,
        )
    return found
