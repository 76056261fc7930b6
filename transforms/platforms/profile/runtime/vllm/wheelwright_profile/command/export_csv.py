# SPDX-License-Identifier: Apache-2.0
"""Write ProfileMate's CSV files, `metadata.json` and a `*_summary.json` for each profiler."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from .profilemate import FILES, SUMMARIES
from .summary import SECTIONS, section
from .writing import whole_files

if TYPE_CHECKING:
    from pathlib import Path

    from .session import Session

TABLES = frozenset(
    table
    for tables in (
        *(file.tables for file in FILES),
        *(SECTIONS[name][1] for name in SUMMARIES.values()),
    )
    for table in tables
)
_METADATA = "metadata.json"


def export_csv(session: Session, folder: Path, *, force: bool) -> dict[str, int | None]:
    """Write the files of one session.

    A file without rows has its header. Values are written as Python writes them: a float so that it
    reads back the same, True and False, and nothing for what is not known.

    Args:
        session: with all of `TABLES`.
        folder: where to; made if it is not there.
        force: replace files that are there.

    Returns:
        the files that were written, and of CSV files the number of rows.

    Raises:
        UsageError: a file is there, and `force` is not given.
        UnwritableError: the folder or a file cannot be written.
    """
    names = [*(file.name for file in FILES), _METADATA, *SUMMARIES]
    written: dict[str, int | None] = dict.fromkeys(names)
    with whole_files(folder, names, force=force) as paths:
        for file in FILES:
            with paths[file.name].open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(file.columns.split(","))
                count = 0
                for row in file.rows(session):
                    writer.writerow(row)
                    count += 1
                written[file.name] = count
        paths[_METADATA].write_text(_json(session.described()), encoding="utf-8")
        for name, title in SUMMARIES.items():
            document = {"session": session.name, **section(session, title)}
            paths[name].write_text(_json(document), encoding="utf-8")
    return written


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
