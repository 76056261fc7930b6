"""Of what only POSIX has nothing is left without a guard in what is built, but what is listed.

The walk of `posix_names` is the oracle: it shares nothing with the rules. Snapshots
(`vllm/snapshot`) are CRIU's, which Linux alone has, and are left out on both sides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pyflakes import checker, messages

from tests.windows.posix_names import unguarded
from tests.windows.release import built, tree
from transforms.engine.syntax.source import parse

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Tree

pytestmark = pytest.mark.windows

_UPSTREAM = {
    "0.14.1": {
        "add_signal_handler": 3,
        "get_context('fork')": 1,
        "gloo": 1,
        "import fcntl": 1,
        "import uvloop": 4,
        "ipc://": 1,
        "os.getpgid": 1,
        "os.killpg": 1,
        "os.sched_yield": 1,
        "set_start_method('forkserver')": 1,
        "signal.SIGKILL": 3,
        "signal.SIGTSTP": 1,
        "socket.AF_UNIX": 1,
        "socket.SO_REUSEPORT": 1,
    },
    "0.33.0": {
        "add_signal_handler": 4,
        "get_context('fork')": 1,
        "gloo": 2,
        "import fcntl": 2,
        "import uvloop": 8,
        "ipc://": 2,
        "os.O_NOFOLLOW": 1,
        "os.getpgid": 1,
        "os.killpg": 1,
        "os.preadv": 1,
        "os.pwritev": 1,
        "os.readv": 1,
        "os.sched_yield": 1,
        "os.setpgrp": 1,
        "set_start_method('forkserver')": 1,
        "signal.SIGKILL": 3,
        "signal.SIGQUIT": 1,
        "signal.SIGTSTP": 1,
        "socket.AF_UNIX": 4,
        "socket.SO_REUSEPORT": 1,
    },
}
# What stays, and why. Nothing of it is reached unless a user asks for it.
_DISK = "vllm/v1/simple_kv_offload/disk_backend.py"
_LEFT = {
    # VLLM_WORKER_MULTIPROC_METHOD=forkserver: Python says that there is no such context.
    ("set_start_method('forkserver')", "vllm/entrypoints/openai/api_server.py"),
    ("set_start_method('forkserver')", "vllm/entrypoints/launchers/api_server/entry.py"),
    # The guard is the value of USE_SCHED_YIELD, which a walk cannot see.
    ("os.sched_yield", "vllm/distributed/utils.py"),
    # Offloading a KV cache to a disk.
    *((name, _DISK) for name in ("os.O_NOFOLLOW", "os.preadv", "os.pwritev")),
    ("os.readv", "vllm/v1/kv_offload/tiering/fs/io.py"),
}


def found_in(files: Tree) -> Counter[tuple[str, str]]:
    """Count each construct in each module."""
    found: Counter[tuple[str, str]] = Counter()
    for path in files:
        if path.startswith("vllm/") and path.endswith(".py") and "vllm/snapshot/" not in path:
            for construct, lines in unguarded(files.read(path).decode()).items():
                found[construct, path] += len(lines)
    return found


@pytest.mark.parametrize("release", _UPSTREAM)
def test_upstream_has_exactly_the_constructs_that_are_listed(release: str) -> None:
    counts: Counter[str] = Counter()
    for (construct, _), count in found_in(tree(release)).items():
        counts[construct] += count
    assert counts == _UPSTREAM[release]


@pytest.mark.parametrize("release", _UPSTREAM)
def test_nothing_is_left_in_what_is_built_but_what_nobody_reaches_unasked(release: str) -> None:
    upstream, ours = found_in(tree(release)), found_in(built(release))
    assert ours == {place: count for place, count in upstream.items() if place in _LEFT}


@pytest.mark.parametrize("release", _UPSTREAM)
def test_what_is_built_compiles_and_names_nothing_that_is_not_there(release: str) -> None:
    pristine, ours = tree(release), built(release)
    changed = [
        path
        for path in ours
        if path.startswith("vllm/")
        and path.endswith(".py")
        and (path not in pristine or ours.read(path) != pristine.read(path))
    ]
    assert len(changed) > 10
    for path in changed:
        compile(ours.read(path), path, "exec")
        before = undefined(pristine.read(path)) if path in pristine else set()
        assert undefined(ours.read(path)) <= before, path


def undefined(data: bytes) -> set[str]:
    """Give the names that pyflakes finds nowhere."""
    return {
        str(each.message_args[0])
        for each in checker.Checker(parse(data)).messages
        if isinstance(each, messages.UndefinedName)
    }
