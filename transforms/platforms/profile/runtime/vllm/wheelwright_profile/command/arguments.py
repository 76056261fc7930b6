# SPDX-License-Identifier: Apache-2.0
"""The command line's words."""

from __future__ import annotations

import argparse
from pathlib import Path

from .finding import LATEST

_SESSION = (
    "a session's folder, a folder of sessions (the newest), a session's name in VLLM_PROFILING_DIR,"
    f" or {LATEST!r}"
)


def parser() -> argparse.ArgumentParser:
    """Give the parser of `profile` and `diagnose`."""
    whole = argparse.ArgumentParser(
        prog="python -m vllm.wheelwright", description="Look at what an engine recorded."
    )
    commands = whole.add_subparsers(dest="command", required=True)
    profile = commands.add_parser(
        "profile", help="look at a session", description="Look at a session; `summary` by default."
    )
    profile.add_argument("session", metavar="SESSION", help=_SESSION)
    actions = profile.add_subparsers(dest="action")
    _add_json(actions.add_parser("summary", help="the session in figures"))
    export = actions.add_parser("export", help="write the session for other tools")
    formats = export.add_mutually_exclusive_group(required=True)
    formats.add_argument("--csv", type=Path, metavar="DIR", help="ProfileMate's files")
    formats.add_argument("--parquet", type=Path, metavar="DIR", help="a file for each table")
    formats.add_argument("--perfetto", type=Path, metavar="FILE", help="for ui.perfetto.dev")
    _add_force(export)
    _add_json(export)
    report = actions.add_parser("report", help="one self-contained page for a browser")
    report.add_argument("-o", "--output", type=Path, metavar="FILE", required=True)
    _add_force(report)
    _add_json(report)
    diagnose = commands.add_parser(
        "diagnose",
        help="which points are compiled in, and which fired",
        description="Say which points are compiled in, which fired where, and what is normally silent.",
    )
    diagnose.add_argument("session", metavar="SESSION", nargs="?", help=f"{_SESSION}; the default")
    _add_json(diagnose)
    return whole


def _add_json(to: argparse.ArgumentParser) -> None:
    to.add_argument("--json", action="store_true", help="write JSON")


def _add_force(to: argparse.ArgumentParser) -> None:
    to.add_argument("--force", action="store_true", help="replace files that are there")
