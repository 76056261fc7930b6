# SPDX-License-Identifier: Apache-2.0
"""The agent before and after a decoder layer, and its feed-forward part."""

from __future__ import annotations

from typing import Any

from . import agents


def begins(positions: Any, hidden_states: Any, residual: Any) -> tuple[Any, Any, Any]:
    """Call the agent before a decoder layer.

    Args:
        positions: of the tokens.
        hidden_states: what goes into the layer.
        residual: None for the first layer.

    Returns:
        The three, where the agent leaves tokens out without these.
    """
    if agents.current is None:
        return positions, hidden_states, residual
    begun: tuple[Any, Any, Any] = agents.current.layer_begin(positions, hidden_states, residual)
    return begun


def finished(positions: Any, hidden_states: Any, residual: Any) -> tuple[Any, Any, Any]:
    """Call the agent after a decoder layer.

    Args:
        positions: of the tokens.
        hidden_states: what comes out of the layer.
        residual: that of the layer.
    """
    if agents.current is None:
        return positions, hidden_states, residual
    finished: tuple[Any, Any, Any] = agents.current.layer_finished(
        positions, hidden_states, residual
    )
    return finished


def ffn_begins(hidden_states: Any, residual: Any) -> tuple[Any, Any]:
    """Call the agent between a layer's attention and its feed-forward part.

    Args:
        hidden_states: what comes out of the attention.
        residual: that of the layer.
    """
    if agents.current is None:
        return hidden_states, residual
    begun: tuple[Any, Any] = agents.current.ffn_begin(hidden_states, residual)
    return begun


def ffn_finished(hidden_states: Any, residual: Any) -> tuple[Any, Any]:
    """Call the agent after a layer's feed-forward part.

    Args:
        hidden_states: what comes out of it.
        residual: that of the layer.
    """
    if agents.current is None:
        return hidden_states, residual
    finished: tuple[Any, Any] = agents.current.ffn_finished(hidden_states, residual)
    return finished
