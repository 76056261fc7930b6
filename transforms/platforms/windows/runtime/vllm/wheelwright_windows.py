"""What vLLM does otherwise on Windows; everywhere else each function gives what upstream has.

The platform `windows` of vllm-wheelwright adds this module, and its patches call it. It needs the
standard library only; torch and `msvcrt` are imported where they are used.

In the place of `fcntl` it is `flock` with the constants of the same names:
`from vllm import wheelwright_windows as fcntl`. In the place of `uvloop` it is `run` and
`new_event_loop`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import importlib
import math
import os
import signal
import sys
import tempfile
import threading
import time
import uuid
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    import zmq
    from torch.distributed import Store

# As <sys/file.h> of Linux has them.
LOCK_SH = 1
LOCK_EX = 2
LOCK_NB = 4
LOCK_UN = 8

# Locks of Windows are of bytes, and stop others from reading and writing these. This byte lies behind
# what a lock file holds, and before 2 GiB, where the C runtime's `_locking` stops.
_LOCKED_BYTE = 0x4000_0000
_SECONDS_BETWEEN_ATTEMPTS = 0.01
_POLL_MS = 100
_HELD_BY_OTHERS = (errno.EACCES, errno.EDEADLK)

# Attention backends of these names are written in Triton, or are compiled to it.
_TRITON_BACKENDS = ("TRITON", "FLEX_ATTENTION", "TURBOQUANT")

# Neither well-known ports nor those that Windows gives to whoever asks for any (from 49152 on).
_PORTS = range(32768, 49152)
_T = TypeVar("_T")


class _File(Protocol):
    def fileno(self) -> int: ...


def flock(file: int | _File, operation: int) -> None:
    """Lock or unlock a file as `fcntl.flock` does, with `msvcrt.locking`.

    A shared lock is exclusive here: Windows' C runtime has no other. As with `flock`, a second lock
    through the same descriptor takes the place of the first, and closing the file unlocks it.

    Args:
        file: a descriptor, or an object that has one.
        operation: LOCK_SH, LOCK_EX (either with LOCK_NB) or LOCK_UN.

    Raises:
        BlockingIOError: LOCK_NB was given and another one holds the lock.
        OSError: the file cannot be locked.
    """
    descriptor = file if isinstance(file, int) else file.fileno()
    _at_locked_byte(descriptor, "LK_UNLCK")
    if operation & LOCK_UN:
        return
    while not _at_locked_byte(descriptor, "LK_NBLCK"):
        if operation & LOCK_NB:
            raise BlockingIOError(errno.EWOULDBLOCK, "another process holds the lock")
        # LK_LOCK would try ten times, a second apart, and then fail.
        time.sleep(_SECONDS_BETWEEN_ATTEMPTS)


def _at_locked_byte(descriptor: int, mode: str) -> bool:
    """Lock or unlock the byte; False where another one holds it (unlocking: where this one does not)."""
    msvcrt = importlib.import_module("msvcrt")
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, getattr(msvcrt, mode), 1)
    except OSError as error:
        if error.errno in _HELD_BY_OTHERS:
            return False
        raise
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)
    return True


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


def lacks_triton(backend: str) -> list[str]:
    """Say why an attention backend cannot work: on Windows it needs Triton, and there is none.

    Args:
        backend: its name, e.g. "TRITON_ATTN".

    Returns:
        The reasons, as the backends themselves give them; none for one that may work.
    """
    if sys.platform != "win32" or not backend.startswith(_TRITON_BACKENDS):
        return []
    # Not `find_spec`: vLLM puts a placeholder into `sys.modules` where Triton is missing.
    from vllm.triton_utils import HAS_TRITON

    return [] if HAS_TRITON else ["needs Triton, which is not there (it has no builds for Windows)"]


def poller() -> zmq.Poller | Poller:
    """Make a poller that takes sentinels of processes beside sockets.

    On Windows a sentinel is a handle, which `select` refuses ("not a socket").
    """
    import zmq

    return zmq.Poller() if sys.platform != "win32" else Poller()


class Poller:
    """Look at sockets for a moment, then whether a process has ended, and again."""

    def __init__(self) -> None:
        import zmq

        self._sockets = zmq.Poller()
        self._ended = zmq.POLLIN
        self._handles: list[int] = []

    def register(self, socket: int | zmq.Socket[bytes], flags: int) -> None:
        """Take a socket, or the sentinel of a process, as `zmq.Poller.register` does."""
        if isinstance(socket, int):
            self._handles.append(socket)
        else:
            self._sockets.register(socket, flags)

    def poll(self, timeout: float | None = None) -> list[tuple[object, int]]:
        """Wait for an event, as `zmq.Poller.poll` does.

        Args:
            timeout: milliseconds; None or a negative one waits for ever.
        """
        ends = math.inf if timeout is None or timeout < 0 else time.monotonic() + timeout / 1000
        while True:
            left = min(_POLL_MS, (ends - time.monotonic()) * 1000)
            events: list[tuple[object, int]] = list(self._sockets.poll(max(0, int(left))))
            events += [
                (handle, self._ended) for handle in connection.wait(self._handles, timeout=0)
            ]
            if events or time.monotonic() >= ends:
                return events


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop as `uvloop.new_event_loop` does, of Python's own.

    Windows' default one has no `add_reader`, which ZeroMQ's sockets need.
    """
    return asyncio.SelectorEventLoop()


def run(main: Coroutine[object, object, _T]) -> _T:
    """Run a coroutine as `uvloop.run` does, in an event loop of Python's own."""
    try:
        if sys.version_info >= (3, 11):
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                return runner.run(main)
        return _run_in(new_event_loop(), main)
    finally:
        if threading.current_thread() is threading.main_thread():
            # What `add_signal_handler` has set is closed with the loop.
            signal.set_wakeup_fd(-1)


def _run_in(loop: asyncio.AbstractEventLoop, main: Coroutine[object, object, _T]) -> _T:
    """Do what `asyncio.run` does, which takes no loop before Python 3.11."""
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        try:
            if left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def add_signal_handler(
    loop: asyncio.AbstractEventLoop, signum: int, callback: Callable[..., object], *args: object
) -> None:
    """Add a handler as `loop.add_signal_handler` does, which no loop of Windows has.

    Args:
        loop: the loop in which the callback is to run.
        signum: the signal; Windows sends SIGINT and SIGBREAK.
        callback: what to call.
        args: its arguments.
    """
    try:
        loop.add_signal_handler(signum, callback, *args)
    except NotImplementedError:
        # A signal does not end Windows' `select`: have its number written into the socket by which a
        # loop is woken up, as asyncio does on POSIX. Windows' default loop does so by itself.
        waker = getattr(loop, "_csock", None)
        if waker is not None:
            signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)

        def handle(signum: int, frame: FrameType | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(callback, *args)
            elif callable(previous):
                previous(signum, frame)

        previous = signal.signal(signum, handle)


def getpgid(pid: int) -> int:
    """Give the process group of a process, as `os.getpgid` does; on Windows each is its own."""
    return pid if sys.platform == "win32" else os.getpgid(pid)


def killpg(pgid: int, signum: int) -> None:
    """Send a signal to a process group, as `os.killpg` does.

    On Windows the process ends, and with it all that it has started.

    Raises:
        ProcessLookupError: there is no such process.
    """
    if sys.platform != "win32":
        os.killpg(pgid, signum)
        return
    import psutil

    try:
        leader = psutil.Process(pgid)
        group = [*leader.children(recursive=True), leader]
    except psutil.NoSuchProcess:
        raise ProcessLookupError(errno.ESRCH, f"no process {pgid}") from None
    for process in group:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def ipc_address(address: str) -> str:
    """Give the address on which both ends of an `ipc://` one meet: itself, on Windows one of TCP.

    The port follows from the text, so that two processes which put together the same text meet.

    Args:
        address: as ZeroMQ takes it, e.g. "ipc:///tmp/lookup_0".
    """
    if sys.platform != "win32":
        return address
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
    return f"tcp://127.0.0.1:{_PORTS[number % len(_PORTS)]}"


class missing:  # noqa: N801 - it takes the place of modules and functions
    """Take the place of what only POSIX has: whoever uses it is told so.

    Args:
        name: the dotted name of a module or of what is imported from it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> NoReturn:
        """Fail, but for what is asked for by whoever only looks, e.g. `inspect`."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._error()

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Fail."""
        raise self._error()

    def _error(self) -> ModuleNotFoundError:
        module = self._name.partition(".")[0]
        return ModuleNotFoundError(f"{self._name} is not available on {sys.platform}", name=module)
