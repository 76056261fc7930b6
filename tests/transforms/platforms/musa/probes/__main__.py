"""Run every guarded function of the vLLM on the path, and write down what each did.

    python probes RESULT DEVICE...

Runs in an environment that has vLLM's requirements and the stand-in plugin, but not this project.
Each other module of this folder asks one question, in `probe()`; a probe that fails is an answer as
well. vLLM is imported on the platform that the plugin gives it; for further devices, that platform
object then becomes another one, because vLLM's modules for CUDA, ROCm and XPU need these devices'
compiled extensions while they are imported.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import standin_platforms
from vllm.platforms import current_platform

if TYPE_CHECKING:
    from types import ModuleType

_NO_QUESTIONS = {"__main__", "stub_modules"}


def main(result: Path, devices: list[str]) -> None:
    """Write a JSON object: for each device and question the value, or the error."""
    names = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - _NO_QUESTIONS)
    modules = {name: _import(name) for name in names}
    answers = {}
    for device in devices:
        current_platform.__class__ = standin_platforms.PLATFORMS[device]
        answers[device] = {name: _ask(module) for name, module in modules.items()}
    result.write_text(json.dumps(answers), "utf-8")


def _import(name: str) -> ModuleType | Exception:
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - it is the answer to this question
        return error


def _ask(module: ModuleType | Exception) -> dict[str, object]:
    if isinstance(module, Exception):
        return _failed(module)
    try:
        return {"value": module.probe()}
    except Exception as error:  # noqa: BLE001 - how a stock vLLM fails is an answer
        return _failed(error)


def _failed(error: Exception) -> dict[str, object]:
    return {
        "error": f"{type(error).__name__}: {error}",
        "traceback": "".join(traceback.format_exception(error)),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
