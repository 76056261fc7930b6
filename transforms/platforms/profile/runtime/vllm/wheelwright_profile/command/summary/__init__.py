# SPDX-License-Identifier: Apache-2.0
"""A session in figures: the document that `summary --json` writes, and that the text is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import load, model, timing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..session import Session

# The version of the document.
SCHEMA = 1

# Each section, with the tables that it is made of.
SECTIONS: Mapping[str, tuple[Callable[[Session], dict[str, Any] | None], tuple[str, ...]]] = {
    "steps": (timing.steps, ("steps", "forward")),
    "batches": (load.batches, ("steps",)),
    "forward": (timing.forward, ("forward",)),
    "kv_cache": (load.kv_cache, ("steps", "evictions")),
    "preemptions": (load.preemptions, ("requests",)),
    "experts": (model.experts, ("experts",)),
    "cuda_graphs": (model.cuda_graphs, ("graph_captures", "graph_replays", "graph_timeline")),
    "operations": (timing.operations, ("operations",)),
    "encoder": (timing.encoder, ("encoder",)),
}
TABLES = frozenset(table for _, tables in SECTIONS.values() for table in tables)


def section(session: Session, name: str) -> dict[str, Any]:
    """Give one section; of an empty one, `empty` says why that may be.

    Args:
        session: with the tables of the section.
        name: one of `SECTIONS`.
    """
    make, tables = SECTIONS[name]
    return make(session) or {"empty": session.why_empty(tables[0])}


def summary(session: Session) -> dict[str, Any]:
    """Describe a session.

    Args:
        session: with all of `TABLES`.
    """
    return {
        "schema": SCHEMA,
        "session": session.name,
        "folder": str(session.folder),
        "metadata": session.metadata,
        "seconds": session.length,
        "processes": [process.document() for process in session.processes],
        "notes": session.notes,
        "sections": {name: section(session, name) for name in SECTIONS},
    }
