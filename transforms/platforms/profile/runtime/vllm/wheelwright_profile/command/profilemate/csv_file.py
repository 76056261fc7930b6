# SPDX-License-Identifier: Apache-2.0
"""One of ProfileMate's files: its name, its columns, and where their values come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..session import Session

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file of the export.

    Attributes:
        name: the file's name.
        columns: the header, as it stands in the file.
        tables: the session's tables that the rows are made of.
        rows: gives the rows of a session in the order of the file; a value that is not known is
            None, an empty cell.
    """

    name: str
    columns: str
    tables: tuple[str, ...]
    rows: Callable[[Session], Iterable[tuple[Cell, ...]]]
