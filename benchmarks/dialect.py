"""What all rules of a Triton dialect cost on a whole release, beside parsing its kernels' files.

    python benchmarks/dialect.py [--release V] [--dialect NAME] [--rounds N]

The peer reads the release and parses every file that may hold a kernel with CPython's own `ast`:
no tool that looks at syntax does less. Commands are interleaved in one run; the claim is the ratio.
The cache must hold the sdist.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from pathlib import Path

from measured import compare, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.artifact import open_artifact  # noqa: E402 - needs the root
from build_hooks.fetch import fetch  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.platforms import dialect_package  # noqa: E402
from transforms.engine.match import match_patches  # noqa: E402
from transforms.engine.syntax.source import files_with, parse  # noqa: E402

PARSE, MATCH = "read, and parse the files with kernels", "all rules of the dialect"
NEEDLES = (b"triton", b"jit")
# The aims of the project, on the medians of the run.
MOST_OF_PARSING, MOST_SECONDS = 4.0, 20.0


def parse_all(sdist: str) -> None:
    """Do what the peer does."""
    tree = open_artifact(Path(sdist))
    gc.disable()
    kept = [parse(tree.read(path)) for path in files_with(tree, NEEDLES)]
    print(len(kept), "files")


def match_all(sdist: str, release: str, dialect: str) -> None:
    """Match every rule of the dialect on the release."""
    package = importlib.import_module(dialect_package(dialect))
    tree = open_artifact(Path(sdist))
    gc.disable()
    outcomes = match_patches(package.COUNTED, tree, release)
    print(sum(len(outcome.sites) for outcome in outcomes), "sites of", len(outcomes), "rules")


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    parser.add_argument("--dialect", default="triton-3.1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["parse", "match"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    sdist = str(fetch(read_lock().find("vllm", options.release, "sdist")))
    if options.only == "parse":
        parse_all(sdist)
        return 0
    if options.only == "match":
        match_all(sdist, options.release, options.dialect)
        return 0
    words = [sys.executable, __file__, "--release", options.release, "--dialect", options.dialect]
    series = compare(
        {PARSE: [*words, "--only", "parse"], MATCH: [*words, "--only", "match"]},
        rounds=options.rounds,
    )
    print(f"vLLM {options.release}, medians of {options.rounds} interleaved runs\n")
    print(table(series, PARSE))
    cpu = series[MATCH].median("cpu")
    aims = {
        f"at most {MOST_OF_PARSING} of parsing": (
            cpu / series[PARSE].median("cpu"),
            MOST_OF_PARSING,
        ),
        f"at most {MOST_SECONDS} s of CPU": (cpu, MOST_SECONDS),
    }
    print()
    for claim, (value, limit) in aims.items():
        print(f"{'PASS' if value <= limit else 'FAIL'}: {claim}: {value:.2f}")
    return 0 if all(value <= limit for value, limit in aims.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
