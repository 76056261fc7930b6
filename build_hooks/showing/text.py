"""What something carries, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.plugins.described import plugin_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.showing.carried import Carried


def lines(carried: Carried) -> Iterator[str]:
    """Give the lines.

    Args:
        carried: what is shown.
    """
    manifest = carried.manifest
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
    if carried.folder:
        yield f"  diffs       {carried.folder}"
    if carried.sbom:
        yield f"  sbom        {carried.sbom}"
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
            places = ", ".join(str(site["line"]) for site in file["sites"])
            yield (
                f"  {file['path']}: line {places}"
                if file["sha256_before"]
                else f"  {file['path']}: added"
            )
