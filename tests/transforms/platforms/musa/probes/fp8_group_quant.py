"""Which kernel quantizes activations by groups?"""

from __future__ import annotations

from unittest import mock

import torch
from vllm.model_executor.layers.quantization.utils import fp8_utils

_KERNEL = "per_token_group_fp8_quant"


class _Triton:
    """Stands in for the Triton kernel: `kernel[grid](...)`."""

    def __init__(self) -> None:
        self.launched = False

    def __getitem__(self, grid: object) -> object:
        def launch(*_: object, **__: object) -> None:
            self.launched = True

        return launch


def probe() -> dict[str, str]:
    """Quantize contiguous and other tensors, with and without the fused kernel registered."""
    contiguous = torch.ones(4, 128)
    other = torch.ones(4, 256)[:, :128]
    return {
        "contiguous": _kernel(contiguous, registered=True),
        "contiguous, not registered": _kernel(contiguous, registered=False),
        "not contiguous": _kernel(other, registered=True),
        "compiled": _compiled(contiguous),
    }


def _kernel(tensor: torch.Tensor, *, registered: bool) -> str:
    triton, fused = _Triton(), mock.Mock()
    with (
        mock.patch.object(fp8_utils, "_per_token_group_quant_fp8", triton),
        mock.patch.object(fp8_utils.triton, "next_power_of_2", lambda size: size, create=True),
    ):
        if registered:
            setattr(torch.ops._C, _KERNEL, fused)
        try:
            fp8_utils.per_token_group_quant_fp8(
                tensor, 128, dtype=torch.float8_e4m3fn, use_ue8m0=False
            )
        except AttributeError as error:
            return type(error).__name__
        finally:
            if registered:
                delattr(torch.ops._C, _KERNEL)
    return "fused" if fused.called else "triton" if triton.launched else "none"


def _compiled(tensor: torch.Tensor) -> str:
    """Trace the function as `torch.compile` does: the guard must not break the graph."""
    with torch.library._scoped_library("_C", "FRAGMENT") as library:
        library.define(
            f"{_KERNEL}(Tensor x, Tensor! q, Tensor! s, int group, float eps, float low, "
            "float high, bool e8m0, bool? columns=None, bool? aligned=None) -> ()"
        )
        library.impl(_KERNEL, lambda *_: None, "CPU")
        library.impl(_KERNEL, lambda *_: None, "Meta")
        names: list[str] = []

        def backend(graph: torch.fx.GraphModule, _: object) -> object:
            names.extend(str(node.target) for node in graph.graph.nodes)
            return graph.forward

        quantize = torch.compile(
            lambda x: fp8_utils.per_token_group_quant_fp8(
                x, 128, dtype=torch.float8_e4m3fn, use_ue8m0=False
            ),
            backend=backend,
            fullgraph=True,
        )
        try:
            quantize(tensor)
        except torch._dynamo.exc.Unsupported:
            return "does not compile"  # there is no Triton to fall back on
    return "fused" if any(_KERNEL in name for name in names) else "none"
