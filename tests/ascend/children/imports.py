"""Import modules without the plugin or torch_npu, and say which of them asked for those.

python imports.py RESULT MODULE...
"""

from __future__ import annotations

import importlib
import importlib.abc
import json
import sys
from pathlib import Path

_ABSENT = ("torch_npu", "vllm_ascend")


class _Absent(importlib.abc.MetaPathFinder):
    """Have none of these, and note who asks."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.asked: list[str] = []

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Note who asks for them; nobody else has them."""
        del path, target
        if fullname.partition(".")[0] in _ABSENT:
            self.asked.append(fullname)


def main(result: Path, modules: list[str]) -> None:
    """Write a JSON object: by module why it cannot be imported, and what it asked for."""
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    failures, asked = {}, {}
    for name in modules:
        before = len(absent.asked)
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - how it fails is the answer
            failures[name] = f"{type(error).__name__}: {error}"
        if len(absent.asked) > before:
            asked[name] = absent.asked[before:]
    result.write_text(json.dumps({"failures": failures, "asked": asked}), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
