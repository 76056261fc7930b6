"""Is `explicitly_destroy` passed to the buffers of expert parallelism?"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from unittest import mock

from stub_modules import stubbed
from vllm.distributed.device_communicators import all2all


def probe() -> dict[str, bool]:
    """Get a handle from each manager that there is, and look at what its buffer is made with."""
    deep_ep = ModuleType("deep_ep")
    deep_ep.Buffer = mock.MagicMock()
    deep_ep.Buffer.get_low_latency_rdma_size_hint.return_value = 1
    deep_ep.ElasticBuffer = mock.MagicMock()
    arguments = {
        "DeepEPHTAll2AllManager": {},
        "DeepEPLLAll2AllManager": {
            "max_num_tokens_per_dp_rank": 1,
            "token_hidden_size": 1,
            "num_ep_ranks": 1,
            "num_global_experts": 1,
            "num_local_experts": 1,
        },
        "DeepEPV2All2AllManager": {
            "num_max_tokens_per_rank": 1,
            "hidden": 1,
            "num_topk": 1,
            "use_fp8_dispatch": False,
        },
        "MoonEPAll2AllManager": {
            "max_num_tokens_per_dp_rank": 1,
            "token_hidden_size": 1,
            "num_topk": 1,
            "num_global_experts": 1,
            "num_prefetch_slots": 1,
            "token_padding": 1,
            "num_sms": 1,
        },
    }
    with stubbed({"deep_ep": deep_ep}):
        return {
            name: _passes(getattr(all2all, name), kwargs)
            for name, kwargs in arguments.items()
            if hasattr(all2all, name)
        }


def _passes(manager_class: type, kwargs: dict[str, object]) -> bool:
    made: list[dict[str, object]] = []

    def get_or_create(buffer_kwargs: dict[str, object], _: object) -> mock.MagicMock:
        made.append(dict(buffer_kwargs))
        return mock.MagicMock()

    manager = object.__new__(manager_class)
    manager.__dict__.update(
        cpu_group=None,
        internode=False,
        world_size=1,
        num_sms=20,
        support_fault_tolerance=False,
        handle_cache=SimpleNamespace(get_or_create=get_or_create),
        _device_group=None,
        _gin_checked=True,
        _num_sms=1,
    )
    manager.get_handle(dict(kwargs))
    return "explicitly_destroy" in made[0]
