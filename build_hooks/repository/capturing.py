"""From an edited repository to a patch module that gives exactly the edited files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from build_hooks.errors import IntegrityError, PatchFailureError, UsageError
from build_hooks.lock import read_lock
from build_hooks.output import write_all
from build_hooks.pipeline import apply_and_check, compile_patches, make_plan, match
from build_hooks.report import failure_report
from build_hooks.repository.reading import EditedPath, EditedTree, read_edited
from build_hooks.repository.unpatching import EntangledError, without_patches
from build_hooks.scaffold import patch_folders, require_absent, require_name
from transforms.engine.apply import apply_sites
from transforms.engine.patch import bare_patch
from transforms.engine.syntax.source import SourceError
from transforms.importers.capture import capture
from transforms.importers.errors import UnexplainedError
from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from build_hooks.pipeline import Plan
    from build_hooks.settings import Settings
    from transforms.engine.apply import EditedFile
    from transforms.engine.edit import Edit

_FIELDS = ("why", "upstream", "drop_when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to capture and what to call it.

    Attributes:
        folder: the repository.
        name: the patch's name.
        platform: the platform that it belongs to; None for the only one of the repository.
        output: the folder to write into; None for the platform's own.
        said: what the author says already: ``why``, ``upstream``, ``drop_when``.
    """

    folder: Path
    name: str
    platform: str | None
    output: Path | None
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written.

    Attributes:
        name: the patch's full name.
        files: the patch's module first, then the files that it adds.
        edits: pairs of the kind of edit and the scope or path that it is for.
        missing: the fields that are left for the author.
    """

    name: str
    files: tuple[Path, ...]
    edits: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def capture_repository(request: Request, settings: Settings) -> Written:
    """Write what was edited in a repository as a patch of its platform.

    Args:
        request: what to capture.
        settings: where artifacts come from; release and platforms are the repository's.

    Raises:
        UsageError: nothing, or nothing that edits can say, was edited; a name is taken.
        IntegrityError: the repository was made from another artifact.
        PatchFailureError: what was captured does not give the edited files.
    """
    require_name(request.name)
    tree = read_edited(request.folder)
    platform = _platform(request, tree)
    own, _ = patch_folders(platform)
    folder = request.output or own
    plan = make_plan(_as_applied(tree, settings))
    edits, added = _capture_all(tree, plan)
    _prove(f"{platform}/{request.name}", edits, added, tree, plan)
    text = patch_module(
        edits,
        docstring=f"{request.name.replace('_', ' ').capitalize()}.",
        versions=f">={tree.release}",
        **{name: request.said.get(name, "") for name in _FIELDS},
    )
    files = {
        folder / f"{request.name}.py": text.encode(),
        **{folder / "runtime" / path: data for path, data in added.items()},
    }
    require_absent(files)
    write_all(files)
    return Written(
        name=f"{platform}/{request.name}",
        files=tuple(files),
        edits=tuple((type(edit).__name__, _where(edit)) for edit in edits),
        missing=tuple(name for name in _FIELDS if not request.said.get(name, "").strip()),
    )


def _as_applied(tree: EditedTree, settings: Settings) -> Settings:
    """Read what `apply` read, where the lock knows it and the user names nothing else."""
    settings = replace(
        settings, platform=tree.platforms, vllm=tree.release, only=tree.only, skip=tree.skip
    )
    locked = [one for one in read_lock().artifacts if one.filename == tree.artifact]
    if settings.source or not locked:
        return settings
    return replace(settings, distribution=locked[0].distribution, source=locked[0].kind)


def _platform(request: Request, tree: EditedTree) -> str:
    if request.platform is not None and request.platform not in tree.platforms:
        known = ", ".join(tree.platforms)
        raise UsageError(f"{request.folder} is for {known}, not for {request.platform!r}")
    if request.platform is None and len(tree.platforms) != 1:
        raise UsageError(
            f"{request.folder} is for several platforms: {', '.join(tree.platforms)}",
            next_step="name the patch's own by -p",
        )
    return request.platform or tree.platforms[0]


def _where(edit: Edit) -> str:
    return str(getattr(edit, "inside", "") or getattr(edit, "path", ""))


def _capture_all(tree: EditedTree, plan: Plan) -> tuple[list[Edit], dict[str, bytes]]:
    """Capture every edited file; all that cannot be captured is said at once."""
    for file in tree.files:
        _require_same_artifact(file, plan)
    patched = {file.path: file for file in compile_patches(plan).files}
    edits: list[Edit] = []
    added: dict[str, bytes] = {}
    problems: list[str] = []
    for file in tree.files:
        wanted = _on_upstream(file, patched.get(file.path))
        try:
            edits += capture(
                file.path, file.upstream, wanted, plan.artifact, release=tree.release
            ).edits
        except (UnexplainedError, SourceError) as error:
            problems.append(str(error))
        if file.upstream is None:
            added[file.path] = wanted
    if problems:
        raise UsageError("\n".join(problems))
    return edits, added


def _require_same_artifact(file: EditedPath, plan: Plan) -> None:
    there = plan.artifact.read(file.path) if file.path in plan.artifact else None
    if there != file.upstream:
        raise IntegrityError(
            f"{file.path} is not what {plan.artifact.name} holds",
            next_step="name what `apply` was given by --source",
        )


def _on_upstream(file: EditedPath, patched: EditedFile | None) -> bytes:
    """Give the file as it would be without the patches of the series."""
    if patched is None and file.patched == file.upstream:
        return file.edited
    if patched is None or patched.after != file.patched:
        raise IntegrityError(
            f"{file.path}: the patches have changed since `apply` wrote it",
            next_step="run `apply` again, and take your changes there with `git diff`",
        )
    try:
        return without_patches(patched, file.edited)
    except EntangledError as error:
        raise UsageError(
            f"{file.path}: what was edited there is what a patch has written: {error}",
            next_step="change that patch instead",
        ) from error


def _prove(
    name: str, edits: Sequence[Edit], added: Mapping[str, bytes], tree: EditedTree, plan: Plan
) -> None:
    """Build with the captured patch in memory: every edited file must come out as it was edited."""
    patch = bare_patch(edits)
    if name in plan.patches:
        raise UsageError(f"the patch {name} exists", next_step="choose another name")
    whole = replace(plan, patches={**plan.patches, name: patch})
    outcomes = match(whole)
    if not all(outcome.status.is_good for outcome in outcomes):
        raise PatchFailureError(failure_report(outcomes, whole.patches, plan.metadata.release))
    files, failures = apply_and_check(whole, outcomes)
    noticed = {file.path: file.after for file in files}
    plain = {file.path: file.after for file in apply_sites(outcomes, plan.artifact)}
    for file in tree.files:
        # The notice is written by the build into every file that patches change.
        written = plain if file.upstream == file.patched else noticed
        if written.get(file.path) != file.edited and file.path not in added:
            failures.append(
                f"{file.path}: what was captured gives other bytes than the edited file"
            )
    if failures:
        raise PatchFailureError("\n".join(failures))
