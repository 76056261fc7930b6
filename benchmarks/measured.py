"""Run commands as whole processes, interleaved, and compare medians.

CPU is user plus system time of the process and all of its children; memory is the largest resident
set of any of them. Timings of a shared machine differ from run to run, ratios in one run much less.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Runs the command given as JSON and reports on what the kernel counted for it.
_WRAPPER = """
import json, os, resource, subprocess, sys, time
command, folder = json.loads(sys.argv[1])
start = time.perf_counter()
done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump({"rc": done.returncode, "wall": wall, "cpu": used.ru_utime + used.ru_stime,
           "mib": used.ru_maxrss / 1024, "output": done.stdout.decode(errors="replace")[-2000:]},
          sys.stdout)
"""


@dataclass(slots=True)
class Series:
    """What one command took, run after run."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Give the median of `wall` or `cpu` in seconds, or of `mib`."""
        series: list[float] = getattr(self, name)
        return statistics.median(series)


def run_once(
    command: Sequence[str], folder: str, environment: Mapping[str, str]
) -> dict[str, float]:
    """Run a command and measure it.

    Raises:
        RuntimeError: the command failed; holds the end of its output.
    """
    wrapped = [sys.executable, "-c", _WRAPPER, json.dumps([list(command), folder])]
    done = subprocess.run(
        wrapped, capture_output=True, check=True, env={**os.environ, **environment}
    )
    result: dict[str, float] = json.loads(done.stdout)
    if result["rc"]:
        raise RuntimeError(f"{' '.join(command)} ended with {result['rc']}:\n{result['output']}")
    return result


def compare(
    commands: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    folder: str = ".",
    environment: Mapping[str, str] | None = None,
) -> dict[str, Series]:
    """Run commands in turn, one warm-up round first.

    Args:
        commands: by the name in the table.
        rounds: how often each is measured.
        folder: where they run.
        environment: variables to set.
    """
    series = {name: Series() for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            result = run_once(command, folder, environment or {})
            if number:
                series[name].wall.append(result["wall"])
                series[name].cpu.append(result["cpu"])
                series[name].mib.append(result["mib"])
    return series


def table(series: Mapping[str, Series], base: str) -> str:
    """Write a Markdown table of medians, with CPU as a ratio to one of the commands."""
    lines = ["| command | wall s | CPU s | CPU ratio | peak MiB |", "|---|---|---|---|---|"]
    floor = series[base].median("cpu")
    for name, found in series.items():
        cpu = found.median("cpu")
        lines.append(
            f"| {name} | {found.median('wall'):.2f} | {cpu:.2f} | {cpu / floor:.2f} "
            f"| {found.median('mib'):.0f} |"
        )
    return "\n".join(lines)
