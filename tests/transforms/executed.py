"""What CPython makes of the module `m`: the oracle for edits that change what code does."""

from __future__ import annotations

import sys
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.transforms.trees import NAME, applied, one, patch

if TYPE_CHECKING:
    from transforms.engine.edit import Edit


def executed(code: str | bytes) -> Any:  # noqa: ANN401 - a module's attributes are anything
    """Execute the module `m`; `log` is a list that the code may use.

    It is in `sys.modules`, so that what it defines can be pickled.
    """
    text = dedent(code).removeprefix("\n").encode() if isinstance(code, str) else code
    module = ModuleType("m")
    vars(module)["log"] = []
    sys.modules["m"] = module
    exec(compile(text, "m.py", "exec", dont_inherit=True), vars(module))  # noqa: S102
    return module


def executed_after(before: str, *edits: Edit) -> Any:  # noqa: ANN401 - as above
    """Apply the edits of one patch to the module `m`, and execute it."""
    return executed(applied(one(before), {NAME: patch(*edits)})["m.py"])
