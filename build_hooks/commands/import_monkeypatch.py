"""Write what a plugin patches while vLLM runs as typed patches, with a table of all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_artifact_options,
    add_json_option,
    readable,
    with_artifact,
    write_json,
)
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.plugins.importing import Written
    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "package",
        metavar="PACKAGE_OR_PATH",
        help="the plugin: its folder, sdist or wheel, or NAME==VERSION of a locked one",
    )
    parser.add_argument("--vllm", required=True, metavar="RELEASE", help="the release")
    parser.add_argument(
        "--root",
        nargs="+",
        action="extend",
        default=[],
        metavar="MODULE[:FUNCTION]",
        help="a module that the plugin imports in order to patch, or a function in it that it "
        "calls; default: the modules of its `patch`",
    )
    parser.add_argument(
        "--define",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="what is true of the machine, e.g. HAS_TRITON=True",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="where the patches go"
    )
    add_artifact_options(parser)
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Compile, write the patch modules, and show what became of every change."""
    from build_hooks.plugins.importing import import_plugin  # noqa: PLC0415 - quick start-up

    settings = replace(
        with_artifact(options, settings),
        plugin=options.package,
        root=tuple(options.root),
        define=tuple(options.define),
    )
    written = import_plugin(options.package, options.output, readable(settings))
    if options.json:
        write_json("import-monkeypatch", _document(written))
    else:
        _write_text(written)
    # What cannot be compiled is a row: the plugin was imported all the same.
    return 0


def _document(written: Written) -> dict[str, object]:
    from transforms.importers.monkeypatch.table import counts  # noqa: PLC0415

    imported = written.imported
    return {
        "plugin": written.package,
        "roots": list(written.roots),
        "release": written.release,
        "rows": [row.as_json() for row in imported.rows],
        "counts": counts(imported.rows).as_json(),
        "files": [str(path) for path in written.files],
        "missing": {stem: list(names) for stem, names in imported.missing.items() if names},
        "undocumented": list(imported.undocumented),
        "lost": list(imported.lost),
    }


def _write_text(written: Written) -> None:
    from transforms.importers.monkeypatch.table_text import (  # noqa: PLC0415
        table_lines,
        verdict_line,
    )

    imported = written.imported
    for line in table_lines(imported.rows):
        write_line(line)
    write_line()
    for path in written.files:
        write_line(f"wrote {path}")
    for name in imported.undocumented:
        write_line(f"{name}: its documentation says nothing of what it patches")
    for said in imported.lost:
        write_line(f"the documentation speaks of a file that is not there: {said}")
    for stem, names in imported.missing.items():
        if names:
            write_line(f"next: fill in {', '.join(names)} of {stem}; nothing is built before")
    write_line(verdict_line(written.package, written.release, imported.rows))
