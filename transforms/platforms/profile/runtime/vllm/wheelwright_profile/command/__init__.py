# SPDX-License-Identifier: Apache-2.0
"""Look at what an engine recorded: `python -m vllm.wheelwright profile SESSION` and `diagnose`.

It needs neither vLLM nor torch, and the standard library only, but for sessions in Arrow and for
Parquet, which need pyarrow. Results go to stdout, errors and notes to stderr. Exit codes: 0 good, 1
what should have fired did not, 2 wrong use, 5 unreadable, 7 unwritable, 141 nobody reads the
output.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from ..tables import TABLES as ALL_TABLES
from . import diagnose, export_csv, perfetto, report, summary
from .arguments import parser
from .diagnose.text import diagnosis_text
from .export_parquet import export_parquet
from .failure import EXIT_FAILED, EXIT_GOOD, CommandError
from .finding import LATEST, find, sessions_folder
from .session import open_session
from .summary.text import summary_text
from .writing import whole_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from .session import Session

EXIT_PIPE = 141


def main(words: Sequence[str], *, wheel: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    """Run a command.

    Args:
        words: those of the command line, from `profile` or `diagnose` on.
        wheel: the wheel's manifest, or a `problem` that says why there is none.
        environment: of the process, as it was started.

    Returns:
        the exit code.
    """
    options = parser().parse_args(words)
    try:
        if options.command == "diagnose":
            code = _diagnose(options, wheel, environment)
        else:
            code = _profile(options, environment)
        sys.stdout.flush()
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.next_step:
            print(f"next: {error.next_step}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    return code


def _profile(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    folder = find(options.session, environment)
    if options.action == "export":
        return _export(options, folder)
    if options.action == "report":
        with whole_file(options.output, force=options.force) as path:
            session = _opened(folder, report.TABLES)
            path.write_text(report.report(session), encoding="utf-8")
        return _wrote(options, {options.output.name: None}, options.output)
    session = _opened(folder, summary.TABLES, notes=False)
    document = summary.summary(session)
    _write(document, summary_text(document), as_json=getattr(options, "json", False))
    return EXIT_GOOD


def _export(options: argparse.Namespace, folder: Path) -> int:
    if options.csv:
        session = _opened(folder, export_csv.TABLES)
        written = export_csv.export_csv(session, options.csv, force=options.force)
        return _wrote(options, written, options.csv)
    if options.parquet:
        session = _opened(folder, ALL_TABLES)
        return _wrote(
            options, export_parquet(session, options.parquet, force=options.force), options.parquet
        )
    session = _opened(folder, perfetto.TABLES)
    with whole_file(options.perfetto, force=options.force) as path:
        count = perfetto.write_trace(session, path)
    return _wrote(options, {options.perfetto.name: count}, options.perfetto)


def _diagnose(
    options: argparse.Namespace, wheel: Mapping[str, Any], environment: Mapping[str, str]
) -> int:
    session = None
    if options.session or _has_sessions(environment):
        folder = find(options.session or LATEST, environment)
        session = _opened(folder, diagnose.TABLES, notes=False)
    document = diagnose.diagnosis(wheel, session, environment)
    _write(document, diagnosis_text(document), as_json=options.json)
    return EXIT_GOOD if document["verdict"]["good"] else EXIT_FAILED


def _has_sessions(environment: Mapping[str, str]) -> bool:
    return any(sessions_folder(environment).glob("session_*"))


def _opened(folder: Path, tables: Iterable[str], *, notes: bool = True) -> Session:
    """Read a session; say on stderr what was cut off, where the result itself does not."""
    session = open_session(folder, frozenset(tables))
    for note in session.notes if notes else ():
        print(f"note: {note}", file=sys.stderr)
    return session


def _wrote(options: argparse.Namespace, written: Mapping[str, int | None], target: Path) -> int:
    """Say what was written, and where."""
    rows = [
        f"  {name}{'' if count is None else f'  {count} rows'}" for name, count in written.items()
    ]
    files = f"{len(written)} files in {target}" if len(written) > 1 else str(target)
    document = {"wrote": str(target.absolute()), "files": dict(written)}
    lines = [f"wrote {files}", *(rows if len(written) > 1 else ())]
    _write(document, lines, as_json=options.json)
    return EXIT_GOOD


def _write(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(lines))
