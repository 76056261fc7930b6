"""What a dry run costs, beside reading the release and searching its bytes.

    python benchmarks/check.py [--release V] [--rounds N]

The peer is the least that any tool must do which looks at a whole release: decompress the sdist,
read every Python file, and search it for the needles of the rules in use. Commands are interleaved
in one run; the claim is the ratio. The cache must hold the sdist.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from measured import compare, table
from searching import dialect_patches, search_command

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402

SEARCH = "read and search"
GUARDS, CHECK = "`check -p musa` without its dialect", "`check -p musa`, warm cache"
# The aims of the project, checked on the medians of the run. A dialect's rules read all kernels.
MOST_OF_SEARCH, MOST_OF_SEARCH_WITH_DIALECT, MOST_MIB = 3.0, 12.0, 1024


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sdist = str(fetch(read_lock().find("vllm", options.release, "sdist")))
    check = ["-m", "build_hooks", "check", "-p", "musa", "--vllm", options.release, "--offline"]
    series = compare(
        {
            SEARCH: search_command([sdist]),
            GUARDS: [sys.executable, *check, "--skip", dialect_patches("musa")],
            CHECK: [sys.executable, *check],
        },
        rounds=options.rounds,
        folder=str(ROOT),
    )
    print(f"vLLM {options.release}, medians of {options.rounds} interleaved runs\n")
    print(table(series, SEARCH))
    least = series[SEARCH].median("cpu")
    aims = {
        f"without the dialect, at most {MOST_OF_SEARCH:.0f} of the search": (
            series[GUARDS].median("cpu") / least,
            MOST_OF_SEARCH,
        ),
        f"all of musa, at most {MOST_OF_SEARCH_WITH_DIALECT:.0f} of the search": (
            series[CHECK].median("cpu") / least,
            MOST_OF_SEARCH_WITH_DIALECT,
        ),
        f"peak at most {MOST_MIB} MiB": (series[CHECK].median("mib"), MOST_MIB),
    }
    print()
    for claim, (value, limit) in aims.items():
        print(f"{'PASS' if value <= limit else 'FAIL'}: {claim}: {value:.2f}")
    return 0 if all(value <= limit for value, limit in aims.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
