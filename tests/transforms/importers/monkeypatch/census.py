"""What is known of one published plugin: vllm-ascend 0.23.0.post1 on vLLM 0.23.0.

`data/census_0.23.0.csv` has a line for each mutation: place, target, form. A census by another
program, checked by hand, found the same 243; `hand_count` has its words where they differ. It was
read for a device that is not a 310P and has Triton (`DEFINES`).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.importers.monkeypatch.mutation import Mutation

_FILE = Path(__file__).parent / "data" / "census_0.23.0.csv"
_FOLDER = "vllm_ascend/patch/"
ROOTS = ("vllm_ascend.patch.platform", "vllm_ascend.patch.worker")
DEFINES = {
    "is_310p": "False",
    "HAS_TRITON": "True",
    "get_ascend_device_type": "AscendDeviceType.A2",
    "is_rc_device": "False",
}
_COLUMNS = ("file", "line", "target", "spelled", "form", "inside", "dead", "processes")


def known() -> list[tuple[str, ...]]:
    """Give the rows of the census, without what the other count said."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return [tuple(row[name] for name in _COLUMNS) for row in csv.DictReader(file)]


def differences(mutations: Iterable[Mutation]) -> list[str]:
    """Give what a reading and the census do not share; a line each.

    Args:
        mutations: what was read with `ROOTS` and `DEFINES`.
    """
    read = [_row(item) for item in mutations]
    there = known()
    missing = [f"not found: {row}" for row in there if row not in read]
    return missing + [f"not in the census: {row}" for row in read if row not in there]


def _row(item: Mutation) -> tuple[str, ...]:
    return (
        item.place.file.removeprefix(_FOLDER),
        str(item.place.line),
        "" if item.target is None else item.target.dotted,
        item.spelled,
        item.form.value,
        "" if item.inside is None else item.inside.value,
        "yes" if item.dead else "",
        " ".join(sorted(item.processes)),
    )
