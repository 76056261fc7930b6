"""Read diffs, compile them on a release, and write them as patch modules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from build_hooks.collector import without_collector
from build_hooks.diffs.loading import patch_of
from build_hooks.diffs.mails import read_pieces
from build_hooks.errors import ArtifactError, PatchFailureError, UsageError
from build_hooks.locating import locate
from build_hooks.output import write_all
from build_hooks.pipeline import apply_and_check, open_plan
from build_hooks.report import counted
from build_hooks.scaffold import require_absent, require_name
from build_hooks.shipping import SDIST
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.patch import bind_runtime
from transforms.importers.diffs.compiling import compile_series
from transforms.importers.diffs.errors import GarbledDiffError, UnsupportedDiffError
from transforms.importers.diffs.naming import unsaid, upstream_of, why_of
from transforms.importers.diffs.parsing import parse_diff
from transforms.importers.diffs.series import Commit, apply_series
from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from build_hooks.pipeline import Plan
    from build_hooks.settings import Settings
    from transforms.engine.patch import Patch
    from transforms.importers.diffs.compiling import Compiled, Draft
    from transforms.importers.diffs.errors import DiffError
    from transforms.importers.diffs.names import Naming
    from transforms.importers.diffs.rows import Row
    from transforms.importers.diffs.series import Failure, Series

_FIELDS = ("why", "upstream", "drop_when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to import, and what to make of it.

    Attributes:
        diffs: the files, in the order in which they are applied.
        folder: where the patches go.
        naming: how the names in the diffs become paths.
        exclude: patterns of paths that are left out.
        name: make one patch of this name of it all; empty for one for each commit.
        said: what the author says of the patches: ``why``, ``upstream``, ``drop_when``.
    """

    diffs: Sequence[Path]
    folder: Path
    naming: Naming
    exclude: Sequence[str]
    name: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was imported.

    Attributes:
        release: the release.
        artifact: what of it was read.
        patches: for each patch its name, the commits that it is made of, and its number of edits.
        rows: what each hunk became.
        files: what was written: patch modules first, then the files that they add.
        missing: for each patch, the fields that are left for the author.
        notes: what is not as the diffs say, and no failure.
        checks: the checks on the edited files that failed.
        edited: what the patches make of the release, by path.
    """

    release: str
    artifact: str
    patches: tuple[tuple[str, tuple[str, ...], int], ...]
    rows: tuple[Row, ...]
    files: tuple[Path, ...]
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    checks: tuple[str, ...]
    edited: Mapping[str, bytes]


def import_diffs(request: Request, settings: Settings) -> Imported:
    """Compile diffs to patches, prove that these give the same bytes, and write them.

    Args:
        request: what to import.
        settings: where the release comes from.

    Raises:
        ArtifactError: a diff is truncated or malformed, or leads out of the tree.
        UsageError: a diff cannot be read, changes nothing, or says what no edit can do.
        PatchFailureError: a diff does not apply to the release, or is in it already.
    """
    if request.name:
        require_name(request.name)
    commits = [commit for path in request.diffs for commit in read_commits(path, request.naming)]
    if not any(commit.files for commit in commits):
        named = ", ".join(str(path) for path in request.diffs)
        raise UsageError(
            f"{named}: no diff in it", next_step="give a unified diff (`diff -u`, git)"
        )
    plan = open_plan(settings, {}, *locate(settings, ()))
    release = plan.metadata.release
    with without_collector():
        series = apply_series(commits, plan.artifact, exclude=request.exclude)
        _require_applied(series, plan)
        compiled = compile_series(commits, series, release, name=request.name)
        if compiled.problems:
            raise UsageError("\n".join(compiled.problems))
        if not compiled.drafts:
            raise UsageError("nothing is left of the diffs: no file changes in the end")
        modules, missing = _modules(compiled, commits, request, release)
        patches = _prove(modules, compiled, plan)
        checks = _checks(patches, plan)
    added = {path: data for draft in compiled.drafts for path, data in draft.added.items()}
    files = {
        **{request.folder / f"{stem}.py": text.encode() for stem, text in modules.items()},
        **{request.folder / "runtime" / path: data for path, data in sorted(added.items())},
    }
    require_absent(files)
    write_all(files)
    return Imported(
        release=release,
        artifact=plan.origin.artifact,
        patches=tuple(
            (
                draft.stem,
                tuple(commits[number].origin for number in draft.commits),
                len(draft.edits),
            )
            for draft in compiled.drafts
        ),
        rows=compiled.rows,
        files=tuple(files),
        missing=missing,
        notes=tuple(series.notes),
        checks=checks,
        edited=compiled.files,
    )


def read_commits(path: Path, naming: Naming) -> list[Commit]:
    """Read a file of one or more commits.

    Args:
        path: the file.
        naming: how the names in it become paths.

    Raises:
        ArtifactError: it is truncated or malformed, or leads out of the tree.
        UsageError: it is not there, or of a kind that cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path} cannot be read: {reason}") from error
    try:
        return [
            Commit(
                origin=piece.origin,
                subject=piece.subject,
                body=piece.body,
                files=tuple(parse_diff(piece.diff, naming, first=piece.first)),
            )
            for piece in read_pieces(data, path.name)
        ]
    except GarbledDiffError as error:
        raise ArtifactError(_said(path, error), next_step=error.next_step) from error
    except UnsupportedDiffError as error:
        raise UsageError(_said(path, error), next_step=error.next_step) from error


def _said(path: Path, error: DiffError) -> str:
    return f"{path}:{error.line}: {error.reason}" if error.line else f"{path}: {error.reason}"


def _require_applied(series: Series, plan: Plan) -> None:
    """Refuse a series of which a part does not apply; all such parts are said at once."""
    if not series.failures:
        return
    text = "\n".join(failure.text for failure in series.failures)
    kinds = {failure.kind for failure in series.failures}
    if "unsupported" in kinds:
        raise UsageError(text)
    release, done = plan.metadata.release, _count(series.failures, "done")
    tried, failed = series.hunks, len(series.failures)
    if done == failed and not series.steps:
        what = f"all of it is in {release} already, or it was made the other way round"
        step = "import nothing, or turn it round (`git diff -R`, `interdiff`)"
    else:
        what = f"{failed} of {tried} hunks do not apply to {release}"
        what += f", {done} of them because their work is done there" if done else ""
        step = "give the release that the diff was made for by --vllm; nothing is placed by guess"
    raise PatchFailureError(f"{text}\n{what}", next_step=step)


def _count(failures: Sequence[Failure], kind: str) -> int:
    return sum(failure.kind == kind for failure in failures)


def _modules(
    compiled: Compiled, commits: Sequence[Commit], request: Request, release: str
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Write a module for each patch, and say what is left for its author."""
    modules: dict[str, str] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for draft in compiled.drafts:
        own = [commits[number] for number in draft.commits]
        given = {name: request.said.get(name, "").strip() for name in _FIELDS}
        said = {
            "why": given["why"] or why_of(own),
            "upstream": given["upstream"] or upstream_of(own),
            "drop_when": given["drop_when"] or unsaid(own),
        }
        modules[draft.stem] = patch_module(
            draft.edits, docstring=_docstring(draft, own), versions=f">={release}", **said
        )
        missing[draft.stem] = tuple(name for name in _FIELDS if not said[name])
    return modules, missing


def _docstring(draft: Draft, commits: Sequence[Commit]) -> str:
    subjects = dict.fromkeys(commit.subject for commit in commits if commit.subject)
    text = "; ".join(subjects) or draft.stem.replace("_", " ")
    return f"{text[0].upper()}{text[1:]}".rstrip(".") + "."


def _prove(modules: Mapping[str, str], compiled: Compiled, plan: Plan) -> dict[str, Patch]:
    """Load what will be written, and hold what it makes of the release against the diffs."""
    added = {path: data for draft in compiled.drafts for path, data in draft.added.items()}
    loaded = {stem: patch_of(text, f"{stem}.py", tried=True) for stem, text in modules.items()}
    bound = bind_runtime(loaded, added)
    patches = {f"diff/{stem}": patch for stem, patch in bound.items()}
    outcomes = match_patches(patches, plan.artifact, plan.metadata.release)
    made = {file.path: file.after for file in apply_sites(outcomes, plan.artifact)}
    if made != compiled.files:
        wrong = sorted(
            path for path in {*made, *compiled.files} if made.get(path) != compiled.files.get(path)
        )
        raise PatchFailureError(
            f"the modules give other bytes than the diffs: {', '.join(wrong)}",
            next_step="report this, with the diff",
        )
    return patches


def _checks(patches: Mapping[str, Patch], plan: Plan) -> tuple[str, ...]:
    """Say which checks a build with these patches would fail."""
    # What is outside of the package counts too: a platform that changes it builds sdists.
    whole = replace(plan, patches=patches, output=SDIST)
    outcomes = match_patches(patches, plan.artifact, plan.metadata.release)
    return tuple(apply_and_check(whole, outcomes)[1])


def summary(imported: Imported) -> str:
    """Sum up an import in a line."""
    kinds = [row.became for row in imported.rows]
    parts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return (
        f"{counted(len(kinds), 'hunk')} on {imported.release}: {', '.join(parts)}; "
        f"{counted(len(imported.patches), 'patch', 'patches')}, byte for byte what the diffs give"
    )
