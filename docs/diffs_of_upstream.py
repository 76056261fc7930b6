"""Upstream's own changes between neighbouring releases, as diffs of one file each, imported."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.collector import without_collector
from build_hooks.diffs.mails import read_pieces
from docs.diffs_of_ucm import release_tree
from transforms.importers.diffs.compiling import compile_series
from transforms.importers.diffs.errors import DiffError
from transforms.importers.diffs.names import Naming
from transforms.importers.diffs.parsing import parse_diff
from transforms.importers.diffs.series import Commit, apply_series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.artifact import Artifact

PAIRS = (
    ("0.9.2", "0.10.0"),
    ("0.11.0", "0.11.1"),
    ("0.14.0", "0.14.1"),
    ("0.18.0", "0.18.1"),
    ("0.20.2", "0.21.0"),
    ("0.25.0", "0.25.1"),
    ("0.28.0", "0.29.0"),
    ("0.32.0", "0.33.0"),
)
"""Neighbouring releases of the lock."""
EACH = 32
"""How many diffs of each pair are tried, if it has as many."""
MOST_LINES = 100
"""Longer diffs are left out: they take minutes, and are no patches that anybody keeps."""
_SEED = "diffs of upstream"
_GIT = ("git", "-c", "core.autocrlf=false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one diff.

    Attributes:
        older: the release that it is for.
        path: the file.
        identical: whether the patches give the bytes that `git apply` gives.
        refused: why it was not imported; empty where it was.
        became: what its hunks became, counted.
    """

    older: str
    path: str
    identical: bool
    refused: str
    became: Counter[str]


def try_all() -> Iterator[Tried]:
    """Import a sample of upstream's changes, always the same one."""
    for older, newer in PAIRS:
        trees = release_tree(older), release_tree(newer)
        chance = random.Random(f"{_SEED} {older} {newer}")  # noqa: S311 - a sample
        paths = sorted({path for tree in trees for path in tree if not path.endswith(".egg-info")})
        paths = [path for path in paths if _read(trees[0], path) != _read(trees[1], path)]
        chance.shuffle(paths)
        count = 0
        for path in paths:
            before, after = (_read(tree, path) for tree in trees)
            diff, applied = _made(path, before, after)
            if not MOST_LINES >= diff.count(b"\n") > 0:
                continue
            count += 1
            yield _tried(older, path, diff, applied, trees[0])
            if count == EACH:
                break


def _read(tree: Artifact, path: str) -> bytes | None:
    return tree.read(path) if path in tree else None


def _made(path: str, before: bytes | None, after: bytes | None) -> tuple[bytes, bytes | None]:
    """Make the diff of a file with git, and apply it with git to the file before."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        _git(root, "init", "-q")
        _set(file, before)
        _git(root, "add", "-A", "-f")
        _set(file, after)
        _git(root, "add", "-A", "-f", "-N")
        diff = _git(root, "diff", "--no-color", "--no-ext-diff", "--no-renames")
        _set(file, before)
        if diff and b"\nBinary files " not in diff:
            _git(root, "apply", "-", data=diff)
        return diff, file.read_bytes() if file.exists() else None


def _set(file: Path, data: bytes | None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if data is None:
        file.unlink(missing_ok=True)
    else:
        file.write_bytes(data)


def _git(root: Path, *words: str, data: bytes = b"") -> bytes:
    return subprocess.run(
        [*_GIT, *words], cwd=root, input=data, check=True, capture_output=True
    ).stdout


def _tried(older: str, path: str, diff: bytes, applied: bytes | None, tree: Artifact) -> Tried:
    refused, identical = "", False
    became: Counter[str] = Counter()
    try:
        pieces = read_pieces(diff, "upstream.diff")
        commits = [
            Commit(
                origin=piece.origin,
                subject=piece.subject,
                body=piece.body,
                files=tuple(parse_diff(piece.diff, Naming(), first=piece.first)),
            )
            for piece in pieces
        ]
        with without_collector():
            series = apply_series(commits, tree)
            compiled = compile_series(commits, series, older) if not series.failures else None
    except DiffError as error:
        refused = error.reason
    else:
        said = [failure.text for failure in series.failures]
        said += [*compiled.problems] if compiled else []
        refused = "; ".join(said)
        if compiled and not said:
            identical = compiled.files == {path: applied}
            became = Counter(row.became for row in compiled.rows)
    return Tried(older=older, path=path, identical=identical, refused=refused, became=became)
