"""A git repository that holds a release, in which somebody works as teams do: the oracle."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.build_hooks.small_release import small_files, write_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "core.autocrlf=false")
# No configuration of whoever runs the tests counts.
ENVIRONMENT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


class GitTree:
    """A release's files, committed.

    Args:
        folder: where the repository is made.
        files: the files; those of the small release where not given.
    """

    def __init__(self, folder: Path, files: Mapping[str, bytes] | None = None) -> None:
        self.root = folder
        self.files = small_files() if files is None else files
        write_folder(folder, self.files)
        self.git("init", "-q")
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "upstream")
        self.base = self.git("rev-parse", "HEAD").decode().strip()

    def git(self, *words: str, cwd: str = "", code: int = 0, data: bytes | None = None) -> bytes:
        """Run git, and give what it wrote."""
        done = subprocess.run(
            ["git", *AUTHOR, *words],
            cwd=self.root / cwd,
            env=ENVIRONMENT | {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(self.root)},
            input=data,
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done.stderr.decode()
        return done.stdout

    def edit(self, path: str, old: str, new: str) -> None:
        """Edit a file."""
        text = (self.root / path).read_bytes().decode()
        assert text.count(old) == 1, (path, old)
        self.write(path, text.replace(old, new).encode())

    def write(self, path: str, data: bytes) -> None:
        """Write a file."""
        write_folder(self.root, {path: data})

    def commit(self, message: str) -> None:
        """Commit all that was edited."""
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", message)

    def diff(self, *words: str, cwd: str = "") -> bytes:
        """Give the diff of what was edited since upstream's commit."""
        self.git("add", "-A", "-f")
        return self.git("diff", "--cached", *words, self.base, cwd=cwd)

    def series(self) -> bytes:
        """Give the mails of all commits since upstream's."""
        return self.git("format-patch", "--stdout", self.base)

    def applied(self, *diffs: bytes, options: tuple[str, ...] = ()) -> dict[str, bytes] | None:
        """Apply diffs to upstream's files with `git apply`; give what differs, or None."""
        self.git("reset", "-q", "--hard", self.base)
        self.git("clean", "-q", "-f", "-d", "-x")
        for diff in diffs:
            done = subprocess.run(
                ["git", *AUTHOR, "apply", *options, "-"],
                cwd=self.root,
                env=ENVIRONMENT | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
                input=diff,
                capture_output=True,
                check=False,
            )
            if done.returncode:
                return None
        return {
            path: data
            for path, data in sorted(self.current().items())
            if self.files.get(path) != data
        }

    def current(self) -> dict[str, bytes]:
        """Give all files as they are."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }
