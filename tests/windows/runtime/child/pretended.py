"""Make this process look like Windows to `vllm.*`, and to nothing else.

The standard library and other packages work on the real system: only the import statements of
vLLM's modules get stand-ins of `sys`, `os`, `socket` and `signal` without what Windows does not
have. What vLLM does through others (ZeroMQ, PyTorch) fails where and as it fails on Windows.

Not pretended: paths with backslashes, handles, `msvcrt`, CUDA.
"""

from __future__ import annotations

import builtins
import errno
import multiprocessing.context
import os
import signal
import socket
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import torch.distributed.distributed_c10d as c10d
import zmq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What CPython's documentation marks "Availability: Unix", as far as vLLM could name it.
_ABSENT_MODULES = frozenset(
    ("fcntl", "grp", "posix", "posix_ipc", "pty", "pwd", "resource", "termios", "tty", "uvloop")
)
_ABSENT_NAMES = {
    "os": (
        "O_DIRECT fork forkpty geteuid getgid getpgid getuid killpg mkfifo posix_fallocate"
        " pread preadv pwrite pwritev register_at_fork sched_getaffinity sched_setaffinity"
        " sched_yield setpgid setpgrp setsid statvfs sysconf uname wait waitid"
    ),
    "signal": (
        "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 alarm"
        " pthread_sigmask setitimer sigwait"
    ),
    "socket": "AF_UNIX AF_NETLINK SO_REUSEPORT",
    "sys": "",
}
_INSTEAD: dict[str, dict[str, object]] = {"sys": {"platform": "win32"}}


class _StandIn(ModuleType):
    """A module without some names and with others of its own; all else is the real one's."""

    def __init__(self, real: ModuleType, absent: frozenset[str], own: dict[str, object]) -> None:
        super().__init__(real.__name__)
        super().__getattribute__("__dict__").update(_real=real, _absent=absent, _own=own)

    def __getattribute__(self, name: str) -> object:
        fields = super().__getattribute__("__dict__")
        if name in fields["_own"]:
            return fields["_own"][name]
        if name in fields["_absent"]:
            raise AttributeError(f"module {fields['_real'].__name__!r} has no attribute {name!r}")
        return getattr(fields["_real"], name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(super().__getattribute__("__dict__")["_real"], name, value)


def pretend(*, but: frozenset[str] = frozenset()) -> None:
    """Begin; what vLLM imports from now on finds Windows. Import everything else before.

    Args:
        but: modules that Windows does not have, and that vLLM can import all the same.
    """
    _hide_what_posix_has(_ABSENT_MODULES - but)
    _drop_fork()
    _break_zmq()
    _break_torch()


def _hide_what_posix_has(absent_modules: frozenset[str]) -> None:
    real_import = builtins.__import__
    stand_ins = {
        module.__name__: _StandIn(
            module,
            frozenset(_ABSENT_NAMES[module.__name__].split()),
            _INSTEAD.get(module.__name__, {}),
        )
        for module in (os, signal, socket, sys)
    }

    def import_for(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - as the real one names it
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        importer = str((globals or {}).get("__name__", "")).partition(".")[0]
        if importer == "vllm" and not level and name.partition(".")[0] in absent_modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = real_import(name, globals, locals, fromlist or (), level)
        return stand_ins.get(name, module) if importer == "vllm" and not level else module

    builtins.__import__ = import_for


def _drop_fork() -> None:
    for method in ("fork", "forkserver"):
        vars(multiprocessing.context)["_concrete_contexts"].pop(method)
    # The real one asks the real `sys.platform`.
    vars(multiprocessing)["get_all_start_methods"] = lambda: ["spawn"]


def _break_zmq() -> None:
    """No Unix domain sockets, and `select` for sockets only."""
    bind, poll = zmq.Socket.bind, zmq.Poller.poll

    def bind_on_windows(self: zmq.Socket[bytes], address: str, *rest: int) -> object:
        if str(address).startswith("ipc://"):
            raise zmq.ZMQError(errno.EPROTONOSUPPORT)
        return bind(self, address, *rest)

    def poll_on_windows(self: zmq.Poller, timeout: float | None = None) -> object:
        if any(isinstance(socket, int) for socket, _ in self.sockets):
            raise zmq.ZMQError(errno.ENOTSOCK)
        return poll(self, timeout)

    zmq.Socket.bind = bind_on_windows
    zmq.Poller.poll = poll_on_windows


def _break_torch() -> None:
    """Gloo without a transport, a TCP store without libuv; this build has no NCCL either."""

    class NoGloo:
        def __init__(self, *_: object, **__: object) -> None:
            raise RuntimeError("makeDeviceForHostname(): unsupported gloo device")

        create_device = create_default_device = __init__

    def no_libuv(*_: object, **__: object) -> None:
        raise RuntimeError("use_libuv was requested but PyTorch was built without libuv support")

    c10d.ProcessGroupGloo = NoGloo
    # By its full name: torch.distributed.rendezvous is also a function.
    vars(sys.modules["torch.distributed.rendezvous"])["TCPStore"] = no_libuv
