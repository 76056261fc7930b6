"""Make what the run-time proofs run in: for each release torch for the CPU, and what it requires.

    python -m tests.windows.runtime.environment FOLDER RELEASE...

For each release, `FOLDER/RELEASE/env` is an environment. The guard tests have the same ones: an
environment whose requirements have not changed is reused.
"""

from __future__ import annotations

import sys
from pathlib import Path

from build_hooks.metadata import requirements_of
from tests.environments import installable, release_environment
from tests.windows.release import tree


def main(folder: Path, releases: list[str]) -> None:
    """Make the environment of each release."""
    for release in releases:
        requirements = installable(requirements_of(tree(release), f"the sdist of {release}"))
        python = release_environment(folder / release / "env", release, requirements)
        print(f"{release}: {python}")  # noqa: T201 - this is a program


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
