"""Write what was compiled as a wheel or an sdist, with the files by which it says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.manifest import (
    FOLDER,
    IN_PACKAGE,
    MANIFEST,
    SBOM,
    TO_DIFFS,
    WHEEL_SBOM,
    make_diffs,
    make_manifest,
)
from build_hooks.pipeline import compile_patches, make_plan, plan_without_patches
from build_hooks.plugins.described import plugin_document, plugin_summary
from build_hooks.repack import repack_wheel, repacked_dist_info
from build_hooks.report import counted
from build_hooks.sdist import write_sdist
from build_hooks.shipping import NATIVE, SDIST, WHEEL
from build_hooks.switching import switches_notes
from build_hooks.wheel import dist_info_files, write_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from build_hooks.pipeline import Compiled, Plan
    from build_hooks.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote.

    Attributes:
        path: the wheel or sdist.
        notes: what whoever built it should know, a line each.
    """

    path: Path
    notes: tuple[str, ...] = ()


def build(settings: Settings, folder: Path, output: str = "") -> Built:
    """Build a patched wheel or sdist.

    Args:
        settings: what the user set.
        folder: where it goes.
        output: ``wheel`` or ``sdist``; empty for what the platforms are built to.

    Raises:
        WheelwrightError: anything that stops the build; nothing is left in `folder` then.
    """
    return build_plan(make_plan(settings, output), folder)


def build_plan(plan: Plan, folder: Path) -> Built:
    """Build what is planned; see `build`.

    Args:
        plan: what a build needs.
        folder: where the wheel or sdist goes.

    Raises:
        WheelwrightError: anything that stops the build; nothing is left in `folder` then.
    """
    compiled = compile_patches(plan)
    write = _write_sdist if plan.output == SDIST else _write_wheel
    return Built(path=write(plan, compiled, folder), notes=tuple(_notes(plan, compiled)))


def _notes(plan: Plan, compiled: Compiled) -> Iterator[str]:
    if plan.woven is not None:
        yield f"plugin {plugin_summary(plugin_document(plan.woven))}"
        yield from plan.woven.notes
    if compiled.switches is not None:
        yield from switches_notes(compiled.switches)
    count = sum(outcome.reason == NATIVE for outcome in compiled.outcomes)
    if count:
        held = f"{counted(count, 'patch', 'patches')} of native sources: a wheel cannot hold them"
        yield f"{held}, the sdist does (build --sdist)"


def _write_sdist(plan: Plan, compiled: Compiled, folder: Path) -> Path:
    target = folder / plan.metadata.sdist_name
    extra = described(plan, compiled)
    extra[IN_PACKAGE] = extra[MANIFEST]
    write_sdist(
        target,
        artifact=plan.artifact,
        metadata=plan.metadata,
        changed={file.path: file.after for file in compiled.files},
        extra=extra,
        timestamp=plan.origin.timestamp,
    )
    return target


def _write_wheel(plan: Plan, compiled: Compiled, folder: Path) -> Path:
    target = folder / plan.metadata.wheel_name
    changed = {file.path: file.after for file in compiled.files}
    extra, timestamp = described(plan, compiled), plan.origin.timestamp
    if isinstance(plan.artifact, BinaryWheel):
        repack_wheel(
            target,
            wheel=plan.artifact,
            metadata=plan.metadata,
            changed=changed,
            extra=extra,
            timestamp=timestamp,
        )
    else:
        write_wheel(
            target,
            artifact=plan.artifact,
            metadata=plan.metadata,
            changed=changed,
            extra=extra,
            timestamp=timestamp,
        )
    return target


def prepare_metadata(settings: Settings) -> tuple[str, dict[str, bytes]]:
    """Give the files of a wheel's `.dist-info` that are known before a patch is matched.

    Args:
        settings: what the user set.

    Returns:
        The folder's name, and its files by their path in it, all but RECORD.

    Raises:
        ArtifactError: the artifact lacks one of them.
        IntegrityError: one of them is not what RECORD names.
    """
    plan = plan_without_patches(settings, WHEEL)
    if isinstance(plan.artifact, BinaryWheel):
        return plan.metadata.dist_info, repacked_dist_info(plan.metadata, plan.artifact)
    return plan.metadata.dist_info, dist_info_files(plan.metadata, plan.artifact)


def described(plan: Plan, compiled: Compiled) -> dict[str, bytes]:
    """Give the files by which a wheel or sdist says what it is.

    Args:
        plan: what is built.
        compiled: what became of the patches.

    Returns:
        Their bytes by their path in `.dist-info`, or at the top of an sdist's tree.
    """
    from build_hooks.sbom import make_sbom  # noqa: PLC0415 - metadata are made without

    manifest = make_manifest(
        origin=plan.origin,
        output=plan.output,
        platforms=plan.settings.platform,
        only=plan.settings.only,
        skip=plan.settings.skip,
        patches=plan.patches,
        outcomes=compiled.outcomes,
        files=compiled.files,
        digest=compiled.digest,
        plugin=None if plan.woven is None else plugin_document(plan.woven),
        switches=plan.settings.switches,
    )
    diffs = make_diffs(compiled.outcomes, compiled.files)
    sbom = SBOM if plan.output == SDIST else WHEEL_SBOM
    return {
        MANIFEST: manifest,
        sbom: make_sbom(manifest, diffs, plan.metadata.text, TO_DIFFS[sbom]),
        **{f"{FOLDER}/{name}.diff": diff for name, diff in diffs.items()},
    }
