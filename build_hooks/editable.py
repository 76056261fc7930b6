"""An editable install (PEP 660): the patched tree as a git repository, and what points at it.

The tree is what the wheel would install, with its `.dist-info`, so that it says of itself what the
wheel would. Its commits are those of `apply`, so that `capture` makes patches of what is edited.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.building import Built, described
from build_hooks.errors import OutputError, UsageError
from build_hooks.pipeline import compile_patches, make_plan
from build_hooks.record import Row, read_rows, row_of, write_rows
from build_hooks.repack import renamed, repacked_dist_info
from build_hooks.report import counted
from build_hooks.repository.git import git
from build_hooks.repository.reading import edited_since
from build_hooks.repository.series import commits
from build_hooks.repository.writing import BRANCH, write_repository
from build_hooks.shipping import PACKAGE, WHEEL
from build_hooks.wheel import dist_info_files, write_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.pipeline import Compiled, Plan
    from build_hooks.repository.series import Commit
    from build_hooks.settings import Settings

_DEFAULT = Path(__file__).resolve().parents[1] / "build" / "editable"
_NAMED = 3


def build_editable(settings: Settings, folder: Path) -> Built:
    """Write the patched tree, and a wheel that points at it.

    Args:
        settings: what the user set; `editable` says where the tree goes.
        folder: where the wheel goes.

    Raises:
        UsageError: the tree holds edits that would be lost, or is no tree of ours; no git.
        WheelwrightError: anything that stops a build. A tree that is there stays as it is then.
    """
    plan = make_plan(settings, WHEEL)
    compiled = compile_patches(plan)
    tree = (settings.editable or _DEFAULT / plan.metadata.stem).absolute()
    if "\n" in str(tree):
        raise UsageError(f"no .pth file can name the folder {str(tree)!r}")
    shown, info = _installed(plan, compiled), _dist_info(plan, compiled)
    _require_nothing_lost(tree, shown)
    _write_tree(tree, plan, compiled, shown, info)
    data = _data_files(plan)
    pth = f"__editable__.{plan.metadata.stem}.pth"
    target = folder / plan.metadata.wheel_name
    members = {pth: f"{tree}\n".encode(), **data, **info}
    write_members(target, members, plan.metadata, plan.origin.timestamp)
    said = f"the patched tree is {tree}: edit there, and make a patch of it by `capture`"
    return Built(path=target, notes=(said,))


def _installed(plan: Plan, compiled: Compiled) -> dict[str, bytes]:
    """Give every file that the wheel would install as it is, by path."""
    changed = {file.path: file.after for file in compiled.files}
    if isinstance(plan.artifact, BinaryWheel):
        own = [path for path in plan.artifact if not _is_described(path, plan.artifact)]
    else:
        own = [path for path in plan.artifact if path.startswith(PACKAGE)]
    return {path: plan.artifact.read(path) for path in own if path not in changed} | changed


def _is_described(path: str, wheel: BinaryWheel) -> bool:
    return path.startswith((f"{wheel.dist_info}/", f"{wheel.stem}.data/"))


def _data_files(plan: Plan) -> dict[str, bytes]:
    """Give the scripts and the like of a binary wheel, which are installed elsewhere."""
    if not isinstance(plan.artifact, BinaryWheel):
        return {}
    wheel = plan.artifact
    found = [path for path in wheel if path.startswith(f"{wheel.stem}.data/")]
    return {renamed(path, plan.metadata, wheel): wheel.read(path) for path in found}


def _dist_info(plan: Plan, compiled: Compiled) -> dict[str, bytes]:
    files = described(plan, compiled)
    if isinstance(plan.artifact, BinaryWheel):
        files = {**repacked_dist_info(plan.metadata, plan.artifact), **files}
    else:
        files = {**dist_info_files(plan.metadata, plan.artifact), **files}
    return {f"{plan.metadata.dist_info}/{path}": data for path, data in files.items()}


def _require_nothing_lost(tree: Path, shown: Mapping[str, bytes]) -> None:
    """Refuse a tree with edits that are in no patch; what the build writes too is in one."""
    if not tree.exists() or (tree.is_dir() and not any(tree.iterdir())):
        return
    edited = [*edited_since(tree), *_edited_unlisted(tree)]
    own = [path for path in edited if _bytes(tree / path) != shown.get(path)]
    step = f"`python -m build_hooks capture {tree} --name NAME` makes a patch of them"
    if own:
        more = "" if len(own) <= _NAMED else f" and {len(own) - _NAMED} more"
        what = f"{tree} has edits that would be lost: {', '.join(own[:_NAMED])}{more}"
        raise UsageError(what, next_step=f"{step}; or remove the folder")
    names = git(tree, "for-each-ref", "--format=%(refname)").decode().split()
    others = [name for name in names if name != f"refs/heads/{BRANCH}"]
    if others:
        what = f"{tree} has {counted(len(others), 'branch or stash', 'branches or stashes')}"
        raise UsageError(
            f"{what} of your own: {', '.join(others[:_NAMED])}",
            next_step="take from them what you need, and remove the folder",
        )


def _edited_unlisted(tree: Path) -> Iterator[str]:
    """Name what git leaves aside and is not as it was written: the rest of a binary wheel."""
    words = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    ignored = git(tree, *words).decode().split("\0")
    for record in tree.glob("*.dist-info/RECORD"):
        rows = read_rows(record.read_bytes(), record.relative_to(tree).as_posix(), tree.name)
        for path in filter(rows.__contains__, ignored):
            if rows[path].digest and not rows[path].holds_for((tree / path).read_bytes()):
                yield path


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _write_tree(
    tree: Path,
    plan: Plan,
    compiled: Compiled,
    shown: Mapping[str, bytes],
    info: Mapping[str, bytes],
) -> None:
    """Write the tree beside the old one, and put it in its place."""
    new = tree.with_name(f".{tree.name}.{secrets.token_hex(4)}.new")
    old = new.with_suffix(".old")
    own = frozenset(plan.artifact)
    try:
        write_repository(
            new,
            _shown_commits(plan, compiled, shown),
            timestamp=plan.origin.timestamp,
            is_executable=lambda path: path in own and plan.artifact.is_executable(path),
        )
        # What is compiled, and what says what was built, is nothing to edit.
        unlisted = {path: data for path, data in shown.items() if not (new / path).exists()}
        rows = [(path, row_of(data)) for path, data in sorted({**shown, **info}.items())]
        record = f"{plan.metadata.dist_info}/RECORD"
        listed = write_rows([*rows, (record, Row("", None))])
        for path, data in {**unlisted, **info, record: listed}.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_bytes(data)
            if path in own and plan.artifact.is_executable(path):
                (new / path).chmod(0o755)
        ignored = ["__pycache__/", "*.pyc", f"/{plan.metadata.dist_info}/"]
        ignored += [f"/{_escaped(path)}" for path in sorted(unlisted)]
        exclude = new / ".git" / "info" / "exclude"
        exclude.write_text("\n".join(ignored) + "\n", encoding="utf-8")
        if tree.exists():
            tree.replace(old)
        new.replace(tree)
    except OSError as error:
        raise OutputError(
            f"{tree} cannot be written: {error.strerror or error}",
            next_step="free space, or choose another folder by -C editable=DIR",
        ) from error
    finally:
        if old.exists() and not tree.exists():
            old.replace(tree)
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)


def _shown_commits(plan: Plan, compiled: Compiled, shown: Mapping[str, bytes]) -> Iterator[Commit]:
    """Give the commits of `apply`, without what is not installed."""
    for commit in commits(plan, compiled):
        files = {path: data for path, data in commit.files.items() if path in shown}
        if files:
            yield replace(commit, files=files)


def _escaped(path: str) -> str:
    r"""Write a path as gitignore(5) reads it: `*`, `?`, `[` and `\` stand for more elsewhere."""
    return "".join(f"\\{letter}" if letter in r"*?[]\ #!" else letter for letter in path)
