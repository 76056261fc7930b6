"""What the choice of a compressor costs and gives, over the package of one release.

    python benchmarks/compressors.py [--release V]

Needs `isal` and `zlib-ng` beside the build requirements.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import deflate
from isal import isal_zlib
from zlib_ng import zlib_ng

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.artifact import open_artifact  # noqa: E402 - needs the root
from build_hooks.fetch import fetch  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sized


def with_zlib(module: object, level: int, data: bytes) -> bytes:
    """Compress as a zip member with a module that has zlib's interface."""
    compressor = module.compressobj(level, zlib.DEFLATED, -15)  # type: ignore[attr-defined]
    packed: bytes = compressor.compress(data) + compressor.flush()
    return packed


def main() -> int:
    """Compress every member with each, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    options = parser.parse_args()
    locked = read_lock().find("vllm", options.release, "sdist")
    artifact = open_artifact(fetch(locked), unpacked=locked.unpacked)
    members = [artifact.read(path) for path in artifact if path.startswith("vllm/")]
    candidates: dict[str, Callable[[bytes], Sized]] = {
        "zlib 6 (the interpreter's)": lambda data: with_zlib(zlib, 6, data),
        "zlib-ng 6": lambda data: with_zlib(zlib_ng, 6, data),
        "isal 2": lambda data: with_zlib(isal_zlib, 2, data),
        "libdeflate 1": lambda data: deflate.deflate_compress(data, 1),
        "libdeflate 6": lambda data: deflate.deflate_compress(data, 6),
        "libdeflate 9": lambda data: deflate.deflate_compress(data, 9),
        "libdeflate 12": lambda data: deflate.deflate_compress(data, 12),
    }
    base = 0.0
    print("| compressor | CPU s | ratio | MB |\n|---|---|---|---|")
    for name, compress in candidates.items():
        start = time.process_time()
        size = sum(len(compress(data)) for data in members)
        took = time.process_time() - start
        base = base or took
        print(f"| {name} | {took:.2f} | {took / base:.2f} | {size / 1e6:.2f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
