"""What all native patches of a platform cost on a release, beside parsing its C++ and CUDA.

    python benchmarks/native.py [--release V] [--platform NAME] [--rounds N]

The peer reads the sdist and parses every C, C++ and CUDA file below `csrc` with tree-sitter, which
is written in C. Commands are interleaved in one run; the claim is the ratio. The cache must hold
the sdist.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from measured import compare, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.artifact import open_artifact  # noqa: E402 - needs the root
from build_hooks.fetch import fetch  # noqa: E402
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.platforms import load_platform  # noqa: E402
from transforms.edits import ApplyRule  # noqa: E402
from transforms.engine.apply import apply_sites  # noqa: E402
from transforms.engine.checks import check_edited  # noqa: E402
from transforms.engine.cpp.files import CPP  # noqa: E402
from transforms.engine.match import match_patches  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from build_hooks.artifact import Artifact
    from transforms.engine.edit import Edit
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch

    Outcomes: TypeAlias = list[Outcome]

PARSE = "read, and parse the C++ with tree-sitter"
MATCH, CHECK = "match all native patches", "match, apply and check them"
PACKAGE = "vllm/"
OLDEST = (3, 10)
# The aims of the project, on the medians of the run.
MOST_SECONDS = 15.0


def native(platform: str) -> dict[str, Patch]:
    """Give the patches of a platform that change what lies outside of the Python package."""
    return {
        f"{platform}/{stem}": patch
        for stem, patch in load_platform(platform).patches.items()
        if all(map(_is_native, patch.edits))
    }


def _is_native(edit: Edit) -> bool:
    if isinstance(edit, ApplyRule):
        return not f"{edit.folder}/".startswith(PACKAGE)
    # An edit of Python names a module in the place of a path.
    place = str(getattr(edit, "path", "") or getattr(edit, "inside", ""))
    return not place.replace(".", "/").startswith(PACKAGE)


def parse_all(sdist: str, *_: str) -> None:
    """Do what the peer does."""
    import tree_sitter  # noqa: PLC0415 - the other commands must not pay for it
    import tree_sitter_cuda  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cuda.language()))
    tree = open_artifact(Path(sdist))
    paths = [path for path in tree if path.startswith("csrc/") and path.endswith(CPP)]
    kept = [parser.parse(tree.read(path)) for path in paths]
    print(len(kept), "files")


def match_all(sdist: str, release: str, platform: str) -> tuple[Outcomes, Artifact]:
    """Match every native patch.

    Raises:
        SystemExit: one does not hold.
    """
    tree = open_artifact(Path(sdist))
    outcomes = match_patches(native(platform), tree, release)
    bad = [outcome.patch for outcome in outcomes if not outcome.status.is_good]
    if bad:
        raise SystemExit(f"not measured, as these do not hold: {', '.join(bad)}")
    print(sum(len(outcome.sites) for outcome in outcomes), "sites of", len(outcomes), "patches")
    return outcomes, tree


def check_all(sdist: str, release: str, platform: str) -> None:
    """Match and apply every native patch, and check the files that come of it.

    Raises:
        SystemExit: a patch does not hold, or a check failed.
    """
    outcomes, tree = match_all(sdist, release, platform)
    files = apply_sites(outcomes, tree)
    failures = check_edited(files, native(platform), tree, release, oldest=OLDEST)
    if failures:
        raise SystemExit("\n".join(failures))
    print(len(files), "files")


STEPS: Mapping[str, tuple[str, Callable[[str, str, str], object]]] = {
    "parse": (PARSE, parse_all),
    "match": (MATCH, match_all),
    "check": (CHECK, check_all),
}


def main() -> int:
    """Measure, print the table, and say whether the aim is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default=read_lock().default_release)
    parser.add_argument("--platform", default="windows")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=list(STEPS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        gc.disable()
        sdist = str(fetch(read_lock().find("vllm", options.release, "sdist")))
        STEPS[options.only][1](sdist, options.release, options.platform)
        return 0
    words = [sys.executable, __file__, "--release", options.release]
    words += ["--platform", options.platform]
    commands = {title: [*words, "--only", step] for step, (title, _) in STEPS.items()}
    series = compare(commands, rounds=options.rounds)
    print(f"vLLM {options.release}, medians of {options.rounds} interleaved runs\n")
    print(table(series, PARSE))
    cpu = series[MATCH].median("cpu")
    said = "PASS" if cpu <= MOST_SECONDS else "FAIL"
    print(f"\n{said}: at most {MOST_SECONDS:.0f} s of CPU to match: {cpu:.2f}")
    return 0 if cpu <= MOST_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
