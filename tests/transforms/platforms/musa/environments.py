"""Make what the guard tests run in: for each wheel an environment, and its upstream's own sources.

    python -m tests.transforms.platforms.musa.environments FOLDER WHEEL...

For each release, `FOLDER/RELEASE/env` has torch for the CPU, the wheel's requirements and the
wheel; `FOLDER/RELEASE/stock` has the same files with upstream's bytes. Run again, it reuses
environments whose requirements have not changed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

from packaging.utils import parse_wheel_filename

from build_hooks.pipeline import make_plan
from build_hooks.settings import read_settings
from tests.environments import release_environment, requirements_of, uv_install


def main(folder: Path, wheels: list[Path]) -> None:
    """Make the environment and the stock sources of each wheel."""
    for wheel in wheels:
        release = parse_wheel_filename(wheel.name)[1].public
        root = folder / release
        _install(root / "env", wheel, release)
        _unpack_stock(root / "stock", wheel, release)
        print(f"{release}: {root}")  # noqa: T201 - this is a program


def _install(environment: Path, wheel: Path, release: str) -> None:
    python = release_environment(environment, release, requirements_of(wheel))
    uv_install(python, "--no-deps", "--reinstall", wheel)


def _unpack_stock(folder: Path, wheel: Path, release: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(folder, [name for name in names if name.startswith("vllm/")])
        (member,) = (name for name in names if name.endswith("/wheelwright/manifest.json"))
        manifest = json.loads(archive.read(member))
    upstream = make_plan(read_settings({"vllm": release}, os.environ)).artifact
    for file in manifest["files"]:
        target = folder / file["path"]
        if file["sha256_before"] is None:
            target.unlink()
        else:
            target.write_bytes(upstream.read(file["path"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), [Path(name).resolve() for name in sys.argv[2:]])
