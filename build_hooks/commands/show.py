"""Show what a wheel or sdist carries: what it was built from, and every patch with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.inspection import open_output, read_manifest
from build_hooks.plugins.described import plugin_summary
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("wheel", help="a wheel or sdist that this project built")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Write what the manifest says."""
    manifest = read_manifest(open_output(existing_output(options.wheel)))
    if options.json:
        write_json("show", {"manifest": manifest})
    else:
        for line in _lines(manifest):
            write_line(line)
    return 0


def _lines(manifest: dict[str, Any]) -> Iterator[str]:
    artifact = manifest["artifact"]
    yield f"{manifest['distribution']} {manifest['version']}"
    yield f"  platforms   {', '.join(manifest['platforms']) or 'none'}"
    yield f"  built from  {artifact['filename']}  sha256 {artifact['sha256'] or 'of no file'}"
    yield f"  digest      {manifest['digest']}"
    yield f"  changed     {len(manifest['files'])} files"
    for name in ("only", "skip"):
        if manifest[name]:
            yield f"  {name:<11} {', '.join(manifest[name])}"
    if "plugin" in manifest:
        yield f"  plugin      {plugin_summary(manifest['plugin'])}"
    for patch in manifest["patches"]:
        yield ""
        yield f"{patch['name']}: {patch['outcome']}"
        yield f"  why        {patch['why']}"
        yield f"  upstream   {patch['upstream']}"
        yield f"  drop when  {patch['drop_when']}"
        if patch["outcome"] == "excluded":
            yield f"  versions   {patch['versions']}"
            if "reason" in patch:
                yield f"  reason     {patch['reason']}"
        for file in patch["files"]:
            lines = ", ".join(str(site["line"]) for site in file["sites"])
            yield (
                f"  {file['path']}: line {lines}"
                if file["sha256_before"]
                else f"  {file['path']}: added"
            )
