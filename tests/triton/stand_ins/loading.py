"""Load the wheel's module `vllm.wheelwright_triton` where nothing of vLLM is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import triton
import triton.language

MODULE = "vllm.wheelwright_triton"
RUNTIME = Path(__file__).parents[3] / "transforms" / "dialects" / "runtime"


def load(*, forced: bool) -> ModuleType:
    """Load it, and serve it to whoever imports it.

    Args:
        forced: whether its stand-ins are used even where Triton has an object of its own.
    """
    package, utilities = ModuleType("vllm"), ModuleType("vllm.triton_utils")
    utilities.__dict__.update(HAS_TRITON=True, triton=triton, tl=triton.language)
    sys.modules.update({package.__name__: package, utilities.__name__: utilities})
    spec = importlib.util.spec_from_file_location(
        MODULE, RUNTIME / f"{MODULE.replace('.', '/')}.py"
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{MODULE} is not below {RUNTIME}")
    module = sys.modules[MODULE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    package.__dict__.update(triton_utils=utilities, wheelwright_triton=module)
    if forced:
        module.__dict__["_own"] = lambda _path: None
    return module
