"""Modules that lock files."""

from __future__ import annotations

from watching import is_there, load, observation


@observation("cpu")
def locked_modules() -> list[str]:
    """Which modules that lock files are there, and can be imported."""
    names = [
        "model_executor.layers.fused_moe.routed_experts_capturer",
        "distributed.kv_transfer.kv_connector.v1.example_hidden_states_connector",
        "model_executor.model_loader.weight_cache.daemon",
    ]
    return [load(name).__name__ for name in names if is_there(name)]
