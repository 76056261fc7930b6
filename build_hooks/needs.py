"""What patches and platforms name of other patches: it must be there."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from transforms.engine.switches import full_needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.engine.patch import Patch, PatchSet


def unknown_names(platform: PatchSet) -> Iterator[str]:
    """Say which patches a platform names that it does not have, each with the closest.

    Args:
        platform: the platform, with all of its patches.
    """
    patches = platform.patches
    for stem, patch in patches.items():
        for name in patch.needs:
            if name not in patches or name == stem:
                yield f"{stem} needs no such patch: {name!r}{did_you_mean(name, patches)}"
    for variable, names in platform.aliases.items():
        for name in names:
            if not fnmatch.filter(patches, name):
                yield f"{variable} switches no patch: {name!r}{did_you_mean(name, patches)}"


def require_needed(chosen: Mapping[str, Patch]) -> None:
    """Refuse patches without those that they need.

    Args:
        chosen: the patches that go into a build, by full name.

    Raises:
        UsageError: one of them needs one that is left out.
    """
    for name, patch in chosen.items():
        for needed in full_needs(name, patch):
            if needed not in chosen:
                raise UsageError(
                    f"patch {name!r} needs {needed!r}, which is left out",
                    next_step="leave both out, or none",
                )
