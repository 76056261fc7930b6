"""Count which experts the tokens of each layer are routed to, and which together."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_FUSED_MOE = "vllm.model_executor.layers.fused_moe"
_RUNNER = f"{_FUSED_MOE}.runner.moe_runner"
_DEFAULT_RUNNER = f"{_FUSED_MOE}.runner.default_moe_runner"
_CPU = f"{_FUSED_MOE}.cpu_fused_moe"
_IMPORT = "from vllm import wheelwright_profile"
_SELECTED = "topk_weights, topk_ids = self.router.select_experts($$arguments)"
# The CPU's layers are traced by torch.compile: there it must vanish.
_COUNT = """
    if wheelwright_profile.on and not torch.compiler.is_compiling():
        wheelwright_profile.experts.selected({layer}, topk_weights, topk_ids)
"""
_COUNT_SELF = _COUNT.format(layer="self")
# Routing by itself, with the layer at hand: what the CPU's layers call before there was a router for them.
_CPU_VERSIONS = "<0.28"

PATCH = Patch(
    why=(
        "vLLM does not say how a model's tokens are spread over the experts of a layer, nor which experts are "
        "selected together: an overloaded expert, and a good placement, cannot be found"
    ),
    upstream=(
        "none: EPLB logs a balancedness of all layers together, and only where it is on; "
        "enable_return_routed_experts returns every token's experts to the client, with the host waiting for them"
    ),
    drop_when="vLLM exposes the load of each expert of each layer, with and without EPLB",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_RUNNER, code=_IMPORT, versions=">=0.20"),
        InsertAfter(
            inside=f"{_RUNNER}.MoERunner._apply_quant_method",
            anchor=_SELECTED,
            code=_COUNT_SELF,
            versions=">=0.20",
        ),
        AddImport(inside=_DEFAULT_RUNNER, code=_IMPORT, versions=">=0.17,<0.20"),
        InsertAfter(
            inside=f"{_DEFAULT_RUNNER}.DefaultMoERunner._apply_quant_method",
            anchor=_SELECTED,
            code=_COUNT_SELF,
            versions=">=0.19,<0.20",
        ),
        # In chunks, and whole.
        InsertAfter(
            inside=f"{_DEFAULT_RUNNER}.DefaultMoERunner",
            anchor=_SELECTED,
            code=_COUNT_SELF,
            count=2,
            versions=">=0.17,<0.19",
        ),
        AddImport(inside=f"{_FUSED_MOE}.layer", code=_IMPORT, versions="<0.17"),
        InsertAfter(
            inside=f"{_FUSED_MOE}.layer.FusedMoE",
            anchor=_SELECTED,
            code=_COUNT_SELF,
            count=2,
            versions=">=0.16,<0.17",
        ),
        # Where each kind of quantization asked the layer.
        InsertBefore(
            inside=f"{_FUSED_MOE}.layer.FusedMoE._select_experts",
            anchor="return topk_weights, topk_ids",
            code=_COUNT_SELF,
            versions="<0.16",
        ),
        AddImport(inside=_CPU, code=_IMPORT, versions=_CPU_VERSIONS),
        InsertAfter(
            inside=_CPU,
            anchor="topk_weights, topk_ids = select_experts($$arguments)",
            code=_COUNT.format(layer="layer"),
            count=2,
            versions=_CPU_VERSIONS,
        ),
    ],
)
