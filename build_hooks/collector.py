"""The cyclic garbage collector, kept away from syntax trees."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Keep the cyclic garbage collector out of a block that makes many syntax trees.

    Walking millions of their nodes, hardly any of them in a cycle, costs five times what parsing
    does. What was made stays out of its sight, or the first collection after the block would walk
    it all; `free_earlier` ends that.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()


def free_earlier() -> None:
    """Free what earlier builds of this process left in cycles: pyflakes' trees know their parents.

    A process that goes through many releases would grow by each of them.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
