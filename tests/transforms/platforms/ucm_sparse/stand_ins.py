"""UCM as the points see it: an agent that notes what it is asked, and the modules that make it."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

INVALID_SLOT = -1


class Base:
    """What `UcmSparseBase` does of its own: nothing."""

    def layer_begin(self, positions: Any, hidden: Any, residual: Any) -> Any:
        """Before a layer."""
        return positions, hidden, residual

    def layer_finished(self, positions: Any, hidden: Any, residual: Any) -> Any:
        """After a layer."""
        return positions, hidden, residual

    def ffn_begin(self, hidden: Any, residual: Any) -> Any:
        """Before the feed-forward part."""
        return hidden, residual

    def ffn_finished(self, hidden: Any, residual: Any) -> Any:
        """After the feed-forward part."""
        return hidden, residual


class Agent(Base):
    """A sparse method that notes its calls, and gives its own objects back."""

    def __init__(self, role: str = "WORKER") -> None:
        """Note nothing yet; no request is sparse."""
        self.role = role
        self.calls: list[tuple[Any, ...]] = []
        self.slots: dict[str, int] = {}

    def names(self) -> list[str]:
        """Give the names of what was called, in order."""
        return [call[0] for call in self.calls]

    def estimate_num_slots_sparsed(self, request: Any) -> int:
        """Give what `slots` says of a request."""
        self.calls.append(("estimate", request.request_id))
        return self.slots.get(request.request_id, INVALID_SLOT)

    def allocate_slots(self, manager: Any, request: Any, slots: int) -> str:
        """Give blocks that can be told from others."""
        self.calls.append(("allocate", manager, request, slots))
        return f"{slots} slots of UCM"

    def request_begin(self, request_id: str, prompt: Any) -> None:
        """Note a request that comes."""
        self.calls.append(("request_begin", request_id, prompt))

    def request_finished_in_scheduler(self, request_id: str) -> None:
        """Note a request that ends."""
        self.calls.append(("finished_in_scheduler", request_id))

    def request_finished_in_worker(self, request_id: str) -> None:
        """Note a request that ends in a worker."""
        self.calls.append(("finished_in_worker", request_id))

    def update_states(self, output: Any) -> None:
        """Note a step."""
        self.calls.append(("update_states", output))

    def build_sparse_meta(self, output: Any, requests: Any, batch: Any, metadata: Any) -> None:
        """Note what a step is prepared from."""
        self.calls.append(("build_meta", output, requests, batch, metadata))

    def execute_begin(self, output: Any) -> None:
        """Note that the model is about to run."""
        self.calls.append(("execute_begin", output))

    def execute_finished(self, indices: Any) -> Any:
        """Give other indices."""
        self.calls.append(("execute_finished", indices))
        return f"{indices} of UCM"

    def attention_begin(self, query: Any, key: Any, value: Any, *others: Any) -> Any:
        """Give the same, marked."""
        self.calls.append(("attention_begin", query, key, value, *others))
        output = others[2]
        return f"{query}'", f"{key}'", f"{value}'", output

    def attention_finished(self, *arguments: Any) -> None:
        """Note the result."""
        self.calls.append(("attention_finished", *arguments))

    def initialize_kv_hash_cache_tensors(self, kv_caches: dict[str, Any], device: Any) -> None:
        """Put a cache beside each, in place, as UCM does."""
        self.calls.append(("hash_caches", sorted(kv_caches), device))
        for name, cache in kv_caches.items():
            kv_caches[name] = (cache, f"hashes of {name}")


class LayerAgent(Agent):
    """A method that acts between layers."""

    def layer_begin(self, positions: Any, hidden: Any, residual: Any) -> Any:
        """Mark what goes in."""
        self.calls.append(("layer_begin", positions, hidden, residual))
        return positions, f"<{hidden}", residual

    def layer_finished(self, positions: Any, hidden: Any, residual: Any) -> Any:
        """Mark what comes out."""
        self.calls.append(("layer_finished", positions, hidden, residual))
        return positions, f"{hidden}>", residual

    def ffn_begin(self, hidden: Any, residual: Any) -> Any:
        """Mark what goes in."""
        self.calls.append(("ffn_begin", hidden, residual))
        return f"({hidden}", residual

    def ffn_finished(self, hidden: Any, residual: Any) -> Any:
        """Mark what comes out."""
        self.calls.append(("ffn_finished", hidden, residual))
        return f"{hidden})", residual


def modules(kind: type[Agent] = Agent) -> dict[str, ModuleType]:
    """Give the modules that stand in for uc-manager and for the parts of vLLM around the points.

    Args:
        kind: the agent that a configuration with a sparse method makes.
    """
    made: dict[str, ModuleType] = {}

    def module(name: str, **names: Any) -> None:
        made[name] = ModuleType(name)
        made[name].__spec__ = ModuleSpec(name, None, origin="made up")
        vars(made[name]).update(names)

    state = SimpleNamespace(agent=None)

    def ensure_ucm_sparse_initialized(vllm_config: Any, role: str) -> None:
        if vllm_config.kv_transfer_config is not None and state.agent is None:
            state.agent = kind(role)

    context = SimpleNamespace(attn_metadata="metadata", virtual_engine=0)
    module("ucm")
    module("ucm.sparse")
    module(
        "ucm.sparse.base",
        UcmSparseRole=SimpleNamespace(SCHEDULER="SCHEDULER", WORKER="WORKER"),
        UcmSparseBase=Base,
    )
    module(
        "ucm.sparse.state",
        ensure_ucm_sparse_initialized=ensure_ucm_sparse_initialized,
        has_ucm_sparse=lambda: state.agent is not None,
        get_ucm_sparse=lambda: state.agent,
    )
    module("vllm.envs")
    module("vllm.forward_context", get_forward_context=lambda: context, context=context)
    module(
        "vllm.distributed.kv_transfer",
        has_kv_transfer_group=lambda: False,
        get_kv_transfer_group=lambda: None,
    )
    return made


def config(*, sparse: bool = True, **more: Any) -> SimpleNamespace:
    """Give a configuration of vLLM.

    Args:
        sparse: whether a KV connector with a sparse method is configured.
        more: further attributes.
    """
    return SimpleNamespace(
        kv_transfer_config=object() if sparse else None,
        model_config=SimpleNamespace(enforce_eager=False),
        compilation_config=SimpleNamespace(),
        **more,
    )
