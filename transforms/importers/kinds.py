"""The names of kinds of edit, as patch modules write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

_NATIVE = ("cpp", "cmake")


def family(edit: Edit) -> str:
    """Give the name that kinds of native edit stand behind, `cpp` or `cmake`; empty for others."""
    package = type(edit).__module__.split(".")[2:3]
    return package[0] if package and package[0] in _NATIVE else ""


def kind_name(edit: Edit) -> str:
    """Give the name of an edit's kind, e.g. ``Replace`` or ``cpp.Replace``."""
    name, around = type(edit).__name__, family(edit)
    return f"{around}.{name}" if around else name
