"""The backends and the store of PyTorch's process groups."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.distributed import Store


def cpu_backend() -> str:
    """Name the process group's backend for the CPU: "gloo", on Windows "fake".

    PyTorch's builds for Windows have gloo without a transport: it ends in "makeDeviceForHostname():
    unsupported gloo device". The fake one does nothing, which is right for one rank. Importing its
    module registers it.
    """
    if sys.platform != "win32":
        return "gloo"
    import torch.testing._internal.distributed.fake_pg  # noqa: F401 - registers it

    return "fake"


def world_backend(backend: str, world_size: int) -> str:
    """Name the backend of the first process group: `backend`, on Windows "fake", for one rank only.

    Args:
        backend: what the platform would use, e.g. "nccl".
        world_size: the number of ranks; -1 where the environment variable WORLD_SIZE says it.

    Raises:
        RuntimeError: on Windows, there is more than one rank.
    """
    if sys.platform != "win32":
        return backend
    ranks = int(os.environ.get("WORLD_SIZE", "1")) if world_size == -1 else world_size
    if ranks != 1:
        raise RuntimeError(
            f"{ranks} ranks are not possible on Windows: PyTorch has neither NCCL nor a working gloo "
            "there. Use one GPU: tensor, pipeline and data parallel sizes of 1."
        )
    return cpu_backend()


def world_store(world_size: int) -> Store | None:
    """Give the first process group its store: None for upstream's choice, on Windows a file.

    A store of TCP asks for libuv by default, which PyTorch's builds for Windows lack:
    https://github.com/pytorch/pytorch/issues/139990

    Args:
        world_size: the number of ranks.
    """
    if sys.platform != "win32":
        return None
    import torch.distributed

    path = Path(tempfile.gettempdir(), f"vllm_dist_{uuid.uuid4().hex}")
    return torch.distributed.FileStore(str(path), world_size)
