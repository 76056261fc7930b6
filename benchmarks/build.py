"""What building a wheel costs, beside the least that it could cost and beside upstream's own build.

    python benchmarks/build.py [--release V] [--rounds N] [--upstream-python EXE] [--front-ends]

Commands are interleaved in one run; the claims are the ratios. The cache must hold the sdist.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measured import compare, table
from searching import dialect_patches

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402

FLOOR, UPSTREAM = "streaming floor", "upstream's empty build"
GUARDS, BACKEND = "backend, musa without its dialect", "backend, all of musa"
_BACKEND = (
    "import sys; sys.path.insert(0, sys.argv[1]); from build_hooks.backend import build_wheel; "
    "build_wheel(sys.argv[2], {'vllm': sys.argv[3], 'offline': 'on', 'skip': sys.argv[4]})"
)
# The aims of the project, checked on the medians of the run: of a build that changes a few dozen
# files; and of one in which a dialect's rules read all kernels, and change every third of them.
MOST_OF_FLOOR, MOST_OF_UPSTREAM = 2.0, 1 / 3
MOST_OF_UPSTREAM_WITH_DIALECT, MOST_MIB = 1.0, 400


def commands(options: argparse.Namespace, scratch: Path) -> dict[str, list[str]]:
    """Give the commands to compare, by the name in the table."""
    locked = read_lock().find("vllm", options.release, "sdist")
    sdist = str(fetch(locked))
    python = sys.executable
    backend = [python, "-c", _BACKEND, str(ROOT), str(scratch / "out"), options.release]
    found = {
        FLOOR: [python, str(ROOT / "benchmarks/floor.py"), sdist, str(scratch / "floor.whl")],
        GUARDS: [*backend, dialect_patches("musa")],
        BACKEND: [*backend, ""],
    }
    if options.upstream_python:
        pip = [options.upstream_python, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
        found[UPSTREAM] = [*pip, "-w", str(scratch / "upstream"), sdist]
    if options.front_ends:
        pip = [
            python,
            "-m",
            "pip",
            "wheel",
            str(ROOT),
            "--no-deps",
            "-C",
            f"vllm={options.release}",
        ]
        found["pip wheel ."] = [*pip, "-w", str(scratch / "pip")]
        found["uv build --wheel"] = [
            python, "-m", "uv", "build", "--wheel", str(ROOT), "-C", f"vllm={options.release}",
            "-o", str(scratch / "uv"),
        ]  # fmt: skip
    return found


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--upstream-python", help="an interpreter with upstream's build requirements"
    )
    parser.add_argument("--front-ends", action="store_true", help="pip wheel and uv build as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        series = compare(
            commands(options, Path(folder)),
            rounds=options.rounds,
            environment={"VLLM_TARGET_DEVICE": "empty", "PYTHONDONTWRITEBYTECODE": ""},
        )
    print(f"vLLM {options.release}, medians of {options.rounds} interleaved runs\n")
    print(table(series, FLOOR))
    guards, whole = series[GUARDS], series[BACKEND]
    ratio = guards.median("cpu") / series[FLOOR].median("cpu")
    aims = {
        f"without the dialect, at most {MOST_OF_FLOOR:.1f} of the floor": (ratio, MOST_OF_FLOOR),
        f"peak at most {MOST_MIB} MiB": (whole.median("mib"), MOST_MIB),
    }
    if UPSTREAM in series:
        upstream = series[UPSTREAM].median("cpu")
        ratio = guards.median("cpu") / upstream
        aims["without the dialect, at most 0.33 of upstream's"] = (ratio, MOST_OF_UPSTREAM)
        ratio = whole.median("cpu") / upstream
        aims["all of musa, at most upstream's"] = (ratio, MOST_OF_UPSTREAM_WITH_DIALECT)
    print()
    for claim, (value, limit) in aims.items():
        print(f"{'PASS' if value <= limit else 'FAIL'}: {claim}: {value:.2f}")
    return 0 if all(value <= limit for value, limit in aims.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
