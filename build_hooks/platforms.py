"""Discover platforms and their patches: every module of a platform's folder is a patch.

Nothing lists them: a platform is a package below `transforms.platforms` with a `PATCH_SET`, a patch
is a module in it with a `PATCH`, and the file's stem is its name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, WheelwrightError, did_you_mean
from build_hooks.needs import require_needed, unknown_names
from build_hooks.raised_at import raised_at
from build_hooks.shipping import SDIST, WHEEL
from transforms.engine.edit import NeedsPackages
from transforms.engine.optional_packages import OPTIONAL_PACKAGES
from transforms.engine.patch import Patch, PatchSet, bind_runtime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from types import ModuleType

_PLATFORMS = "transforms.platforms"
# What every patched wheel and sdist carries, whichever the platform: its self-description.
_COMMON = "transforms.common"
_COMMON_SDIST = "transforms.common.sdist"
_COMMON_SWITCHES = "transforms.common.switches"
_DIALECTS = "transforms.dialects"
# A module that ends the process would end it without a word.
RAISED = (Exception, SystemExit)


class PatchModuleError(WheelwrightError):
    """A patch module cannot be loaded, or does not declare what it must."""

    exit_code = 9
    kind = "declaration"


def platform_names() -> tuple[str, ...]:
    """The names of all platforms, in alphabetical order."""
    package = importlib.import_module(_PLATFORMS)
    found = [item.name for item in pkgutil.iter_modules(package.__path__) if item.ispkg]
    return tuple(sorted(stem.replace("_", "-") for stem in found))


def platform_package(name: str) -> str:
    """Give the dotted name of a platform's package: that of `ucm-sparse` ends in `ucm_sparse`."""
    return f"{_PLATFORMS}.{name.replace('-', '_')}"


def platform_folder(name: str) -> Path:
    """Give the folder of a platform, whether it is there or not."""
    package = importlib.import_module(_PLATFORMS)
    return Path(next(iter(package.__path__))) / name.replace("-", "_")


def load_platform(name: str) -> PatchSet:
    """Load one platform with all of its patches and the files that it adds.

    Raises:
        UsageError: there is no such platform.
        PatchModuleError: a module of it raises, declares no patch, or names one that is not there.
    """
    if name not in platform_names():
        raise UsageError(f"no platform {name!r}{did_you_mean(name, platform_names())}")
    platform = _load(platform_package(name))
    platform = _with_dialect(platform) if platform.dialect else platform
    for wrong in unknown_names(platform):
        raise PatchModuleError(f"platform {name!r}: {wrong}", next_step="correct it there")
    return platform


def _with_dialect(platform: PatchSet) -> PatchSet:
    if platform.dialect not in dialect_names():
        raise PatchModuleError(
            f"platform {platform.name!r} names no dialect of Triton: {platform.dialect!r}"
            + did_you_mean(platform.dialect, dialect_names())
        )
    dialect = load_dialect(platform.dialect)
    for stem in sorted(dialect.patches.keys() & platform.patches.keys()):
        raise PatchModuleError(
            f"platform {platform.name!r} and its dialect {dialect.name!r} both have a patch "
            f"{stem!r}",
            next_step="rename the platform's",
        )
    return replace(platform, patches=dict(sorted({**dialect.patches, **platform.patches}.items())))


def dialect_names() -> tuple[str, ...]:
    """The names of all dialects of Triton, in alphabetical order."""
    return tuple(sorted(_dialect_packages()))


def load_dialect(name: str) -> PatchSet:
    """Load the patches that a dialect of Triton asks for.

    Args:
        name: one of `dialect_names`, e.g. ``triton-3.1``.

    Raises:
        PatchModuleError: a module of it raises.
    """
    return _load(dialect_package(name), runtime=_DIALECTS)


def dialect_package(name: str) -> str:
    """Give the dotted name of the package that keeps what was reviewed of a dialect."""
    return f"{_DIALECTS}.{_dialect_packages()[name]}"


def _dialect_packages() -> dict[str, str]:
    """Give the package of each dialect: `triton_3_1` for `triton-3.1`."""
    package = importlib.import_module(_DIALECTS)
    found = [item.name for item in pkgutil.iter_modules(package.__path__) if item.ispkg]
    return {stem.replace("_", "-", 1).replace("_", "."): stem for stem in found}


def load_common(output: str = WHEEL, *, switches: bool = False) -> PatchSet:
    """Load the patches that every wheel gets, or those of every sdist.

    Args:
        output: ``wheel`` or ``sdist``.
        switches: with those of wheels in which patches can be switched off.
    """
    common = _load(_COMMON)
    packages = [*([_COMMON_SDIST] if output == SDIST else []), *([_COMMON_SWITCHES] * switches)]
    more = {stem: patch for name in packages for stem, patch in _load(name).patches.items()}
    return replace(common, patches=dict(sorted({**common.patches, **more}.items())))


def _load(package_name: str, *, runtime: str = "") -> PatchSet:
    """Load a package of patches; the files that it adds are those of `runtime`, or its own."""
    package = _import(package_name)
    declared = getattr(package, "PATCH_SET", None)
    if not isinstance(declared, PatchSet):
        raise PatchModuleError(f"{package_name} declares no PATCH_SET")
    patches = dict(declared.patches)
    _require_one_each(package)
    for item in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if item.ispkg or item.name.startswith("_"):
            continue
        patch = getattr(_import(f"{package_name}.{item.name}"), "PATCH", None)
        if not isinstance(patch, Patch):
            raise PatchModuleError(
                f"{package_name}.{item.name} declares no PATCH",
                next_step="declare one, or begin the file's name with an underscore",
            )
        patches[item.name] = patch
    try:
        files = runtime_files(_import(runtime) if runtime else package)
        return replace(declared, patches=bind_runtime(patches, files))
    except ValueError as error:
        raise PatchModuleError(f"{package_name}: {error}") from error


def _require_one_each(package: ModuleType) -> None:
    """Refuse two patches of one name: of a module and a package, Python would take the package.

    Names that differ in their case alone are one file on some systems.
    """
    folder = Path(next(iter(package.__path__)))
    names = [path.stem for path in folder.glob("*.py")]
    names += [path.parent.name for path in folder.glob("*/__init__.py")]
    for name, count in sorted(Counter(map(str.lower, names)).items()):
        if count > 1:
            raise PatchModuleError(
                f"{package.__name__} has {count} patches of the name {name!r}",
                next_step="rename all but one of them",
            )


def required_packages(names: Iterable[str]) -> list[str]:
    """Give the requirements that only the patches of some platforms have.

    A patch module that imports such a package cannot be loaded before it is installed, so that
    the module that is missing tells the requirement, too.

    Args:
        names: the platforms.

    Raises:
        UsageError: there is no such platform.
        PatchModuleError: a module cannot be loaded for another reason.
    """
    return sorted({item for name in names for item in _requirements(name)})


def _requirements(name: str) -> set[str]:
    try:
        patches = load_platform(name).patches.values()
    except PatchModuleError as error:
        cause = error.__cause__
        missing = (cause.name or "") if isinstance(cause, ModuleNotFoundError) else ""
        if missing not in OPTIONAL_PACKAGES:
            raise
        return {OPTIONAL_PACKAGES[missing]}
    edits = [edit for patch in patches for edit in patch.edits]
    return {item for edit in edits if isinstance(edit, NeedsPackages) for item in edit.requires}


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except RAISED as error:
        raise load_failure(name, error) from error


def load_failure(name: str, error: BaseException) -> PatchModuleError:
    """Say of a module that it cannot be loaded: what it raised, and where.

    Args:
        name: the module's dotted name.
        error: what loading raised.
    """
    place = raised_at(error, name)
    return PatchModuleError(
        f"{name} cannot be loaded: {type(error).__name__}: {error}"
        + (f"\n  at {place}" if place else ""),
        next_step="correct it there",
    )


def runtime_files(package: ModuleType) -> Mapping[str, bytes]:
    """Give the bytes of the files that a platform may add, by their path in the tree.

    These are all files of its folder `runtime/`, of whatever kind, except byte code.
    """
    folder = Path(next(iter(package.__path__))) / "runtime"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def full_names(platforms: Iterable[PatchSet]) -> dict[str, Patch]:
    """Give all patches of several platforms under their full names.

    Args:
        platforms: the loaded platforms.
    """
    return {
        f"{item.name}/{stem}": patch for item in platforms for stem, patch in item.patches.items()
    }


def require_known(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse the name of a patch that is not there.

    Args:
        names: full names that the user gave.
        known: the full names that there are.

    Raises:
        UsageError: names the first one that is not there, and the closest that is.
    """
    every = list(known)
    for name in sorted(set(names)):
        if name not in every:
            raise UsageError(f"no patch {name!r}{did_you_mean(name, every)}")


def is_chosen(name: str, *, only: Collection[str], skip: Collection[str]) -> bool:
    """Tell whether the user wants a patch.

    Args:
        name: its full name.
        only: full names; if there are any, all other patches are left out.
        skip: full names that are left out.
    """
    return (not only or name in only) and name not in skip


def chosen_patches(
    platforms: Iterable[PatchSet], *, only: Collection[str], skip: Collection[str]
) -> dict[str, Patch]:
    """Give the patches of several platforms under their full names.

    Args:
        platforms: the loaded platforms.
        only: full names; if there are any, all other patches are left out.
        skip: full names that are left out.

    Raises:
        UsageError: `only` or `skip` names a patch that none of the platforms has, or leaves out
            one that another needs.
    """
    every = full_names(platforms)
    require_known([*only, *skip], every)
    chosen = {name: patch for name, patch in every.items() if is_chosen(name, only=only, skip=skip)}
    require_needed(chosen)
    return chosen
