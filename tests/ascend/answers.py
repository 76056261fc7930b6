"""Ask the functions that the platform changes what they do, upstream's and the wheel's.

One process for each tree: on devices that are no NPU, on one, and on one after the published plugin
has patched that process, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.ascend.processes import HERE, lay_out_platform, run_script

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Devices that are no NPU: upstream's users.
OTHERS = ("cuda", "cpu")

Answer = Any


@dataclass(frozen=True, slots=True)
class Answers:
    """What every probe said.

    Attributes:
        stock: upstream's release: for each device the answer to each question; under `plugin` those
            on an NPU after the plugin has patched the process.
        compiled: the same of the wheel of the platform.
        both: the same of the wheel that has the plugin compiled in, too.
    """

    stock: Mapping[str, Mapping[str, Answer]]
    compiled: Mapping[str, Mapping[str, Answer]]
    both: Mapping[str, Mapping[str, Answer]]

    def stock_on(self, device: str, question: str) -> Answer:
        """Give the answer of upstream's release."""
        return _value(self.stock[device][question])

    def compiled_on(self, device: str, question: str) -> Answer:
        """Give the answer of the platform's wheel."""
        return _value(self.compiled[device][question])

    def both_on(self, device: str, question: str) -> Answer:
        """Give the answer of the wheel that has the plugin compiled in, too."""
        return _value(self.both[device][question])


def ask(folder: Path, scratch: Path) -> Answers:
    """Run a process on each tree, one after the other.

    Args:
        folder: what `environment` made.
        scratch: a folder of this test run.
    """
    plugin = lay_out_platform(scratch)
    return Answers(
        stock=_run(folder, "stock", plugin, scratch),
        compiled=_run(folder, "ascend", plugin, scratch),
        both=_run(folder, "both", plugin, scratch),
    )


def _run(folder: Path, tree: str, plugin: Path, scratch: Path) -> dict[str, dict[str, Answer]]:
    result = scratch / f"{tree}.json"
    words = (result, folder / "plugin", *OTHERS)
    run_script(folder, tree, HERE / "probes", *words, path=(plugin,))
    answers: dict[str, dict[str, Answer]] = json.loads(result.read_text("utf-8"))
    return answers


def _value(given: Answer) -> Answer:
    assert "value" in given, given["traceback"]
    return given["value"]
