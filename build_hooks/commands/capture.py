"""Turn edits made by hand in a tree that `apply` wrote into a typed patch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `apply` wrote")
    parser.add_argument("--name", required=True, help="the patch's name, e.g. worker_device_type")
    parser.add_argument("-p", "--platform", help="the platform that it belongs to")
    parser.add_argument("-o", "--output", type=Path, help="a folder; default: the platform's own")
    parser.add_argument("--source", help="the local file that `apply` was given")
    for name, what in (
        ("why", "the symptom that a user sees without it"),
        ("upstream", "a link to the change upstream, or why there is none"),
        ("drop-when", "a condition that somebody, or the tool, can check"),
    ):
        parser.add_argument(f"--{name}", default="", help=what)
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Capture, prove that it gives the same bytes, and write the patch's module."""
    from build_hooks.repository.capturing import Request, capture_repository  # noqa: PLC0415

    said = {"why": options.why, "upstream": options.upstream, "drop_when": options.drop_when}
    written = capture_repository(
        Request(
            folder=options.folder,
            name=options.name,
            platform=options.platform,
            output=options.output,
            said=said,
        ),
        replace(
            settings,
            source=options.source or settings.source,
            offline=options.offline or settings.offline,
        ),
    )
    if options.json:
        document: dict[str, object] = {
            "patch": written.name,
            "files": [str(path) for path in written.files],
            "edits": [{"kind": kind, "where": where} for kind, where in written.edits],
            "missing": list(written.missing),
        }
        write_json("capture", document)
        return 0
    for kind, where in written.edits:
        write_line(f"{kind} in {where}")
    for path in written.files:
        write_line(f"wrote {path}")
    if written.missing:
        fields = ", ".join(written.missing)
        write_line(f"next: fill in {fields}; nothing of the platform is built before")
    return 0
