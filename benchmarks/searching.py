"""Read releases and search their bytes: the least that a tool must do which looks at all of one.

Every sdist is decompressed, every Python file read and searched for the needles of the rules in
use. Run as `python benchmarks/searching.py NEEDLE... -- SDIST...`; it is the peer of others.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.artifact import open_artifact  # noqa: E402 - needs the root


def search_command(sdists: list[str]) -> list[str]:
    """Give the command that searches these sdists for the needles of every platform's rules."""
    # The peer itself must not pay for loading the platforms.
    from build_hooks.platforms import load_platform, platform_names  # noqa: PLC0415
    from transforms.edits import ApplyRule  # noqa: PLC0415

    needles = {
        needle.decode()
        for name in platform_names()
        for patch in load_platform(name).patches.values()
        for edit in patch.edits
        if isinstance(edit, ApplyRule)
        for needle in edit.rule.needles
    }
    return [sys.executable, str(Path(__file__)), *sorted(needles), "--", *sdists]


def dialect_patches(platform: str) -> str:
    """Give the full names of the patches that a platform has from its dialect, for `skip`."""
    from build_hooks.platforms import load_dialect, load_platform  # noqa: PLC0415

    stems = load_dialect(load_platform(platform).dialect).patches
    return ",".join(f"{platform}/{stem}" for stem in stems)


def main(arguments: list[str]) -> None:
    """Search, and say how many files hold all of the needles."""
    split = arguments.index("--")
    needles = [needle.encode() for needle in arguments[:split]]
    found = 0
    for sdist in arguments[split + 1 :]:
        tree = open_artifact(Path(sdist))
        for path in tree:
            if path.endswith(".py"):
                data = tree.read(path)
                found += all([needle in data for needle in needles])  # noqa: C419 - search for each
    print(found)


if __name__ == "__main__":
    main(sys.argv[1:])
