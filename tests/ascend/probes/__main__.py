"""Ask the vLLM on the path what its functions do, on several devices, and write that down.

    python probes RESULT PLUGIN DEVICE...

Runs in an environment that has vLLM's requirements, but not this project. Each other module of this
folder that has a `probe()` asks one question. The devices come first, then an NPU, then an NPU of a
process that the plugin has patched while it ran, with the modules that the probes name.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import plugin
import standin_platforms
from vllm.platforms import current_platform

if TYPE_CHECKING:
    from types import ModuleType

_NO_QUESTIONS = {"__main__", "plugin"}


def main(result: Path, folder: Path, devices: list[str]) -> None:
    """Write a JSON object: for each device and question the value, or the error."""
    names = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - _NO_QUESTIONS)
    modules = {name: importlib.import_module(name) for name in names}
    plugin.lay_out(folder)
    answers = {}
    for device in (*devices, "ascend"):
        current_platform.__class__ = standin_platforms.PLATFORMS[device]
        answers[device] = {name: _ask(module) for name, module in modules.items()}
    for name in sorted({name for module in modules.values() for name in module.PATCHES}):
        importlib.import_module(f"vllm_ascend.patch.{name}")
    answers["plugin"] = {name: _ask(module) for name, module in modules.items()}
    result.write_text(json.dumps(answers), "utf-8")


def _ask(module: ModuleType) -> dict[str, object]:
    try:
        return {"value": module.probe()}
    except Exception as error:  # noqa: BLE001 - how it fails is an answer
        return {
            "error": f"{type(error).__name__}: {error}",
            "traceback": "".join(traceback.format_exception(error)),
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
