"""Show the unified diff of every patch on a release; `git apply` takes the whole output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    add_plugin_options,
    read_releases,
    write_json,
)
from build_hooks.terminal import write_diff

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser)
    add_plugin_options(parser)
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Match and apply in memory, and write what each patch changed."""
    from build_hooks.manifest import make_diffs  # noqa: PLC0415
    from build_hooks.pipeline import compile_patches, make_plan  # noqa: PLC0415

    releases: list[dict[str, object]] = []
    for chosen in read_releases(options, settings):
        plan = make_plan(chosen)
        compiled = compile_patches(plan)
        diffs = make_diffs(compiled.outcomes, compiled.files)
        if options.json:
            shown = {name: diff.decode("utf-8") for name, diff in diffs.items()}
            read = {"release": plan.origin.release, "artifact": plan.origin.artifact}
            releases.append({**read, "diffs": shown})
        else:
            for name, diff in diffs.items():
                # Text before the first `diff --git` is a message to git and patch.
                write_diff(f"{name} on {plan.metadata.release}\n".encode() + diff)
    if options.json:
        write_json("diff", {"releases": releases})
    return 0
