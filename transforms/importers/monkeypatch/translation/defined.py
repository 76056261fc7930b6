"""Where a target is defined: re-exports and imports of modules followed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.values import Target

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.translation.setting import Setting


def import_path(target: Target) -> str:
    """Write a target as an import of it would be written, e.g. ``vllm.v1.request.Request``."""
    return ".".join((target.module, *target.path))


def defined_at(target: Target, setting: Setting) -> Target:
    """Give where a target is defined, through all re-exports."""
    if not target.path:
        return target
    found = setting.library.find(target.module, target.path[0])
    if found.kind is Kind.MODULE and len(target.path) > 1:
        inner = Target(module=found.target.module, path=target.path[1:])
        return defined_at(inner, setting)
    if found.kind in {Kind.ABSENT, Kind.DYNAMIC, Kind.EXTERNAL, Kind.MODULE}:
        return found.target if len(target.path) == 1 else target
    return replace(found.target, path=(*found.target.path, *target.path[1:]))
