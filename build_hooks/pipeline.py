"""From settings to edited files: lock, fetch, open, match, apply, check.

Each step is a function of its own: `check` ends here, metadata need no matching, and building.py
writes what came of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from build_hooks.artifact import Artifact, open_artifact
from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.artifact.wheel import WheelTree
from build_hooks.binary_metadata import binary_metadata
from build_hooks.collector import free_earlier, without_collector
from build_hooks.errors import PatchFailureError, UsageError
from build_hooks.fetch.cache import hash_file
from build_hooks.locating import locate
from build_hooks.manifest import MANIFEST, Origin
from build_hooks.metadata import CoreMetadata, core_metadata, oldest_python
from build_hooks.needs import require_needed
from build_hooks.platforms import (
    chosen_patches,
    full_names,
    is_chosen,
    load_common,
    load_platform,
    require_known,
)
from build_hooks.report import failure_report, verdict
from build_hooks.shipping import SDIST, WHEEL, main_output, not_shipped, without_native
from build_hooks.switching import fill_switches
from transforms.engine.apply import EditedFile, apply_sites, fill_digest, patch_digest
from transforms.engine.checks import check_edited
from transforms.engine.match import match_patches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from build_hooks.lock import LockedArtifact
    from build_hooks.plugins.weaving import Woven
    from build_hooks.settings import Settings
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch, PatchSet
    from transforms.engine.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a build needs and that is known before a patch is matched.

    Attributes:
        settings: what the user set.
        artifact: the opened upstream tree.
        metadata: the metadata of the wheel to be.
        origin: what it is built from.
        patches: all patches by full name, those that every wheel carries included.
        output: what is built: ``wheel`` or ``sdist``.
        native: the platforms that are built to sdists, whose native sources no wheel holds.
        woven: the plugin that is compiled in; None where there is none.
        platforms: the platforms that the patches are of.
    """

    settings: Settings
    artifact: Artifact
    metadata: CoreMetadata
    origin: Origin
    patches: Mapping[str, Patch]
    output: str = WHEEL
    native: frozenset[str] = frozenset()
    woven: Woven | None = None
    platforms: Sequence[PatchSet] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What became of the patches, and the files that came of it.

    Attributes:
        outcomes: what became of each patch.
        files: the edited files.
        digest: the digest of the patch set.
        switches: what can be switched off where the wheel is imported; None without switches.
    """

    outcomes: Sequence[Outcome]
    files: Sequence[EditedFile]
    digest: str
    switches: Switches | None = None


def make_plan(settings: Settings, output: str = "") -> Plan:
    """Find, fetch and open what a build is made from, and compile the plugin that goes into it.

    Args:
        settings: what the user set.
        output: ``wheel`` or ``sdist``; empty for what the platforms are built to.

    Raises:
        WheelwrightError: a setting, the release, the plugin, the network, an artifact's bytes or
            its content.
    """
    free_earlier()
    platforms = [load_platform(name) for name in settings.platform]
    if settings.plugin is None:
        patches = chosen_patches(platforms, only=settings.only, skip=settings.skip)
        return _with_patches(_plan_of(settings, platforms, output), patches)
    from build_hooks.plugins.wanted import opened_plugin  # noqa: PLC0415 - most builds have none
    from build_hooks.plugins.weaving import Release, weave  # noqa: PLC0415

    with without_collector():
        opened = opened_plugin(settings.plugin, settings)
    plan = _plan_of(settings, platforms, output, opened.label)
    by_hand = full_names(platforms)
    chosen = {"only": settings.only, "skip": settings.skip}
    with without_collector():
        release = Release(
            tree=plan.artifact,
            name=plan.metadata.release,
            oldest=oldest_python(plan.metadata.requires_python),
        )
        woven = weave(opened, release, by_hand, **chosen)
    patches = {name: patch for name, patch in by_hand.items() if is_chosen(name, **chosen)}
    require_needed(patches)
    return replace(_with_patches(plan, {**patches, **woven.patches}), woven=woven)


def plan_without_patches(settings: Settings, output: str = "") -> Plan:
    """Do what `make_plan` does as far as metadata need it: no patch is there to be matched.

    Args:
        settings: what the user set.
        output: ``wheel`` or ``sdist``; empty for what the platforms are built to.

    Raises:
        WheelwrightError: a setting, the release, the network, the artifact's bytes or its content.
    """
    free_earlier()
    platforms = [load_platform(name) for name in settings.platform]
    if settings.plugin is None:
        require_known([*settings.only, *settings.skip], full_names(platforms))
        return _plan_of(settings, platforms, output)
    from build_hooks.plugins.wanted import opened_plugin  # noqa: PLC0415 - most builds have none

    return _plan_of(settings, platforms, output, opened_plugin(settings.plugin, settings).label)


def _plan_of(
    settings: Settings, platforms: Sequence[PatchSet], output: str, label: str = ""
) -> Plan:
    """Fetch and open what the build is made from, without patches; `label` is a plugin's."""
    output = output or main_output(platforms)
    native = frozenset(item.name for item in platforms if item.builds == SDIST)
    path, locked = locate(settings, platforms, output)
    plan = open_plan(settings, {}, path, locked, label=label)
    plan = replace(plan, output=output, native=native, platforms=tuple(platforms))
    _require_source(plan)
    return plan


def _with_patches(plan: Plan, patches: Mapping[str, Patch]) -> Plan:
    """Add the patches that every wheel or sdist carries."""
    common = load_common(plan.output, switches=plan.settings.switches)
    return replace(plan, patches={**patches, **full_names([common])})


def _require_source(plan: Plan) -> None:
    """Refuse a binary wheel where native sources are changed, or handed on."""
    if not isinstance(plan.artifact, BinaryWheel):
        return
    if plan.native:
        names = ", ".join(sorted(plan.native))
        what = f"{names} changes native sources, and {plan.artifact.name} holds none"
    elif plan.output == SDIST:
        what = f"an sdist cannot be made from the wheel {plan.artifact.name}"
    else:
        return
    raise UsageError(what, next_step="build from the sdist (source=sdist)")


def open_plan(
    settings: Settings,
    patches: Mapping[str, Patch],
    path: Path,
    locked: LockedArtifact | None,
    *,
    label: str = "",
) -> Plan:
    """Open what was fetched, and read what it says of itself.

    Args:
        settings: what the user set.
        patches: all patches by full name.
        path: the artifact.
        locked: what the lock says of it; None for one that is not locked.
        label: what the version is labelled with where there is no platform.

    Raises:
        WheelwrightError: the artifact is unusable, or is another release than the one asked for.
    """
    labels = settings.platform or (label,)
    with without_collector():
        artifact = open_artifact(path, unpacked=locked.unpacked if locked else None)
        artifact = BinaryWheel(artifact) if isinstance(artifact, WheelTree) else artifact
    if isinstance(artifact, BinaryWheel):
        _require_upstreams(artifact)
        metadata = binary_metadata(artifact, labels)
    else:
        if MANIFEST in artifact:
            raise _ours(artifact.name)
        metadata = core_metadata(artifact, labels, artifact.name)
    if settings.vllm and not _same_release(settings.vllm, metadata.release):
        raise UsageError(
            f"{artifact.name} is vLLM {metadata.release}, and {settings.vllm} is asked for"
        )
    origin = Origin(
        distribution=metadata.distribution,
        release=metadata.release,
        version=metadata.version,
        artifact=path.resolve().name,
        kind=artifact.kind,
        sha256=locked.sha256 if locked else hash_file(path) if path.is_file() else None,
        size=path.stat().st_size if path.is_file() else None,
        timestamp=_timestamp(artifact),
    )
    return Plan(
        settings=settings,
        artifact=artifact,
        metadata=metadata,
        origin=origin,
        patches=patches,
    )


def _require_upstreams(wheel: BinaryWheel) -> None:
    """Refuse a wheel of our own: its files are not the pristine ones that patches match."""
    if f"{wheel.dist_info}/{MANIFEST}" in wheel:
        raise _ours(wheel.name)


def _ours(name: str) -> UsageError:
    return UsageError(
        f"{name} was built by vllm-wheelwright",
        next_step="give upstream's own file, and all platforms in one build (-C platform=a,b)",
    )


def _same_release(asked: str, found: str) -> bool:
    """Compare releases as PEP 440 does, for which 0.33 and v0.33.0 are equal."""
    try:
        return Version(asked) == Version(found)
    except InvalidVersion as error:
        raise UsageError(f"setting 'vllm' is {asked!r}, which is no version") from error


def _timestamp(artifact: Artifact) -> int:
    """Give the time of the wheel's members: SOURCE_DATE_EPOCH, or the artifact's own time."""
    given = timestamp_of(os.environ)
    return artifact.newest if given is None else given


def timestamp_of(environment: Mapping[str, str]) -> int | None:
    """Read SOURCE_DATE_EPOCH (reproducible-builds.org), in seconds since 1970 UTC; None without it.

    Raises:
        UsageError: it is no number.
    """
    given = environment.get("SOURCE_DATE_EPOCH")
    if given is not None and not given.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH is {given!r}, not a number of seconds")
    return None if given is None else int(given)


def match(plan: Plan) -> list[Outcome]:
    """Find out what becomes of every patch. Nothing is changed."""
    with without_collector():
        return match_patches(plan.patches, plan.artifact, plan.metadata.release)


def compile_patches(plan: Plan, outcomes: Sequence[Outcome] | None = None) -> Compiled:
    """Apply all patches and check the result.

    Args:
        plan: what to build.
        outcomes: the outcomes of `match`, where it ran already.

    Raises:
        PatchFailureError: a patch is neither applied nor excluded, or a check failed; the message
            holds all failures.
    """
    outcomes = match(plan) if outcomes is None else outcomes
    if not all(outcome.status.is_good for outcome in outcomes):
        raise PatchFailureError(failure_report(outcomes, plan.patches, plan.metadata.release))
    outcomes = without_native(outcomes, plan.native) if plan.output == WHEEL else outcomes
    files, failures = apply_and_check(plan, outcomes)
    if failures:
        raise PatchFailureError("\n".join([*failures, verdict(outcomes, len(failures))]))
    switches = None
    if plan.settings.switches:
        outcomes, switches = fill_switches(outcomes, files, plan.patches, plan.platforms)
        files = apply_sites(outcomes, plan.artifact, notice=_notice(plan))
    digest = patch_digest(files)
    outcomes = fill_digest(outcomes, digest)
    files = apply_sites(outcomes, plan.artifact, notice=_notice(plan))
    return Compiled(outcomes=outcomes, files=files, digest=digest, switches=switches)


def apply_and_check(plan: Plan, outcomes: Sequence[Outcome]) -> tuple[list[EditedFile], list[str]]:
    """Apply matched patches, and say which checks on the result failed."""
    files = apply_sites(outcomes, plan.artifact, notice=_notice(plan))
    with without_collector():
        release = plan.metadata.release
        oldest = oldest_python(plan.metadata.requires_python)
        failures = check_edited(files, plan.patches, plan.artifact, release, oldest=oldest)
    lost = not_shipped(outcomes) if plan.output == WHEEL else ()
    return files, [*lost, *failures]


def _notice(plan: Plan) -> str:
    """Give the line that every changed file carries (Apache-2.0, section 4(b))."""
    platforms = ", ".join(sorted(plan.settings.platform))
    if not platforms and plan.woven is not None:
        platforms = plan.woven.opened.plugin.package
    return f"Modified by vllm-wheelwright for {platforms}: see `python -m vllm.wheelwright`."
