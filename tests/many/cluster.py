"""A Dask cluster of two worker processes, each in a checkout and with a cache of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# In a process of its own, as its workers begin where it stands and with what it imports from.
_PROGRAM = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextlib.contextmanager
def dask_cluster(root: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a cluster until the block ends.

    Args:
        root: the checkout that its workers have.
        folder: an empty one, for what it writes.
        environment: the workers' own.

    Yields:
        What `--executor` takes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "cluster.py"
    program.write_text(_PROGRAM)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, program],
            cwd=folder,
            env={
                **environment,
                "PYTHONPATH": str(root),
                "DASK_TEMPORARY_DIRECTORY": str(folder),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("tcp://"), (folder / "log").read_text()
            yield address.replace("tcp", "dask", 1)
        finally:
            process.communicate(timeout=60)
