"""A module of upstream's, and what an edit of it depends on there, in plain text."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.damages import Region, regions

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

UPSTREAM = dedent('''
    """Run a model on one device."""

    import os
    import uvloop
    from typing import Literal

    import torch

    from vllm.logger import init_logger, log_level
    from vllm.platforms import current_platform
    from vllm.triton_utils import tl, triton

    logger = init_logger(__name__)
    MAX_WORKERS = 4
    SUPPORTED = ["cuda", "rocm"]


    class Worker(Base):
        """One process."""

        kind: Literal["gpu", "tpu"] = "gpu"

        @torch.inference_mode()
        def init_device(self, rank):
            if self.device_config.device_type == "cuda":
                os.environ.pop("NCCL_ASYNC", None)
                self.device = torch.device(f"cuda:{rank}")
                torch.accelerator.set_device(self.device)
            else:
                raise RuntimeError("not supported")
            set_random_seed(self.model_config.seed)
            gc.collect()
            self.memory = measure(self.device, retries=3)

        def load(self, path, *, strict=True):
            if not current_platform.is_cuda():
                logger.info("slow")
            return self.read(path, strict)

        async def serve(self, queue, limit: int = 8, *tags, block=16) -> None:
            try:
                async with self.lock.held(timeout=30, retry=True) as lease, self.clock:
                    rows = [row async for row in queue if row.ready and row.size > 0]
                    await self.send({"rows": rows, **self.extra}, f"{self.kind!r:>8}")
            except (OSError, ValueError) as error:
                raise ServeError(self.rows[0:limit], *error.args) from error
            half = self.count(rows) / 2 if self.count(rows) else -1
            return lambda value, *, scale=2: value * scale - half

        def stop(self, timeout=10):
            self.pool.shutdown(wait=True)
            return timeout * 2


    def speed(batch):
        total = sum(batch) + 5
        return total / len(batch)


    @triton.jit
    def kernel(x_ptr, n):
        offset: tl.int32 = tl.program_id(0)
        tl.store(x_ptr + offset, n)
''').lstrip()

DEFINED = {
    "Worker": "class <<Worker>>(Base)",
    "init_device": "def <<init_device>>(",
    "load": "def <<load>>(",
    "serve": "def <<serve>>(",
    "stop": "def <<stop>>(",
    "speed": "def <<speed>>(",
}


@dataclass(frozen=True, slots=True)
class Case:
    """An edit, and the texts of `UPSTREAM` that it depends on.

    Attributes:
        edit: the edit.
        parts: the texts; the names of its scope count, too.
        moves: the first text is whole statements, which another scope could have.
        also: what the texts cannot say: texts that stand there once, and what changes the meaning.
        may_be_gone: where what it would take away is not there, the edit is obsolete.
        may_repeat: it says where the edit writes only, and each of them will do.
        is_text: it depends on how the code is written as well.
    """

    edit: Edit
    parts: tuple[str, ...] = ()
    moves: bool = False
    also: tuple[tuple[str, str], ...] = ()
    may_be_gone: bool = False
    may_repeat: bool = False
    is_text: bool = False

    @property
    def scope(self) -> list[str]:
        """The names of the scope, without the module's."""
        inside: str = getattr(self.edit, "inside", "")
        return inside.split(".")[1:]

    @property
    def inside(self) -> list[Region]:
        """What it depends on; the names of its scope come last."""
        return regions(UPSTREAM, [*self.parts, *(DEFINED[name] for name in self.scope)])

    @property
    def spelt(self) -> list[str]:
        """The module with each of the damages that are spelt out."""
        assert all(UPSTREAM.count(old) == 1 for old, _ in self.also), self.also
        return [UPSTREAM.replace(old, new) for old, new in self.also]
