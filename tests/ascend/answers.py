"""Ask the functions that the platform changes what they do, upstream's and the wheel's.

One process for each tree: on devices that are no NPU, on one, and on one after the published plugin
has patched that process, too.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = Path(__file__).parent
_STANDIN = _HERE.parent / "transforms" / "platforms" / "musa" / "standin"
# Devices that are no NPU: upstream's users.
OTHERS = ("cuda", "cpu")
_ENTRY_POINTS = """\
[vllm.platform_plugins]
standin = standin_platforms:chosen
"""

Answer = Any


@dataclass(frozen=True, slots=True)
class Answers:
    """What every probe said.

    Attributes:
        stock: upstream's release: for each device the answer to each question; under `plugin` those
            on an NPU after the plugin has patched the process.
        compiled: the same of the wheel.
    """

    stock: Mapping[str, Mapping[str, Answer]]
    compiled: Mapping[str, Mapping[str, Answer]]

    def stock_on(self, device: str, question: str) -> Answer:
        """Give the answer of upstream's release."""
        return _value(self.stock[device][question])

    def compiled_on(self, device: str, question: str) -> Answer:
        """Give the answer of the wheel."""
        return _value(self.compiled[device][question])


def ask(folder: Path, scratch: Path) -> Answers:
    """Run both processes, one after the other.

    Args:
        folder: what `environment` made.
        scratch: a folder of this test run.
    """
    plugin = scratch / "plugin"
    metadata = plugin / "standin_platforms-1.0.dist-info"
    metadata.mkdir(parents=True)
    metadata.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: standin-platforms\nVersion: 1.0\n"
    )
    metadata.joinpath("entry_points.txt").write_text(_ENTRY_POINTS)
    module = "standin_platforms.py"
    (plugin / module).write_text((_STANDIN / module).read_text("utf-8"), "utf-8")
    return Answers(
        stock=_run(folder, "stock", plugin, scratch),
        compiled=_run(folder, "patched", plugin, scratch),
    )


def _run(folder: Path, tree: str, plugin: Path, scratch: Path) -> dict[str, dict[str, Answer]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VLLM_")}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join([str(folder / tree), str(plugin)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        # The others need their compiled extensions where vLLM is imported.
        "STANDIN_PLATFORM": "ascend",
        "VLLM_LOGGING_LEVEL": "ERROR",
        "VLLM_NO_USAGE_STATS": "1",
    }
    result = scratch / f"{tree}.json"
    done = subprocess.run(
        [folder / "env/bin/python", _HERE / "probes", result, folder / "plugin", *OTHERS],
        check=False,
        cwd=scratch,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answers: dict[str, dict[str, Answer]] = json.loads(result.read_text("utf-8"))
    return answers


def _value(given: Answer) -> Answer:
    assert "value" in given, given["traceback"]
    return given["value"]
