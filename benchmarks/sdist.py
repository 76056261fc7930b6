"""What a patched sdist costs, beside unpacking upstream's and packing it again.

    python benchmarks/sdist.py [--release V] [--platform P] [--rounds N]

All are interleaved in one run; the claims are the ratios. The peers change nothing: Python's
`tarfile`, and GNU tar with gzip. Both write what they read to a disk, as whoever patches by hand
does. The whole hook matches and checks every patch too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measured import Series, compare, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402

TARFILE, TAR = "`tarfile`, unpack and pack", "`tar -xz`, `tar -cz`"
WRITE, BUILD = "open and write", "backend"
_TARFILE = """
import shutil, sys, tarfile
from pathlib import Path
source, folder = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
with tarfile.open(source) as archive:
    archive.extractall(folder, filter="data")
(root,) = Path(folder).iterdir()
with tarfile.open(f"{folder}/out.tar.gz", "w:gz") as archive:
    archive.add(root, root.name)
"""
_TAR = (
    'rm -rf "$2" && mkdir "$2" && tar -xzf "$1" -C "$2" && cd "$2" && tar -czf out.tar.gz "$(ls)"'
)
# From the file to the file: every member is checked, three change, nothing is matched.
_WRITE = """
import gc, sys
from pathlib import Path
gc.disable()
sys.path.insert(0, sys.argv[1])
from build_hooks.artifact import open_artifact
from build_hooks.metadata import core_metadata
from build_hooks.sdist import write_sdist
source = Path(sys.argv[2])
artifact = open_artifact(source)
metadata = core_metadata(artifact, ["benchmark"], source.name)
names = ("CMakeLists.txt", "setup.py", "vllm/__init__.py")
changed = {name: artifact.read(name) + b"# changed" for name in names}
write_sdist(Path(sys.argv[3]) / metadata.sdist_name, artifact=artifact, metadata=metadata,
            changed=changed, extra={}, timestamp=0)
"""
_BUILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from build_hooks.backend import build_sdist; "
    "build_sdist(sys.argv[2], {'vllm': sys.argv[3], 'platform': sys.argv[4], 'offline': 'on'})"
)
# The aim of the project, checked on the medians of the run.
MOST_OF_TARFILE = 2.0


def measure(options: argparse.Namespace, sdist: Path, scratch: Path) -> dict[str, Series]:
    """Run everything, and give what each command took."""
    python, root, out = sys.executable, str(ROOT), str(scratch / "out")
    return compare(
        {
            TARFILE: [python, "-c", _TARFILE, str(sdist), str(scratch / "tarfile")],
            TAR: ["bash", "-c", _TAR, "bash", str(sdist), str(scratch / "tar")],
            WRITE: [python, "-c", _WRITE, root, str(sdist), out],
            BUILD: [python, "-c", _BUILD, root, out, options.release, options.platform],
        },
        rounds=options.rounds,
        folder=root,
    )


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    parser.add_argument("--platform", default="windows")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sdist = fetch(read_lock().find("vllm", options.release, "sdist"))
    with tempfile.TemporaryDirectory() as folder:
        series = measure(options, sdist, Path(folder))
        sizes = {path.name: path.stat().st_size for path in Path(folder).rglob("*.tar.gz")}
    print(f"{sdist.name}, {sdist.stat().st_size / 1e6:.1f} MB, {options.platform}\n")
    print(table(series, TARFILE))
    print("\n" + ", ".join(f"{name}: {size / 1e6:.1f} MB" for name, size in sizes.items()))
    good = True
    for name in (WRITE, BUILD):
        ratio = series[name].median("cpu") / series[TARFILE].median("cpu")
        good = good and ratio <= MOST_OF_TARFILE
        passed = "PASS" if ratio <= MOST_OF_TARFILE else "FAIL"
        print(f"{passed}: {name} / {TARFILE} at most {MOST_OF_TARFILE:.0f}: {ratio:.2f}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
