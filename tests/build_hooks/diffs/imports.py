"""Import diffs by the command, and load what it wrote as a build does."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from build_hooks.__main__ import main
from build_hooks.diffs.loading import load_folder
from tests.build_hooks.command_line import run, run_json
from tests.build_hooks.diffs.git_tree import GitTree
from tests.build_hooks.small_release import RELEASE, small_files, write_sdist
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A release as an sdist and as a repository, and where diffs and patches go."""

    folder: Path
    tree: GitTree
    sdist: Path

    @classmethod
    def of(cls, folder: Path, files: Mapping[str, bytes] | None = None) -> Place:
        """Make both from the small release with some files more."""
        every = {**small_files(), **(files or {})}
        sdist = write_sdist(folder / f"vllm-{RELEASE}.tar.gz", every)
        return cls(folder, GitTree(folder / "tree", every), sdist)

    def file(self, diff: bytes, name: str = "change.patch") -> Path:
        """Write a diff."""
        path = self.folder / name
        path.write_bytes(diff)
        return path

    def words(self, *diffs: bytes) -> list[str | Path]:
        """Give the command that imports diffs, with one file for each."""
        paths = [self.file(diff, f"{number}-change.patch") for number, diff in enumerate(diffs)]
        out: list[str | Path] = ["-o", self.folder / "out", "--source", self.sdist]
        return ["import-diff", *paths, "--vllm", RELEASE, *out]

    def run(self, *diffs: bytes, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Import diffs."""
        return run(*self.words(*diffs), *options)

    def refusal(self, *diffs: bytes, code: int, options: tuple[str, ...] = ()) -> str:
        """Import diffs in this process, which must fail and write nothing; give the message."""
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            found = main([*map(str, self.words(*diffs)), *options])
        assert found == code, errors.getvalue()
        assert errors.getvalue().startswith("error: ")
        assert self.left() == []
        return errors.getvalue()

    def document(
        self, *diffs: bytes, options: tuple[str, ...] = (), code: int = 0
    ) -> dict[str, Any]:
        """Import diffs, and give what the command says as JSON."""
        return run_json(*self.words(*diffs), *options, code=code)

    def made(self) -> dict[str, bytes]:
        """Give the files that the patches change, as they are with them."""
        loaded = load_folder(self.folder / "out")
        patches = {f"diff/{stem}": patch for stem, patch in loaded.items()}
        tree = MemoryTree.of(self.tree.files)
        outcomes = match_patches(patches, tree, RELEASE)
        assert all(outcome.status.is_good for outcome in outcomes), outcomes
        return {file.path: file.after for file in apply_sites(outcomes, tree)}

    def left(self) -> list[str]:
        """Give the names of what was written."""
        return sorted(path.name for path in self.folder.glob("out/**/*"))
