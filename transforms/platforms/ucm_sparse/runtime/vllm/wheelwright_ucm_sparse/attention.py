# SPDX-License-Identifier: Apache-2.0
"""The agent before and after each layer's attention."""

from __future__ import annotations

import importlib
from typing import Any

from . import agents, hashes


def _context() -> Any:
    return importlib.import_module("vllm.forward_context").get_forward_context()


def begins(
    layer: Any, query: Any, key: Any, value: Any, output: Any, layer_name: str
) -> tuple[Any, Any, Any, Any]:
    """Call the agent before a layer's attention; that of MLA has its own points.

    Args:
        layer: the attention layer.
        query: the queries.
        key: the keys.
        value: the values.
        output: where the attention writes to; None where it returns its result.
        layer_name: the layer's name.

    Returns:
        What the attention is computed of: query, key, value, output.
    """
    if agents.current is None or getattr(layer, "use_mla", False):
        return query, key, value, output
    context = _context()
    if context.attn_metadata is None:
        return query, key, value, output
    begun: tuple[Any, Any, Any, Any] = agents.current.attention_begin(
        query, key, value, layer_name, context, output, None, hashes.of_layer(layer, context)
    )
    return begun


def finished(layer: Any, query: Any, key: Any, value: Any, output: Any, layer_name: str) -> None:
    """Call the agent after a layer's attention; that of MLA has its own points.

    Args:
        layer: the attention layer.
        query: the queries.
        key: the keys.
        value: the values.
        output: the result.
        layer_name: the layer's name.
    """
    if agents.current is None or getattr(layer, "use_mla", False):
        return
    context = _context()
    if context.attn_metadata is not None:
        agents.current.attention_finished(query, key, value, output, layer_name, context)
