"""What runs where a build is done: in a process of this machine, or on a worker of a cluster."""

from __future__ import annotations

import os
import platform
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.drift.cell import Failure
from build_hooks.errors import IntegrityError, UnknownReleaseError, UsageError, WheelwrightError
from build_hooks.fetch.cache import Cache, cache_root, hash_file
from build_hooks.many.shared import Made, Shared
from build_hooks.many.task import identity
from build_hooks.settings import read_settings

if TYPE_CHECKING:
    from build_hooks.many.task import Input, Task
    from build_hooks.settings import Settings

# A build takes a processor and turns the collector off: threads of one process take turns.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A task, and where its result goes.

    Attributes:
        task: what to build.
        identity: of the code and libraries that ask for it.
        shared: the address of the shared cache; None where there is none.
        folder: a folder of this machine; None where the shared cache takes the result.
    """

    task: Task
    identity: str
    shared: str | None
    folder: Path | None = None


def fulfil(order: Order) -> Made | Failure:
    """Build, and say what was made or what failed.

    Args:
        order: what to build.
    """
    with _ONE_AT_A_TIME:
        try:
            return _fulfil(order)
        except WheelwrightError as error:
            return Failure.of(error)
        except Exception:  # noqa: BLE001 - one build must not hide the others
            what = f"{order.task.name} stopped on {platform.node()}:\n{traceback.format_exc()}"
            return Failure(
                kind=WheelwrightError.kind,
                exit_code=WheelwrightError.exit_code,
                message=f"{what.rstrip()}\n  next: report it, with these lines",
            )


def _fulfil(order: Order) -> Made:
    task = order.task
    if identity() != order.identity:
        raise UsageError(
            f"{platform.node()} has another checkout, or other libraries, than asks for the build",
            next_step="start workers in a checkout of the same commit, with `pip install --group "
            "cluster` from the same constraints",
        )
    shared = Shared(order.shared) if order.shared is not None else None
    if shared is not None and task.key is not None and (made := shared.result(task.key)):
        return made  # somebody else has built it meanwhile
    settings = _with_files(task, shared)
    if order.folder is not None:
        return build_in(order.folder, settings, task)
    with tempfile.TemporaryDirectory() as folder:
        made = build_in(Path(folder), settings, task)
        if shared is not None and task.key is not None:
            shared.keep_result(task.key, made, Path(folder, made.filename))
    return made


def _with_files(task: Task, shared: Shared | None) -> Settings:
    """Bring what the build reads, and name it in the settings."""
    own = read_settings(None, os.environ)
    settings = replace(
        task.settings,
        index=own.index,
        cache=own.cache,
        offline=task.settings.offline or own.offline,
    )
    source = str(_brought(task.artifact, settings, shared))
    if task.plugin is None:
        return replace(settings, source=source)
    path = _brought(task.plugin, settings, shared)
    if task.plugin.locked is None:
        settings = replace(settings, plugin=str(path))
    return replace(settings, source=source)


def _brought(item: Input, settings: Settings, shared: Shared | None) -> Path:
    """Give the path of a file here: from this machine, the shared cache, or the index."""
    if item.path is not None and (item.sha256 is None or shared is None):
        return item.path
    assert item.sha256 is not None  # noqa: S101 - folders are not shared
    slot = Cache(cache_root(settings.cache)).slot(item.sha256, item.filename)
    if slot.state() != "good":
        if shared is not None and shared.has(item.sha256, item.filename):
            with slot.claim():
                if slot.state() != "good":
                    shared.bring(item.sha256, item.filename, slot.part)
                    slot.commit()
        elif item.locked is not None:
            from build_hooks.fetch import fetch  # noqa: PLC0415 - not where the cache has it

            cache, index = settings.cache, settings.index
            fetch(item.locked, cache=cache, index=index, offline=settings.offline)
        else:
            raise UnknownReleaseError(f"the shared cache does not hold {item.filename}")
    if shared is not None:
        shared.keep(item.sha256, slot.path)
    return slot.path


def build_in(folder: Path, settings: Settings, task: Task) -> Made:
    """Build a task, and say what was made.

    Args:
        folder: where it goes.
        settings: those of the task, with the files of this machine.
        task: the build.

    Raises:
        WheelwrightError: anything that stops the build.
    """
    from build_hooks.building import build_plan  # noqa: PLC0415 - a result may be there already
    from build_hooks.pipeline import make_plan  # noqa: PLC0415

    begun = time.monotonic()
    plan = make_plan(settings, task.output)
    if task.artifact.sha256 not in {None, plan.origin.sha256}:
        raise IntegrityError(f"{task.artifact.filename} changed since the build was asked for")
    # Not the SOURCE_DATE_EPOCH of the machine that happens to build.
    timestamp = plan.artifact.newest if task.timestamp is None else task.timestamp
    built = build_plan(replace(plan, origin=replace(plan.origin, timestamp=timestamp)), folder)
    return Made(
        filename=built.path.name,
        release=plan.metadata.release,
        sha256=hash_file(built.path),
        size=built.path.stat().st_size,
        notes=built.notes,
        seconds=round(time.monotonic() - begun, 1),
    )
