"""Make what the tests of the platform ascend run in.

    python -m tests.ascend.environment FOLDER

Builds the wheels of the release that vllm-ascend is compiled for: `ascend`, the platform alone;
`woven`, the plugin alone; and `both`. `FOLDER/env` has torch for the CPU and their requirements.
Each wheel's files are in the folder of its name, `FOLDER/stock` has upstream's, and `FOLDER/plugin`
the modules of the plugin. Run again, it reuses an environment whose requirements have not changed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from build_hooks.pipeline import make_plan
from build_hooks.plugins.wanted import opened_plugin
from build_hooks.settings import read_settings
from tests.environments import release_environment, requirements_of, run

RELEASE = "0.23.0"
PLUGIN = "vllm-ascend==0.23.0.post1"
# What is asked for in the words of `build_hooks build`, by the name of the tree.
WHEELS = {
    "both": ["-p", "ascend", "--plugin", PLUGIN],
    "woven": ["--plugin", PLUGIN],
    "ascend": ["-p", "ascend"],
}


def main(folder: Path) -> None:
    """Make the wheels, the environment, the trees and the plugin's folder."""
    shutil.rmtree(folder / "wheels", ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        wheels = dict(pool.map(lambda name: (name, build(folder, name)), WHEELS))
    release_environment(folder / "env", RELEASE, requirements_of(wheels["ascend"]))
    for name, wheel in wheels.items():
        extract(wheel, folder / name)
    extract(wheels["ascend"], folder / "stock")
    restore(folder / "stock")
    unpack_plugin(folder / "plugin")


def build(folder: Path, name: str) -> Path:
    """Build a wheel, and give its path."""
    output = folder / "wheels" / name
    words = ["-m", "build_hooks", "build", "--vllm", RELEASE, *WHEELS[name]]
    run(sys.executable, *words, "-o", output)
    (wheel,) = output.glob("*.whl")
    return wheel


def extract(wheel: Path, folder: Path) -> None:
    """Put a wheel's files into a folder of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


def manifest_of(folder: Path) -> dict[str, object]:
    """Read the manifest in a wheel's files."""
    (path,) = folder.glob("*.dist-info/wheelwright/manifest.json")
    manifest: dict[str, object] = json.loads(path.read_text("utf-8"))
    return manifest


def restore(folder: Path) -> None:
    """Put upstream's bytes in the place of the wheel's."""
    upstream = make_plan(read_settings({"vllm": RELEASE}, os.environ)).artifact
    files = manifest_of(folder)["files"]
    assert isinstance(files, list)
    for file in files:
        path = str(file["path"])
        if file["sha256_before"] is None:
            (folder / path).unlink()
        else:
            (folder / path).write_bytes(upstream.read(path))


def unpack_plugin(folder: Path) -> None:
    """Write the plugin's modules, as the lock has them; nothing of it is run or installed."""
    shutil.rmtree(folder, ignore_errors=True)
    tree = opened_plugin(PLUGIN, read_settings({"vllm": RELEASE}, os.environ)).plugin.tree
    for path in tree:
        if path.endswith(".py"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tree.read(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
