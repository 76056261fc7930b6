"""How the compiler's cost grows with the number of files and of patches.

    python benchmarks/scaling.py [--release V]

Files: all of musa on a quarter, half and all of the release's package. Patches: one method added to
each of 10, 100 and 1,000 classes of the release. Only the pure part is measured: match, apply and
check.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.artifact import Artifact, open_artifact  # noqa: E402 - needs the root
from build_hooks.collector import without_collector  # noqa: E402
from build_hooks.fetch import fetch  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.platforms import chosen_patches, load_platform  # noqa: E402
from transforms.edits import AddMember, Patch  # noqa: E402
from transforms.engine.apply import apply_sites  # noqa: E402
from transforms.engine.checks import check_edited  # noqa: E402
from transforms.engine.match import match_patches  # noqa: E402
from transforms.engine.patch import bare_patch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.engine.syntax.source import Tree


class Part:
    """Some of an artifact's files."""

    def __init__(self, artifact: Artifact, paths: list[str]) -> None:
        self._artifact = artifact
        self._paths = dict.fromkeys(paths)

    def __contains__(self, path: object) -> bool:
        """Tell whether the part has a file."""
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        """Give the files' paths."""
        return iter(self._paths)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self._artifact.read(path)


def seconds(patches: Mapping[str, Patch], tree: Tree, release: str) -> tuple[float, int]:
    """Match, apply and check; give the CPU seconds and the number of sites."""
    start = time.process_time()
    with without_collector():
        outcomes = match_patches(patches, tree, release)
        files = apply_sites(outcomes, tree, notice="Modified for a benchmark.")
        check_edited(files, patches, tree, release, oldest=(3, 10))
    return time.process_time() - start, sum(len(file.sites) for file in files)


def member_patches(artifact: Artifact) -> Iterator[tuple[str, Patch]]:
    """Make one patch for each class that has a method, in the order of the files."""
    for path in sorted(artifact):
        if path.startswith("vllm/") and path.endswith(".py") and "/third_party/" not in path:
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            classes = [
                node
                for node in ast.parse(artifact.read(path)).body
                if isinstance(node, ast.ClassDef)
            ]
            names = [node.name for node in classes]
            for node in classes:
                methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
                if methods and names.count(node.name) == 1:
                    yield (
                        f"bench/{module}.{node.name}",
                        member_patch(f"{module}.{node.name}", methods[-1].name),
                    )


def member_patch(inside: str, after: str) -> Patch:
    """Make a patch that adds one method."""
    edit = AddMember(inside=inside, after=after, code="def wheelwright_bench(self): return 1")
    return bare_patch([edit])


def main() -> int:
    """Measure both, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    release = parser.parse_args().release
    locked = read_lock().find("vllm", release, "sdist")
    artifact = open_artifact(fetch(locked), unpacked=locked.unpacked)
    package = sorted(path for path in artifact if path.startswith("vllm/"))
    musa = chosen_patches([load_platform("musa")], only=(), skip=())
    needed = {site.path for item in match_patches(musa, artifact, release) for site in item.sites}
    print("| files | MB | CPU s | CPU s per 1,000 files |\n|---|---|---|---|")
    for share in (4, 2, 1):
        paths = sorted({*package[::share], *needed})
        size = sum(len(artifact.read(path)) for path in paths)
        took, _ = seconds(musa, Part(artifact, paths), release)
        print(f"| {len(paths)} | {size / 1e6:.1f} | {took:.2f} | {1000 * took / len(paths):.2f} |")
    print("\n| patches | sites | CPU s | CPU ms per patch |\n|---|---|---|---|")
    every = list(islice(member_patches(artifact), 1000))
    for count in (10, 100, 1000):
        step = len(every) // count
        took, sites = seconds(dict(every[::step][:count]), artifact, release)
        print(f"| {count} | {sites} | {took:.2f} | {1000 * took / count:.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
