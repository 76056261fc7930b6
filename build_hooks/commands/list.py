"""List platforms, their patches, and the releases in the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform, platform_names
from build_hooks.shipping import WHEEL
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--by", choices=["name", "drop_when"], default="name", help="order and detail"
    )
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Write the list."""
    platforms = [load_platform(name) for name in platform_names()]
    lock = read_lock()
    releases = {
        name: {kind: list(lock.releases(name, kind)) for kind in ("sdist", "wheel")}
        for name in lock.distributions()
    }
    if options.json:
        document: dict[str, object] = {
            "platforms": [
                {
                    "name": platform.name,
                    "summary": platform.summary,
                    "builds": platform.builds,
                    "patches": [
                        {
                            "name": f"{platform.name}/{stem}",
                            "why": patch.why,
                            "upstream": patch.upstream,
                            "drop_when": patch.drop_when,
                            "versions": patch.versions,
                        }
                        for stem, patch in platform.patches.items()
                    ],
                }
                for platform in platforms
            ],
            "default_release": lock.default_release,
            "releases": releases,
        }
        write_json("list", document)
        return 0
    for platform in platforms:
        built = "" if platform.builds == WHEEL else f" (built to an {platform.builds})"
        write_line(f"{platform.name}: {platform.summary}{built}")
        for stem, patch in platform.patches.items():
            write_line(f"  {platform.name}/{stem}  ({patch.versions})")
            shown = f"drop it when: {patch.drop_when}" if options.by == "drop_when" else patch.why
            write_line(f"      {shown}")
    for name, kinds in releases.items():
        for kind, found in kinds.items():
            if found:
                write_line(f"{name} {kind}: {' '.join(found)}")
    write_line(f"default release: {lock.default_release}")
    return 0
