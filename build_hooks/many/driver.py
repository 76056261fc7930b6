"""Have many builds done: take what is there already, build the rest, collect failures."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.drift.cell import Failure
from build_hooks.errors import UsageError, WheelwrightError
from build_hooks.fetch.cache import output_errors
from build_hooks.many.executors import PROCESSES, require_executor, run_orders
from build_hooks.many.shared import Made, Shared
from build_hooks.many.task import identity
from build_hooks.many.worker import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from build_hooks.many.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How builds are to be done.

    Attributes:
        folder: where wheels and sdists go.
        executor: ``processes`` or ``dask://host:port``.
        jobs: how many processes at a time.
        shared: the address of the shared cache; None for none.
    """

    folder: Path
    executor: str = PROCESSES
    jobs: int = 1
    shared: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one build.

    Attributes:
        task: the build.
        made: what it made; None where it failed.
        failure: why it failed; None where it did not.
        path: where that is now; None where it failed.
        reused: whether it was in the shared cache already.
    """

    task: Task
    made: Made | None = None
    failure: Failure | None = None
    path: Path | None = None
    reused: bool = False

    @property
    def release(self) -> str:
        """The release that was built, or was to be."""
        return self.made.release if self.made else self.task.release

    @property
    def status(self) -> str:
        """``built``, ``reused`` or ``failed``."""
        return "failed" if self.failure else "reused" if self.reused else "built"


def build_all(tasks: Sequence[Task], wanted: Wanted, on_done: Callable[[Done], None]) -> list[Done]:
    """Build all tasks.

    Args:
        tasks: what to build; no two of them make the same file.
        wanted: how.
        on_done: called with each when it is done.

    Returns:
        What became of each, in the order of the tasks.

    Raises:
        WheelwrightError: none of them can be built: the executor or the shared cache is of no use.
    """
    require_executor(wanted.executor, wanted.shared)
    shared = None if wanted.shared is None else Shared(wanted.shared)
    done: dict[int, Done] = {}

    def finish(number: int, result: Made | Failure, *, reused: bool = False) -> None:
        done[number] = _finished(tasks[number], result, bring, reused=reused)
        on_done(done[number])

    with _own_folder(wanted.folder, shared) as building:

        def bring(made: Made) -> Path:
            target = wanted.folder / made.filename
            if shared is not None:
                shared.bring(made.sha256, made.filename, target)
            elif building is not None:
                _moved(building / made.filename, target)
            return target

        if shared is not None:
            for number, task in enumerate(tasks):
                made = shared.result(_key(task))
                if made is not None:
                    finish(number, made, reused=True)
        orders = {
            number: Order(task=task, identity=identity(), shared=wanted.shared, folder=building)
            for number, task in enumerate(tasks)
            if number not in done
        }
        if shared is not None:
            _send_own(orders.values(), shared)
        run_orders(orders, executor=wanted.executor, jobs=wanted.jobs, on_result=finish)
    return [done[number] for number in range(len(tasks))]


def _finished(
    task: Task, result: Made | Failure, bring: Callable[[Made], Path], *, reused: bool
) -> Done:
    if isinstance(result, Failure):
        return Done(task=task, failure=result)
    try:
        return Done(task=task, made=result, path=bring(result), reused=reused)
    except WheelwrightError as error:
        return Done(task=task, failure=Failure.of(error))


def _key(task: Task) -> str:
    for item in task.inputs:
        if item.path is not None and not item.path.exists():
            raise UsageError(f"no such file or folder: {item.path}")
    if task.key is None:
        folders = [item.filename for item in task.inputs if item.sha256 is None]
        raise UsageError(
            f"the folder {', '.join(folders)} has no hash by which it could be shared",
            next_step="build from an sdist of it, or leave out --shared",
        )
    return task.key


def _send_own(orders: Iterable[Order], shared: Shared) -> None:
    """Put the user's own files where every worker finds them."""
    for item in {item for order in orders for item in order.task.inputs if item.path is not None}:
        if item.path is not None and item.sha256 is not None:
            shared.keep(item.sha256, item.path)


@contextlib.contextmanager
def _own_folder(folder: Path, shared: Shared | None) -> Iterator[Path | None]:
    """Make a hidden folder below another, to build in; it goes, however the block ends.

    None is needed where results come from the shared cache.
    """
    if shared is not None:
        yield None
        return
    building = folder / f".building-{secrets.token_hex(4)}"
    try:
        with output_errors("cannot make the folder", building):
            building.mkdir(parents=True)
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _moved(path: Path, target: Path) -> None:
    with output_errors("cannot write", target):
        path.replace(target)
