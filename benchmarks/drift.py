"""What the matrix of all patches and releases costs, beside reading and searching the same trees.

    python benchmarks/drift.py [--rounds N] [--jobs N] [RELEASE ...]

The peer decompresses every sdist, reads every Python file and searches it for the needles of the
rules in use: the least that any tool must do which looks at whole releases. Commands are
interleaved in one run; the claim is the ratio. Memory is the sum over all processes at one time
(proportional set size, Linux). The cache must hold the sdists.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measured import Series, run_once, table
from searching import search_command

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402

SEARCH, COLD, WARM = "read and search", "`drift`, no results kept", "`drift`, all results kept"
# The aims of the project, for every ten releases and for all processes together.
MOST_CPU_PER_TEN, MOST_MIB = 60.0, 1024.0
_INTERVAL = 0.05


def group_mib(group: int) -> float:
    """Give the memory of all processes of a group, shared pages counted once."""
    folders = (folder for folder in Path("/proc").iterdir() if folder.name.isdecimal())
    return sum(process_kib(folder, group) for folder in folders) / 1024


def process_kib(folder: Path, group: int) -> int:
    """Give the memory of one process; 0 for one of another group, or one that has just ended."""
    try:
        if os.getpgid(int(folder.name)) != group:
            return 0
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def peak_mib(command: list[str]) -> float:
    """Run a command and give the most memory that its processes had together."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, group_mib(process.pid))
        time.sleep(_INTERVAL)
    return peak


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    lock = read_lock()
    releases = options.releases or list(lock.releases("vllm", "sdist"))
    sdists = [str(fetch(lock.find("vllm", release, "sdist"))) for release in releases]
    search = search_command(sdists)
    words = [
        "--vllm",
        *releases,
        "--distribution",
        "vllm",
        "--offline",
        "--jobs",
        str(options.jobs),
    ]
    drift = [sys.executable, "-m", "build_hooks", "drift", *words]
    with tempfile.TemporaryDirectory() as folder:
        page = ["--html", str(Path(folder, "drift.html"))]
        commands = {SEARCH: search, COLD: [*drift, *page, "--no-cache"], WARM: [*drift, *page]}
        series = {name: Series() for name in commands}
        run_once(commands[WARM], str(ROOT), {})
        for _ in range(options.rounds):
            for name, command in commands.items():
                result = run_once(command, str(ROOT), {})
                series[name].wall.append(result["wall"])
                series[name].cpu.append(result["cpu"])
                series[name].mib.append(result["mib"])
        size = Path(folder, "drift.html").stat().st_size
        peak = peak_mib(commands[COLD])
    print(f"{len(releases)} releases, {options.jobs} jobs, {options.rounds} rounds\n")
    print(table(series, SEARCH))
    print(f"\nthe page: {size / 1e6:.2f} MB; all processes together: {peak:.0f} MiB\n")
    per_ten = series[COLD].median("cpu") / len(releases) * 10
    aims = {
        f"CPU s per 10 releases at most {MOST_CPU_PER_TEN:.0f}": (per_ten, MOST_CPU_PER_TEN),
        f"all processes together at most {MOST_MIB:.0f} MiB": (peak, MOST_MIB),
    }
    for claim, (value, limit) in aims.items():
        print(f"{'PASS' if value <= limit else 'FAIL'}: {claim}: {value:.2f}")
    return 0 if all(value <= limit for value, limit in aims.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
