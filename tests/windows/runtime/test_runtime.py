"""vLLM's run time where it takes its process for one of Windows: upstream's fails, ours works.

Each observation is a call of vLLM's own functions, made by `child/observe.py` in a process for one
tree and one system. On Linux both trees give the same.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.windows.release import built_folder, stock_folder
from tests.windows.tools import runtime_of

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.windows

RELEASES = ("0.14.1", "0.33.0")

# What upstream comes to with uvloop, which nearly every module imports: it would hide the rest.
UPSTREAM: dict[str, Any] = {
    "locked_modules": "ModuleNotFoundError: No module named 'fcntl'",
    "message_over_ipc_path": "ZMQError: Protocol not supported",
    "inherited_listener": "AttributeError: module 'socket' has no attribute 'AF_UNIX'",
    "start_method": "ValueError: cannot find context for 'fork'",
    "clients": {"LLM": "SyncMPClient", "AsyncLLM": "AsyncMPClient"},
    "engine_that_dies": "ZMQError: Socket operation on non-socket",
    "process_group": "RuntimeError: use_libuv was requested but PyTorch was built without libuv",
    "process_group_of_file": "RuntimeError: makeDeviceForHostname(): unsupported gloo device",
    "server_socket": "AttributeError: module 'socket' has no attribute 'SO_REUSEPORT'",
    "attention_backends": {
        "nothing set": "FlashAttentionBackend",
        "heads of 100": "TritonAttentionBackend",
        "TRITON_ATTN": "TritonAttentionBackend",
        "FLASH_ATTN": "FlashAttentionBackend",
    },
}
ONE_RANK = {
    "rank": [0, 0, 0],
    "world size": [1, 1],
    "nodes": 1,
    "broadcast_object": {"a": [1]},
    "broadcast_object_list": [{"a": 1}],
    "all_gather_object": ["mine"],
    "broadcast_tensor_dict": ["x"],
    "all_reduce": [1.0, 1.0, 1.0],
    "tensor": [0, 1],
}
OURS: dict[str, Any] = {
    "message_over_ipc_path": {"transport": "tcp", "received": "hello"},
    "inherited_listener": "refused: Cannot inherit a ipc ZMQ listener",
    "start_method": "spawn",
    "clients": {"LLM": "InprocClient", "AsyncLLM": "AsyncMPClient"},
    "engine_that_dies": "Engine core initialization failed. See root cause above.",
    "process_group": ONE_RANK,
    "process_group_of_file": ONE_RANK,
    "two_ranks": "2 ranks are not possible on Windows",
    "server_socket": {"bound": True, "SO_REUSEPORT": 0},
    "attention_backends": {
        "nothing set": "FlashAttentionBackend",
        "heads of 100": "needs Triton",
        "TRITON_ATTN": "needs Triton",
        "FLASH_ATTN": "FlashAttentionBackend",
    },
    # Which modules there are differs between releases: that they can be imported is what counts.
    "locked_modules": None,
    "api_server": None,
}
ON_LINUX = tuple(name for name in OURS if name != "two_ranks")
# The first release that has what is observed; by default all have it.
SINCE = {"inherited_listener": "0.33.0"}
# The vision encoder falls back to PyTorch's own attention; 0.14.1 has never known another.
VISION = {"0.14.1": ("TORCH_SDPA", "TORCH_SDPA"), "0.33.0": ("TRITON_ATTN", "TORCH_SDPA")}


@cache
def observed(release: str, tree: str, system: str) -> dict[str, dict[str, Any]]:
    """Give what came of each call, as {"value": ...} or {"error": ...}.

    Args:
        release: the release.
        tree: "stock" or "built".
        system: what `observe.py` takes.
    """
    folder = stock_folder(release) if tree == "stock" else built_folder(release)
    script = Path(__file__).with_name("child") / "observe.py"
    with tempfile.TemporaryDirectory() as home:
        result = Path(home, "observed.json")
        words = [str(word) for word in (runtime_of(release), script, folder, system, result)]
        ended = subprocess.run(words, cwd=home, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return dict(json.loads(result.read_text()))


def of_releases(names: Iterable[str]) -> list[tuple[str, str]]:
    """Give a case for each release and observation."""
    return [(one, name) for one in RELEASES for name in names if one >= SINCE.get(name, "")]


@pytest.mark.parametrize(("release", "name"), of_releases(UPSTREAM))
def test_upstream_fails_where_it_finds_windows(release: str, name: str) -> None:
    seen = observed(release, "stock", "windows-with-uvloop")[name]
    expected = UPSTREAM[name]
    if isinstance(expected, str):
        assert seen["error"].startswith(expected)
    else:
        assert seen["value"] == expected


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_api_server_cannot_be_imported(release: str) -> None:
    error = observed(release, "stock", "windows")["api_server"]["error"]
    assert error == "ModuleNotFoundError: No module named 'uvloop'"


@pytest.mark.parametrize(("release", "name"), of_releases(OURS))
def test_ours_works_where_it_finds_windows(release: str, name: str) -> None:
    seen = observed(release, "built", "windows")[name]
    assert "error" not in seen, seen
    assert OURS[name] is None or seen["value"] == OURS[name]


@pytest.mark.parametrize("release", RELEASES)
def test_a_vision_encoder_gets_a_backend_that_works(release: str) -> None:
    trees = (("stock", "windows-with-uvloop"), ("built", "windows"))
    seen = (observed(release, *tree)["vision_backend"]["value"] for tree in trees)
    assert tuple(seen) == VISION[release]


@pytest.mark.parametrize(("release", "name"), of_releases(ON_LINUX))
def test_linux_gets_the_same_from_both(release: str, name: str) -> None:
    stock, built = (observed(release, tree, "linux")[name] for tree in ("stock", "built"))
    assert "error" not in stock, stock
    assert built == stock
