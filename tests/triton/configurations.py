"""The recorded configurations: how each kernel of a release can be brought to TTIR."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.triton.runner.census import JitFunction

FOLDER = Path(__file__).parent / "configs"


@dataclass(frozen=True)
class Job:
    """One configuration of one root kernel."""

    ident: str
    number: int
    """Its line in the file of configurations, counted from 0."""
    config: list[Any]
    """``[parameter, kind, value]`` for each parameter; kind ``c`` is a constant, others a type."""


def jobs_for(release: str, census: Iterable[JitFunction]) -> list[Job]:
    """Read a release's configurations; the census of its stock tree turns lines into names.

    Raises:
        KeyError: A configuration is for a line that holds no jit function in this tree.
    """
    names = {(function.path, function.line): function.ident for function in census}
    lines = (FOLDER / f"{release}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    return [
        Job(names[row["path"], row["line"]], number, row["config"])
        for number, row in enumerate(rows)
    ]
