"""Report the patches of a folder on a newer release, and rewrite those of which code moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from build_hooks.collector import without_collector
from build_hooks.diffs.loading import load_folder, patch_of
from build_hooks.errors import PatchFailureError, UsageError
from build_hooks.locating import locate
from build_hooks.lock import read_lock
from build_hooks.output import write_all
from build_hooks.pipeline import open_plan
from transforms.engine.edit import AddsFile
from transforms.engine.match import match_patches
from transforms.engine.patch import admits
from transforms.importers.rebasing import MOVED, Move, State
from transforms.importers.rewriting import FixedTextError, rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from build_hooks.pipeline import Plan
    from build_hooks.settings import Settings
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """What became of the patches of a folder on a release.

    Attributes:
        release: the release.
        base: the release that they were compared with; empty where there was none.
        patches: the patches by stem, as they are now.
        states: what became of each edit, by the patch's stem.
        outcomes: what becomes of the patches on the release, as they are now.
        files: the modules that were rewritten, or would be.
        fixed: for each patch whose module cannot be rewritten, why.
    """

    release: str
    base: str
    patches: Mapping[str, Patch]
    states: Mapping[str, Sequence[State]]
    outcomes: Sequence[Outcome]
    files: tuple[Path, ...]
    fixed: Mapping[str, str]

    @property
    def is_good(self) -> bool:
        """Tell whether all patches hold on the release now."""
        return all(outcome.status.is_good for outcome in self.outcomes)


def rebase(folder: Path, base: str, settings: Settings, *, dry_run: bool) -> Rebased:
    """Say what becomes of every edit, and write down where those are that moved.

    Args:
        folder: patch modules, as the importers write them.
        base: a release that the patches hold on, or a path; empty for the oldest that is locked.
        settings: where the newer release comes from.
        dry_run: write nothing.

    Raises:
        UsageError: the folder holds no patches, or the older release has no such name.
        PatchModuleError: a module cannot be loaded.
    """
    patches = load_folder(folder)
    plan = open_plan(settings, {}, *locate(settings, ()))
    release = plan.metadata.release
    older = _older(base, patches, settings, release)
    move = Move(tree=plan.artifact, release=release, before=older.artifact if older else None)
    with without_collector():
        states = {stem: list(move.states(patch)) for stem, patch in patches.items()}
        texts, fixed = _rewritten(folder, states, release)
        now = {stem: _reloaded(patches[stem], texts.get(stem), stem) for stem in patches}
        named = {f"rebase/{stem}": patch for stem, patch in now.items()}
        outcomes = match_patches(named, plan.artifact, release)
        if older is not None:
            _require_kept(patches, now, texts, older)
    files = {folder / f"{stem}.py": text.encode() for stem, text in texts.items()}
    if not dry_run:
        write_all(files)
    return Rebased(
        release=release,
        base=older.metadata.release if older else "",
        patches=now,
        states=states,
        outcomes=outcomes,
        files=tuple(files),
        fixed=fixed,
    )


def _older(
    base: str, patches: Mapping[str, Patch], settings: Settings, release: str
) -> Plan | None:
    """Open the release that the patches hold on; without one, code is found by its name only."""
    if Path(base).exists() and base:
        own = replace(settings, vllm="", source=base)
    else:
        named = base or _oldest(patches, settings, release)
        if not named:
            return None
        kinds = read_lock().kinds(settings.distribution, named)
        own = replace(settings, vllm=named, source=kinds[0] if kinds else "sdist")
    return open_plan(own, {}, *locate(own, ()))


def _oldest(patches: Mapping[str, Patch], settings: Settings, release: str) -> str:
    """Give the oldest locked release that a patch is for, if it is older than the new one."""
    for known in read_lock().releases(settings.distribution):
        if any(admits(patch.versions, known) for patch in patches.values()):
            return known if _is_before(known, release) else ""
    return ""


def _is_before(known: str, release: str) -> bool:
    try:
        return Version(known) < Version(release)
    except InvalidVersion as error:
        raise UsageError(f"{release!r} is no version") from error


def _rewritten(
    folder: Path, states: Mapping[str, Sequence[State]], release: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Write the modules of which edits moved, and say which cannot be written."""
    texts: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for stem, own in states.items():
        if not any(state.outcome == MOVED for state in own):
            continue
        text = (folder / f"{stem}.py").read_text(encoding="utf-8")
        try:
            texts[stem] = rewritten(text, own, release)
        except FixedTextError as error:
            fixed[stem] = error.reason
    return texts, fixed


def _reloaded(patch: Patch, text: str | None, stem: str) -> Patch:
    """Load a module that was rewritten, with the files that its patch adds."""
    if text is None:
        return patch
    loaded = patch_of(text, f"{stem}.py", tried=True)
    files = {edit.path: edit for edit in patch.edits if isinstance(edit, AddsFile)}
    edits = [files[edit.path] if isinstance(edit, AddsFile) else edit for edit in loaded.edits]
    return replace(loaded, edits=edits)


def _require_kept(
    before: Mapping[str, Patch], after: Mapping[str, Patch], texts: Mapping[str, str], older: Plan
) -> None:
    """Refuse to write what would be something else on the older release."""
    release = older.metadata.release
    for stem in texts:
        sites = [
            match_patches({f"rebase/{stem}": each[stem]}, older.artifact, release)[0].sites
            for each in (before, after)
        ]
        if sites[0] != sites[1]:
            raise PatchFailureError(
                f"{stem}: rewritten, it would be another patch on {release}",
                next_step="report this, with the patch",
            )
