"""Import the recorder as a process of the engine would: fresh, and in an environment of its own."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

NAME = "wheelwright_profile"
FOLDER = (
    Path(__file__).resolve().parents[4]
    / "transforms/platforms/profile/runtime/vllm/wheelwright_profile"
)
_VARIABLES = ("VLLM_ENABLE_PROFILING", "VLLM_PROFILING_")


def load(environment: Mapping[str, str] | None = None) -> ModuleType:
    """Import a fresh copy of the package under the name `wheelwright_profile`.

    The copy before, some other test's, ends its thread. `os.environ` is as before afterwards: what
    the package announces in it is undone.

    Args:
        environment: the variables of profiling; no others of these are set.
    """
    if earlier := sys.modules.get(f"{NAME}.recording"):
        earlier.finish()
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]
    before = dict(os.environ)
    for name in before:
        if name.startswith(_VARIABLES):
            del os.environ[name]
    os.environ.update(environment or {})
    try:
        spec = importlib.util.spec_from_file_location(
            NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[NAME] = module
        spec.loader.exec_module(module)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return module


def switched_on(folder: Path, **settings: str) -> dict[str, str]:
    """Give an environment with profiling on.

    Args:
        folder: where sessions go.
        settings: further variables, without `VLLM_PROFILING_`, in lower case.
    """
    more = {f"VLLM_PROFILING_{name.upper()}": value for name, value in settings.items()}
    return {"VLLM_ENABLE_PROFILING": "1", "VLLM_PROFILING_DIR": str(folder), **more}
