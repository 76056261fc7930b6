"""Run a script of these tests on one of the trees of `environment`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
_STANDIN = HERE.parent / "transforms" / "platforms" / "musa" / "standin"
_ENTRY_POINTS = """\
[vllm.platform_plugins]
standin = standin_platforms:chosen
"""


def lay_out_platform(folder: Path) -> Path:
    """Write the plugin that gives vLLM an NPU's platform, and give its folder."""
    plugin = folder / "standin"
    metadata = plugin / "standin_platforms-1.0.dist-info"
    metadata.mkdir(parents=True)
    metadata.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: standin-platforms\nVersion: 1.0\n"
    )
    metadata.joinpath("entry_points.txt").write_text(_ENTRY_POINTS)
    module = "standin_platforms.py"
    (plugin / module).write_text((_STANDIN / module).read_text("utf-8"), "utf-8")
    return plugin


def run_script(
    folder: Path,
    tree: str,
    script: Path,
    *words: str | Path,
    path: tuple[Path, ...],
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a script on one tree; it must succeed.

    Args:
        folder: what `environment` made.
        tree: the folder in it that has vLLM.
        script: a file, or a folder with a `__main__.py`.
        words: its arguments.
        path: what else can be imported.
        variables: of the environment.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VLLM_")}
    done = subprocess.run(
        [folder / "env/bin/python", script, *words],
        check=False,
        env={
            **kept,
            "PYTHONPATH": os.pathsep.join(map(str, [folder / tree, *path])),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            # Other platforms need their compiled extensions where vLLM is imported.
            "STANDIN_PLATFORM": "ascend",
            # No driver may be active for Triton then, and vLLM takes it for there all the same.
            "CUDA_VISIBLE_DEVICES": "",
            "VLLM_LOGGING_LEVEL": "ERROR",
            "VLLM_NO_USAGE_STATS": "1",
            **(variables or {}),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
