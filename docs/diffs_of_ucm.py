"""UCM's own git patches, imported: the same bytes as `git apply`, and what holds on later releases.

UCM (`uc-manager` on the index) ships its changes of vLLM as mails of `git format-patch`, for one
release each. They are taken from its locked sdists; nothing of them is kept here.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from build_hooks.artifact import open_artifact
from build_hooks.collector import without_collector
from build_hooks.diffs.importing import read_commits
from build_hooks.fetch import fetch
from build_hooks.lock import read_lock
from build_hooks.lock.plugin_lock import read_plugin_lock
from transforms.engine.explaining.closest import Closest
from transforms.engine.explaining.whereabouts import Whereabouts
from transforms.importers.diffs.compiling import compile_series
from transforms.importers.diffs.names import Naming
from transforms.importers.diffs.series import apply_series
from transforms.importers.rebasing import problems_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from build_hooks.artifact import Artifact
    from transforms.engine.edit import Edit
    from transforms.importers.diffs.rows import Row

PLUGIN = "uc-manager"
_FOLDER = "ucm/integration/vllm/patch"
# Those for vLLM itself; the others are for vllm-ascend, or for releases that have no sdist here.
PATCHES = (
    ("0.3.0", "0.9.2", "vllm-adapt-sparse.patch"),
    ("0.3.0", "0.9.2", "vllm-adapt-rerope.patch"),
    ("0.3.0", "0.9.2", "vllm-adapt.patch"),
    ("0.3.0", "0.11.0", "vllm-adapt-sparse.patch"),
    ("0.5.0", "0.9.2", "vllm-adapt-sparse.patch"),
    ("0.5.0", "0.9.2", "vllm-adapt-rerope.patch"),
    ("0.5.0", "0.9.2", "vllm-adapt.patch"),
    ("0.5.0", "0.11.0", "vllm-adapt-sparse.patch"),
    ("0.5.0", "0.11.0", "vllm-adapt-rerope.patch"),
    ("0.5.0", "0.11.0", "vllm-adapt.patch"),
)
LATER = ("0.11.0", "0.14.1", "0.20.2", "0.25.1", "0.33.0")
"""The releases on which is counted what holds, those after the one that a patch is for."""
# The newest of each kind: the others hold the same changes.
COUNTED = tuple(item for item in PATCHES if item[0] == "0.5.0" and item[2] != "vllm-adapt.patch")
_FAILED = re.compile(r"(\d+) out of \d+ hunks? (?:FAILED|ignored)")
_GIT = ("git", "-c", "core.autocrlf=false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One of UCM's patches, imported on its release.

    Attributes:
        plugin: the version of UCM.
        release: the release that it is for.
        name: its file.
        commits: how many commits it holds.
        rows: what each of its hunks became.
        edits: the edits of all patches that it became.
        before: the files that it changes, as the release has them; without those that it adds.
        made: the files as the typed patches make them.
        applied: the files as `git apply` makes them.
    """

    plugin: str
    release: str
    name: str
    commits: int
    rows: Sequence[Row]
    edits: Sequence[Edit]
    before: Mapping[str, bytes]
    made: Mapping[str, bytes]
    applied: Mapping[str, bytes]


@lru_cache(maxsize=4)
def release_tree(release: str) -> Artifact:
    """Open a locked sdist of vLLM."""
    locked = read_lock().find("vllm", release, "sdist")
    return open_artifact(fetch(locked), unpacked=locked.unpacked)


def patch_text(plugin: str, release: str, name: str) -> bytes:
    """Give one of the patches in a locked sdist of UCM."""
    locked = read_plugin_lock().find(PLUGIN, plugin).artifact
    tree = open_artifact(fetch(locked), unpacked=locked.unpacked)
    return tree.read(f"{_FOLDER}/{release}/{name}")


def import_patch(plugin: str, release: str, name: str) -> Imported:
    """Import a patch in memory, and apply it with git beside that.

    Args:
        plugin: the version of UCM.
        release: the release that it is for.
        name: its file.
    """
    tree = release_tree(release)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(patch_text(plugin, release, name))
        commits = read_commits(path, Naming())
        with without_collector():
            series = apply_series(commits, tree)
            compiled = compile_series(commits, series, release)
        paths = {file.path for commit in commits for file in commit.files}
        before = {each: tree.read(each) for each in sorted(paths) if each in tree}
        applied = _applied(Path(folder, "tree"), before, path)
    if series.failures or compiled.problems:
        said = [*(failure.text for failure in series.failures), *compiled.problems]
        raise ValueError("\n".join(said))
    return Imported(
        plugin=plugin,
        release=release,
        name=name,
        commits=len(commits),
        rows=compiled.rows,
        edits=[edit for draft in compiled.drafts for edit in draft.edits],
        before=before,
        made=compiled.files,
        applied={each: data for each, data in applied.items() if before.get(each) != data},
    )


def _applied(root: Path, files: Mapping[str, bytes], patch: Path) -> dict[str, bytes]:
    """Apply a patch with git to some files."""
    _write(root, files)
    subprocess.run([*_GIT, "apply", str(patch)], cwd=root, check=True, capture_output=True)
    return _read(root)


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    root.mkdir(exist_ok=True)
    subprocess.run([*_GIT, "init", "-q"], cwd=root, check=True)


def _read(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What of a patch holds on a later release.

    Attributes:
        edits: how many edits it is.
        held: how many of them hold.
        hunks: how many hunks it is, all of its commits as one diff.
        by_git: how many of them `git apply --reject` applies.
        by_patch: how many of them `patch --fuzz=2` applies.
    """

    edits: int
    held: int
    hunks: int
    by_git: int
    by_patch: int


def held(imported: Imported, release: str) -> Held:
    """Count what holds on a later release.

    Args:
        imported: a patch, imported on its own release.
        release: the later one.
    """
    tree = release_tree(release)
    # Only the outcomes are wanted: where code went takes longer to find out than that it is gone.
    with (
        mock.patch("transforms.engine.edit.closest_to", return_value=Closest()),
        mock.patch("transforms.engine.edit.where_pattern_matches", return_value=()),
        mock.patch("transforms.engine.syntax.scope.whereabouts", return_value=Whereabouts(())),
        without_collector(),
    ):
        problems = problems_of(imported.edits, tree, release)
    there = {path: tree.read(path) for path in imported.before if path in tree}
    diff = _one_diff(imported)
    hunks = len(re.findall(rb"^@@ ", diff, re.MULTILINE))
    return Held(
        edits=len(problems),
        held=problems.count(None),
        hunks=hunks,
        by_git=hunks - _rejected_by_git(diff, there),
        by_patch=hunks - _rejected_by_patch(diff, there),
    )


def _one_diff(imported: Imported) -> bytes:
    """Give all that a patch does as one diff, as git makes it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write(root, imported.before)
        subprocess.run([*_GIT, "add", "-A", "-f"], cwd=root, check=True)
        _write(root, imported.applied)
        subprocess.run([*_GIT, "add", "-A", "-f", "-N"], cwd=root, check=True)
        words = [*_GIT, "diff", "--no-color", "--no-ext-diff", "--no-renames"]
        return subprocess.run(words, cwd=root, check=True, capture_output=True).stdout


def _rejected_by_git(diff: bytes, files: Mapping[str, bytes]) -> int:
    """Count the hunks that git leaves in `.rej` files, and those of files that are not there."""
    rejected = 0
    for part in re.split(rb"^(?=diff --git )", diff, flags=re.MULTILINE)[1:]:
        hunks = len(re.findall(rb"^@@ ", part, re.MULTILINE))
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            _write(root, files)
            words = [*_GIT, "apply", "--reject", "-"]
            done = subprocess.run(words, cwd=root, input=part, check=False, capture_output=True)
            left = [path.read_bytes() for path in root.rglob("*.rej")]
        if done.returncode:
            counted = sum(len(re.findall(rb"^@@ ", each, re.MULTILINE)) for each in left)
            rejected += counted if left else hunks
    return rejected


def _rejected_by_patch(diff: bytes, files: Mapping[str, bytes]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write(root, files)
        words = ["patch", "-p1", "--fuzz=2", "--batch", "--forward", "-r", "-"]
        done = subprocess.run(words, cwd=root, input=diff, check=False, capture_output=True)
    return sum(int(found) for found in _FAILED.findall(done.stdout.decode("utf-8", "replace")))
