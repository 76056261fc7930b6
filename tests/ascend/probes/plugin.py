"""Lay out vllm-ascend so that its patch modules can be imported without an NPU.

The modules below `patch/` are the published ones. What they import of the plugin needs
torch_npu, and is played here.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import vllm

if TYPE_CHECKING:
    from pathlib import Path

# What the modules below have noted.
calls: list[str] = []
_NOTED = "vllm_ascend.distributed.parallel_state"


def lay_out(folder: Path) -> None:
    """Let `import vllm_ascend.patch...` find the published modules; packages are empty."""
    for name in ("vllm_ascend", "vllm_ascend.patch", "vllm_ascend.patch.platform"):
        _module(name, folder)
    _module("vllm_ascend.patch.worker", folder)
    for name in ("distributed", "distributed.device_communicators"):
        _module(f"vllm_ascend.{name}", None)
    communicator = _module("vllm_ascend.distributed.device_communicators.npu_communicator", None)
    communicator.NPUCommunicator = object
    utils = _module("vllm_ascend.utils", None)
    utils.vllm_version_is = lambda version: version == vllm.__version__
    utils.create_hccl_pg_options = lambda _name: None
    groups = _module(_NOTED, None)
    groups.destroy_ascend_model_parallel = lambda: calls.append("Ascend's groups")


def _module(name: str, folder: Path | None) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = [] if folder is None else [str(folder.joinpath(*name.split(".")))]
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
    return module
