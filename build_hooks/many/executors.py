"""Where builds run: in processes of this machine, or on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
from concurrent.futures import CancelledError, as_completed
from typing import TYPE_CHECKING, Any

from build_hooks.drift.cell import Failure
from build_hooks.errors import NetworkError, UsageError, WheelwrightError, did_you_mean
from build_hooks.many.worker import fulfil
from build_hooks.workers import run_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Executor

    from build_hooks.many.shared import Made
    from build_hooks.many.worker import Order

PROCESSES = "processes"
_DASK = "dask"
_PATIENCE = "30s"


def run_orders(
    orders: Mapping[int, Order],
    *,
    executor: str,
    jobs: int,
    on_result: Callable[[int, Made | Failure], None],
) -> None:
    """Run builds, wherever that is.

    Args:
        orders: by number.
        executor: ``processes`` or ``dask://host:port``.
        jobs: how many processes at a time.
        on_result: called with each result, in whatever order they come.

    Raises:
        UsageError: no such executor, or its package is missing.
        NetworkError: the cluster cannot be reached.
    """
    if executor == PROCESSES:
        run_tasks(fulfil, orders, jobs=jobs, on_result=on_result)
        return
    with _dask(executor) as pool:
        futures = {pool.submit(fulfil, order): number for number, order in orders.items()}
        for future in as_completed(futures):
            try:
                result: Made | Failure = future.result()
            except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever took the worker
                result = _lost(error)
            on_result(futures[future], result)


def require_executor(executor: str, shared: str | None) -> None:
    """Refuse what cannot be, before anything is done.

    Args:
        executor: what the user names.
        shared: the address of the shared cache, if there is one.

    Raises:
        UsageError: no such executor, or one that needs a shared cache.
    """
    if executor == PROCESSES:
        return
    scheme = executor.partition("://")[0]
    if scheme != _DASK:
        hint = did_you_mean(scheme, [PROCESSES, _DASK])
        raise UsageError(
            f"--executor is {executor!r}{hint}", next_step="processes, or dask://HOST:PORT"
        )
    if shared is None:
        raise UsageError(
            "on a cluster, what is built travels through a shared cache",
            next_step="name one that every worker can reach: --shared s3://... or a shared folder",
        )


@contextlib.contextmanager
def _dask(address: str) -> Iterator[Executor]:
    """Open a cluster as an executor; what still runs is cancelled when the block ends."""
    try:
        import distributed  # noqa: PLC0415 - for this executor alone
    except ImportError as error:
        raise UsageError(
            f"{address} needs the package {error.name!r}",
            next_step="pip install --group cluster, in the repository's folder",
        ) from error
    scheduler = f"tcp://{address.partition('://')[2]}"
    connect: Any = distributed.Client
    try:
        client = connect(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NetworkError(
            f"no Dask scheduler answers at {scheduler}: {error}",
            next_step="start one (`dask scheduler`), with workers in checkouts of this commit",
        ) from error
    try:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _lost(error: BaseException) -> Failure:
    return Failure(
        kind=WheelwrightError.kind,
        exit_code=WheelwrightError.exit_code,
        message=f"the worker that built it was lost: {type(error).__name__}: {error}",
    )
