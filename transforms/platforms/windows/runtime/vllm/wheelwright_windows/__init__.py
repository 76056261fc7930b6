"""What vLLM does otherwise on Windows; everywhere else each function gives what upstream has.

The platform `windows` of vllm-wheelwright adds this package, and its patches call it. It needs the
standard library only; torch and `msvcrt` are imported where they are used.

In the place of `fcntl` it is `flock` with the constants of the same names:
`from vllm import wheelwright_windows as fcntl`. In the place of `uvloop` it is `run` and
`new_event_loop`.
"""

from __future__ import annotations

from .addresses import ipc_address
from .attention_backends import lacks_triton
from .event_loops import add_signal_handler, new_event_loop, run
from .file_locks import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from .missing_modules import missing
from .polling import Poller, poller
from .process_group import cpu_backend, world_backend, world_store
from .processes import getpgid, killpg

__all__ = [
    "LOCK_EX",
    "LOCK_NB",
    "LOCK_SH",
    "LOCK_UN",
    "Poller",
    "add_signal_handler",
    "cpu_backend",
    "flock",
    "getpgid",
    "ipc_address",
    "killpg",
    "lacks_triton",
    "missing",
    "new_event_loop",
    "poller",
    "run",
    "world_backend",
    "world_store",
]
