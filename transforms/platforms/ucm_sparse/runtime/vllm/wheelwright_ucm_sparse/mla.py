# SPDX-License-Identifier: Apache-2.0
"""The agent before and after MLA's two ways of attention: prefills and decodes."""

from __future__ import annotations

import importlib
from typing import Any

from . import agents, hashes


def _context() -> Any:
    return importlib.import_module("vllm.forward_context").get_forward_context()


def prefill_begins(
    layer: Any, query: Any, key: Any, value: Any, output: Any
) -> tuple[Any, Any, Any, Any]:
    """Call the agent before MLA computes the prefills of a batch.

    Args:
        layer: the attention layer.
        query: the prefills' queries.
        key: their latent keys.
        value: the rotary part of their keys.
        output: of the whole batch.

    Returns:
        What the attention is computed of: query, key, value, output.
    """
    if agents.current is None:
        return query, key, value, output
    context = _context()
    begun: tuple[Any, Any, Any, Any] = agents.current.attention_begin(
        query,
        key,
        value,
        layer.layer_name,
        context,
        output,
        "prefill",
        hashes.of_layer(layer, context),
    )
    return begun


def prefill_finished(layer: Any, query: Any, key: Any, value: Any, output: Any) -> None:
    """Call the agent after MLA has computed the prefills of a batch.

    Args:
        layer: the attention layer.
        query: the prefills' queries.
        key: their latent keys.
        value: the rotary part of their keys.
        output: of the prefills.
    """
    if agents.current is not None:
        agents.current.attention_finished(
            query, key, value, output, layer.layer_name, _context(), "prefill"
        )


def decode_begins(
    layer: Any, latent: Any, rotary: Any, key: Any, value: Any, output: Any
) -> tuple[Any, Any, Any]:
    """Call the agent before MLA computes the decodes of a batch.

    Args:
        layer: the attention layer.
        latent: the queries in the latent space.
        rotary: the rotary part of the queries.
        key: the latent keys of the batch.
        value: the rotary part of its keys.
        output: of the whole batch.

    Returns:
        Key, value and output.
    """
    if agents.current is None:
        return key, value, output
    context = _context()
    _, key, value, output = agents.current.attention_begin(
        _joined(latent, rotary),
        key,
        value,
        layer.layer_name,
        context,
        output,
        "decode",
        hashes.of_layer(layer, context),
        latent,
        rotary,
    )
    return key, value, output


def decode_finished(layer: Any, latent: Any, rotary: Any, output: Any) -> None:
    """Call the agent after MLA has computed the decodes of a batch.

    Args:
        layer: the attention layer.
        latent: the queries in the latent space.
        rotary: the rotary part of the queries.
        output: of the decodes.
    """
    if agents.current is not None:
        agents.current.attention_finished(
            _joined(latent, rotary),
            latent,
            rotary,
            output,
            layer.layer_name,
            _context(),
            "decode",
        )


def _joined(latent: Any, rotary: Any) -> Any:
    return importlib.import_module("torch").cat([latent, rotary], dim=-1)
