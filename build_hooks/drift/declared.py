"""The rows of the matrix: every patch of some platforms, those that cannot be loaded included.

A build stops at the first patch module that is broken. Here it is a row like any other, so that it
does not hide what became of the patches beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from build_hooks.drift.cell import Failure
from build_hooks.platforms import (
    RAISED,
    PatchModuleError,
    load_common,
    load_failure,
    load_platform,
    platform_folder,
    platform_package,
    runtime_files,
)
from build_hooks.shipping import SDIST, WHEEL
from transforms.engine.edit import AddsFile
from transforms.engine.patch import Patch, bind_runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMMON = "wheelwright"
"""The name under which the matrix shows the patches of every wheel and sdist, as they begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One platform's patches.

    Attributes:
        platform: its name, or `COMMON`.
        patches: by full name, those that could be loaded.
        broken: by full name, why a patch cannot be loaded.
        builds: what the platform is built to, ``wheel`` or ``sdist``.
    """

    platform: str
    patches: Mapping[str, Patch]
    broken: Mapping[str, Failure] = field(default_factory=dict)
    builds: str = WHEEL

    def without(self, kind: str) -> Mapping[str, Patch]:
        """Give the patches that are not judged on a kind of artifact: on a wheel, those of sdists.

        Args:
            kind: ``sdist``, ``wheel`` or ``folder``.
        """
        if kind != WHEEL or self.builds == WHEEL:
            return {}
        kept = _named(COMMON, load_common().patches) if self.platform == COMMON else {}
        return {name: patch for name, patch in self.patches.items() if name not in kept}


def declared(platform: str) -> Declared:
    """Load one platform, each patch by itself where one of them is broken.

    Args:
        platform: its name, or `COMMON`.

    Raises:
        UsageError: there is no such platform.
        PatchModuleError: the patches of every wheel cannot be loaded, so that no platform can be
            built; or a platform cannot be loaded and has no patch that could say so.
    """
    if platform == COMMON:
        every = _named(COMMON, load_common(SDIST).patches)
        return Declared(platform=COMMON, patches=every, builds=SDIST)
    try:
        loaded = load_platform(platform)
        patches = _named(platform, loaded.patches)
        return Declared(platform=platform, patches=patches, builds=loaded.builds)
    except PatchModuleError as error:
        return _one_by_one(platform, error)


def _named(platform: str, patches: Mapping[str, Patch]) -> dict[str, Patch]:
    return {f"{platform}/{stem}": patch for stem, patch in patches.items()}


def _one_by_one(platform: str, whole: PatchModuleError) -> Declared:
    """Load what can be loaded; where every patch can, the platform as a whole is at fault."""
    package = platform_package(platform)
    patches: dict[str, Patch] = {}
    broken: dict[str, Failure] = {}
    stems = list(_stems(platform))
    if not stems:
        raise whole
    for stem in stems:
        loaded = _load_or_failure(package, stem)
        if isinstance(loaded, Failure):
            broken[stem] = loaded
        else:
            patches[stem] = loaded
    if not broken or len(broken) == len(stems):
        patches, broken = {}, dict.fromkeys(stems, Failure.of(whole))
    return Declared(
        platform=platform,
        patches=_named(platform, patches),
        broken={f"{platform}/{stem}": failure for stem, failure in broken.items()},
    )


def _stems(platform: str) -> Iterable[str]:
    found = pkgutil.iter_modules([str(platform_folder(platform))])
    for item in sorted(found, key=lambda item: item.name):
        if not item.ispkg and not item.name.startswith("_"):
            yield item.name


def _load_or_failure(package: str, stem: str) -> Patch | Failure:
    try:
        return _load(package, stem)
    except PatchModuleError as error:
        return Failure.of(error)
    except RAISED as error:
        return Failure.of(load_failure(f"{package}.{stem}", error))


def _load(package_name: str, stem: str) -> Patch:
    module = importlib.import_module(f"{package_name}.{stem}")
    patch = getattr(module, "PATCH", None)
    if not isinstance(patch, Patch):
        raise PatchModuleError(f"{package_name}.{stem} declares no PATCH")
    added = {edit.path for edit in patch.edits if isinstance(edit, AddsFile)}
    files = runtime_files(importlib.import_module(package_name))
    own = {path: data for path, data in files.items() if path in added}
    return bind_runtime({stem: patch}, own)[stem]
