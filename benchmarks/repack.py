"""What patching a binary wheel costs, beside copying it and beside unpacking and packing it.

    python benchmarks/repack.py [--release V] [--distribution D] [--rounds N] [--whole-rounds N]

Three files change. `cp` and the repacking are interleaved in one run; the claims are the ratios.
The start of Python with its imports is a row of its own, and is taken off before comparing: in a
build it is long past when a wheel is written. `wheel unpack` and `wheel pack` take a minute or two,
so they run less often. The cache must hold the wheel, whose hash is then known by its stamp.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measured import Series, compare, run_once, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402

COPY, REPACK, START = "`cp`", "repack", "Python and imports"
UNPACK, PACK, BUILD = "`wheel unpack`", "`wheel pack`", "backend, all of musa"
FILES = "vllm/__init__.py,vllm/envs.py,vllm/platforms/__init__.py"
_IMPORTS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.artifact.wheel import WheelTree
from build_hooks.binary_metadata import binary_metadata
from build_hooks.repack import repack_wheel
"""
# From the file to the file: everything is opened, checked and written. The collector is off, as a
# build has it.
_REPACK = """
import gc
gc.disable()
wheel = BinaryWheel(WheelTree(Path(sys.argv[2])))
metadata = binary_metadata(wheel, ["benchmark"])
changed = {path: wheel.read(path) + b"# changed" for path in sys.argv[4].split(",")}
target = Path(sys.argv[3]) / metadata.wheel_name
repack_wheel(target, wheel=wheel, metadata=metadata, changed=changed, extra={}, timestamp=0)
"""
_BUILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from build_hooks.backend import build_wheel; "
    "build_wheel(sys.argv[2], {'source': 'wheel', 'vllm': sys.argv[3], 'offline': 'on', "
    "'distribution': sys.argv[4], 'platform': 'musa'})"
)
# The aims of the project, checked on the medians of the run.
MOST_OF_COPY, LEAST_OF_WHOLE, MOST_MIB = 2.0, 80.0, 150


def measure(options: argparse.Namespace, wheel: Path, scratch: Path) -> dict[str, Series]:
    """Run everything, and give what each command took."""
    python, root, out = sys.executable, str(ROOT), str(scratch / "out")
    series = compare(
        {
            COPY: ["cp", str(wheel), str(scratch / "copy.whl")],
            REPACK: [python, "-c", _IMPORTS + _REPACK, root, str(wheel), out, FILES],
            START: [python, "-c", _IMPORTS, root],
            BUILD: [python, "-c", _BUILD, root, out, options.release, options.distribution],
        },
        rounds=options.rounds,
        folder=root,
    )
    if options.whole_rounds:
        series |= unpack_and_pack(options.whole_rounds, wheel, scratch)
    return series


def unpack_and_pack(rounds: int, wheel: Path, scratch: Path) -> dict[str, Series]:
    """Measure the two programs of the `wheel` project, which rewrite every member."""
    found = {UNPACK: Series(), PACK: Series()}
    tree = scratch / "tree"
    for _ in range(rounds):
        _add(found[UNPACK], "unpack", wheel, tree)
        _add(found[PACK], "pack", next(tree.iterdir()), scratch)
        shutil.rmtree(tree)
    return found


def _add(series: Series, verb: str, source: Path, target: Path) -> None:
    command = [sys.executable, "-m", "wheel", verb, str(source), "-d", str(target)]
    result = run_once(command, str(ROOT), {})
    for name in ("wall", "cpu", "mib"):
        getattr(series, name).append(result[name])


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    lock = read_lock()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--distribution", default="vllm")
    parser.add_argument("--release")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--whole-rounds", type=int, default=1, help="of `wheel unpack` and `pack`")
    options = parser.parse_args()
    options.release = options.release or lock.default_for(options.distribution, "wheel")
    wheel = fetch(lock.find(options.distribution, options.release, "wheel"))
    with tempfile.TemporaryDirectory() as folder:
        series = measure(options, wheel, Path(folder))
    print(f"{wheel.name}, {wheel.stat().st_size / 1e6:.0f} MB, medians of {options.rounds} runs\n")
    print(table(series, COPY))
    start, whole = series[START].median("cpu"), series[REPACK].median("cpu")
    own, copied = whole - start, series[COPY].median("cpu")
    print(f"\nthe whole process of {REPACK}: {whole / copied:.2f} of {COPY}")
    claims = {
        f"{REPACK} without {START} / {COPY} at most {MOST_OF_COPY:.0f}": (
            own / copied,
            own / copied <= MOST_OF_COPY,
        ),
        f"peak of {REPACK} at most {MOST_MIB} MiB": (
            series[REPACK].median("mib"),
            series[REPACK].median("mib") <= MOST_MIB,
        ),
    }
    if UNPACK in series:
        ratio = (series[UNPACK].median("cpu") + series[PACK].median("cpu")) / whole
        claim = f"{UNPACK} and {PACK} / {REPACK} at least {LEAST_OF_WHOLE:.0f}"
        claims[claim] = (ratio, ratio >= LEAST_OF_WHOLE)
    for claim, (value, passed) in claims.items():
        print(f"{'PASS' if passed else 'FAIL'}: {claim}: {value:.2f}")
    good = [passed for _, passed in claims.values()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
