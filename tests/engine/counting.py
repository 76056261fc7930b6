"""Count experts with the recorder and a real torch, as JSON says, and say as JSON what is recorded.

    python -m tests.engine.counting < scenarios.json > rows.json

It runs inside of the engine's environment, where there is torch, and needs nothing of vLLM. A
scenario is a dict with

- `experts`, `top_k`: of each layer; `layers`: their names.
- `dtype`: of the ids. `padded`: how many rows a batch has; 0 for as many as there are tokens.
- `how`: `cpu`, as the CPU engine does; `device`, as on a device that is not a CPU; `graph`, the
  same, but the point is passed in a capture only, of which each step replays the operators.
- `steps`: of each, the ids of each layer, token by token.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.transforms.platforms.profile.loaded import load, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from torch import Tensor
    from torch._ops import OpOverload

# What may stand in rows that are padding: nobody has written them.
_GARBAGE = 1_000_003


class Layer:
    """What the recorder knows of one of vLLM's layers."""

    def __init__(self, name: str, experts: int, top_k: int) -> None:
        self.layer_name = name
        self.moe_config = SimpleNamespace(num_experts=experts, experts_per_token=top_k)


class Capture(TorchDispatchMode):  # type: ignore[misc]
    """What a CUDA graph is made of: operators on memory that stays where it is.

    Attributes:
        names: of the operators.
    """

    def __init__(self) -> None:
        super().__init__()
        self._done: list[tuple[OpOverload, Any, Any, Any]] = []
        self.names: list[str] = []

    def __torch_dispatch__(
        self,
        func: OpOverload,
        _types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        """Do an operator, and note it."""
        result = func(*args, **(kwargs or {}))
        self._done.append((func, args, kwargs or {}, result))
        self.names.append(str(func))
        return result

    def replay(self) -> None:
        """Do them all again, into the same memory."""
        for func, args, kwargs, result in self._done:
            again = func(*args, **kwargs)
            if all(returned.alias_info is None for returned in func._schema.returns):
                result.copy_(again)


class Engine:
    """A worker's forward passes, as far as the recorder sees them."""

    def __init__(self, scenario: dict[str, Any], package: ModuleType) -> None:
        self.package, self.how = package, scenario["how"]
        self.dtype, self.padded = getattr(torch, scenario["dtype"]), scenario["padded"]
        self.top_k = scenario["top_k"]
        shape = scenario["experts"], scenario["top_k"]
        self.layers = [Layer(name, *shape) for name in scenario["layers"]]
        self.device: Any = sys.modules[f"{package.__name__}.device"]
        self.rows: list[tuple[str, tuple[Any, ...]]] = []
        self.said: list[str] = []
        package.recording.record = lambda *row: self.rows.append(row)
        package.recording.trouble = lambda what, error=None: self.said.append(f"{what}: {error}")
        if self.how != "cpu":
            self.device.Copies.ask = _ask
        self.captures = [Capture() for _ in self.layers]
        self.inputs: list[tuple[Tensor, Tensor]] = []

    def warm_up(self) -> None:
        """Pass the point outside of any step, and capture graphs of it."""
        tokens = max(1, self.padded)
        for layer, capture in zip(self.layers, self.captures, strict=True):
            ids, weights = self._batch([[0] * self.top_k] * tokens)
            self.package.experts.selected(layer, weights, ids)
            if self.how == "cpu":
                continue
            self.package.experts._layers[id(layer)].on_device = True
            self.package.experts.selected(layer, weights, ids)
            self.inputs.append((ids, weights))
            if self.how == "graph":
                self.device.capturing = lambda: True
                with capture:
                    self.package.experts.selected(layer, weights, ids)
                self.device.capturing = lambda: False

    def step(self, number: int, batches: list[list[list[int]]]) -> None:
        """Do a step: of each layer, each token's experts."""
        self.package.recording.step = number
        self.package.experts.begin_step(len(batches[0]))
        for at, selected in enumerate(batches):
            ids, weights = self._batch(selected)
            if self.how == "graph":
                for static, new in zip(self.inputs[at], (ids, weights), strict=True):
                    static.copy_(new)
                self.captures[at].replay()
            else:
                self.package.experts.selected(self.layers[at], weights, ids)
        self.package.experts.end_step()

    def _batch(self, selected: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Give ids and weights; the weight of an expert is its id, in eighths."""
        rest = [[_GARBAGE] * self.top_k] * (self.padded - len(selected))
        ids = torch.tensor([*selected, *rest], dtype=torch.int64).reshape(-1, self.top_k)
        return ids.to(self.dtype), ids / 8


def _ask(copies: Any, then: Callable[[list[Tensor]], None]) -> bool:  # noqa: ANN401 - not typed here
    """Copy as from a device: into buffers that the next copy overwrites."""
    if not copies._buffers:
        copies._buffers = [torch.empty_like(source) for source in copies.sources]
    for buffer, source in zip(copies._buffers, copies.sources, strict=True):
        buffer.copy_(source)
    then(copies._buffers)
    return True


def play(scenario: dict[str, Any]) -> dict[str, Any]:
    """Run a scenario in a recorder of its own, and give what was recorded."""
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        package = load(switched_on(Path(folder), log_interval="4"))
        engine = Engine(scenario, package)
        engine.warm_up()
        for number, batches in enumerate(scenario["steps"]):
            # What was made in inference mode is changed outside of it, too.
            with torch.inference_mode(mode=scenario["how"] == "graph" or number % 2 == 0):
                engine.step(number, batches)
            if number % 5 == 0:
                package.recording.flush()
        if scenario["how"] != "cpu":
            engine.device.finish()  # as a worker that shuts down
        package.recording.flush()
    return {
        "rows": engine.rows,
        "said": engine.said,
        "operators": sorted({name for capture in engine.captures for name in capture.names}),
    }


def main() -> None:
    """Run the scenarios of the standard input."""
    sys.modules["vllm.platforms"] = SimpleNamespace(  # type: ignore[assignment]
        current_platform=SimpleNamespace(device_type="cpu")
    )
    torch.manual_seed(0)
    results = [play(scenario) for scenario in json.load(sys.stdin)]
    json.dump(results, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # nothing is left to be written


if __name__ == "__main__":
    main()
