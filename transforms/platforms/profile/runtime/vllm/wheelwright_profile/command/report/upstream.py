# SPDX-License-Identifier: Apache-2.0
"""What vLLM exposes by itself: named here, never copied."""

from __future__ import annotations

from html import escape

# Names of vLLM's Prometheus metrics (`/metrics` of `vllm serve`; vllm/v1/metrics/loggers.py).
_METRICS = {
    "requests that run and wait": ("vllm:num_requests_running", "vllm:num_requests_waiting"),
    "KV cache in use": ("vllm:kv_cache_usage_perc",),
    "prefix cache": ("vllm:prefix_cache_queries", "vllm:prefix_cache_hits"),
    "preemptions in all": ("vllm:num_preemptions",),
    "tokens": ("vllm:prompt_tokens", "vllm:generation_tokens", "vllm:iteration_tokens_total"),
    "time to the first token, between tokens, in all": (
        "vllm:time_to_first_token_seconds",
        "vllm:inter_token_latency_seconds",
        "vllm:e2e_request_latency_seconds",
    ),
    "a request's time in the queue, in prefill, in decode": (
        "vllm:request_queue_time_seconds",
        "vllm:request_prefill_time_seconds",
        "vllm:request_decode_time_seconds",
    ),
}


def _items() -> str:
    return "".join(
        f"<li>{escape(what)}: {', '.join(f'<code>{name}</code>' for name in names)}</li>"
        for what, names in _METRICS.items()
    )


UPSTREAM = (
    "<p>For these, ask vLLM: Prometheus reads them from <code>/metrics</code> of"
    " <code>vllm serve</code>, where the names of counters end in <code>_total</code>:</p>"
    f"<ul>{_items()}</ul>"
    "<p>Each iteration in the log: <code>--enable-logging-iteration-details</code>."
    " Spans of a request: <code>--otlp-traces-endpoint</code>."
    " Operators and kernels: vLLM's own profiler, <code>/start_profile</code>.</p>"
)
