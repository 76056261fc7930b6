"""The figures that docs/triton-dialect.md shows: kept as data, so that the page follows from them.

`triton-report --record` puts a report's figures here; `nox -s triton` measures them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from build_hooks.output import replacing
from build_hooks.triton.document import measured

if TYPE_CHECKING:
    from build_hooks.triton.report import Report

MEASURED = Path(__file__).parents[2] / "docs" / "triton-measured.json"
_KEY = ("platforms", "triton", "release", "target")


def read_measured(path: Path = MEASURED) -> list[dict[str, Any]]:
    """Give what was recorded, the newest release first; nothing where there is no file.

    Args:
        path: the file.
    """
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def record(report: Report, path: Path = MEASURED) -> None:
    """Keep the figures of a report in the place of earlier ones of the same subject.

    Args:
        report: the report.
        path: the file.

    Raises:
        OutputError: the file cannot be written.
    """
    new = measured(report)
    kept = [one for one in read_measured(path) if any(one[key] != new[key] for key in _KEY)]
    text = json.dumps(sorted([*kept, new], key=_order), indent=1) + "\n"
    with replacing(path) as file:
        file.write(text.encode())


def _order(entry: dict[str, Any]) -> tuple[Any, ...]:
    release = Version(entry["release"])
    newest_first = tuple(-part for part in (release.major, release.minor, release.micro))
    return entry["platforms"], entry["triton"], entry["target"], newest_first
