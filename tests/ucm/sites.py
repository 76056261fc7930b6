"""How many places each patch of UCM's two sets changes, on releases whose code differs."""

from __future__ import annotations

_OF_UCM = {
    "ucm/environment": 2,
    "ucm/points": 4,
    "ucm/scheduler_connector": 5,
    "ucm/scheduler_output": 2,
    "ucm/worker_connector": 2,
}
# What is upstream's own from 0.11.1 on.
_RECOVERY = {
    "ucm/attention_layers": 3,
    "ucm/cached_blocks": 2,
    "ucm/load_error_recovery": 5,
    "ucm/load_errors": 5,
    "ucm/output_counts": 6,
    "ucm/scheduler_connector": 4,
}
_OF_SPARSE = {
    "ucm-sparse/attention": 5,
    "ucm-sparse/block_table": 2,
    "ucm-sparse/environment": 3,
    "ucm-sparse/hash_cache": 7,
    "ucm-sparse/hooks": 8,
    "ucm-sparse/kv_cache_manager": 3,
    "ucm-sparse/llama_layers": 5,
    "ucm-sparse/mla_attention": 5,
    "ucm-sparse/qwen2_layers": 5,
    "ucm-sparse/runner_execute": 4,
    "ucm-sparse/runner_states": 5,
    "ucm-sparse/scheduler": 11,
    "ucm-sparse/scheduler_output": 2,
    "ucm-sparse/worker": 2,
}
_FIRST = {**_OF_UCM, **_OF_SPARSE, **_RECOVERY}
SITES = {
    "0.9.2": {
        **_FIRST,
        "ucm-sparse/runner_inputs": 5,
        "ucm/load_error_output": 1,
        "ucm/load_error_report": 7,
    },
    "0.10.0": {
        **_FIRST,
        "ucm-sparse/runner_inputs": 3,
        "ucm/load_error_output": 6,
        "ucm/load_error_report": 9,
    },
    "0.11.0": {
        **_FIRST,
        "ucm-sparse/kv_cache_coordinator": 1,
        "ucm-sparse/runner_inputs": 4,
        "ucm/load_error_output": 6,
        "ucm/load_error_report": 3,
    },
    "0.11.1": {
        **_OF_UCM,
        **_OF_SPARSE,
        "ucm-sparse/hash_cache": 6,
        "ucm-sparse/kv_cache_coordinator": 1,
        "ucm-sparse/runner_inputs": 4,
    },
    "0.33.0": {
        **_OF_UCM,
        **_OF_SPARSE,
        "ucm-sparse/attention": 3,
        "ucm-sparse/environment": 2,
        "ucm-sparse/hash_cache": 6,
        "ucm-sparse/kv_cache_coordinator": 4,
        "ucm-sparse/mla_attention": 4,
        "ucm-sparse/runner_inputs": 3,
    },
}
# The first, those that UCM itself has patches for, the last before and the first with upstream's
# own recovery, and the newest.
CHOSEN = tuple(SITES)
