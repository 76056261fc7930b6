"""A worker's layers without torch: what the recorder asks of tensors, and what it is told to do."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.transforms.platforms.profile.loaded import load, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Ids:
    """A tensor of ids, of which only the rows matter."""

    rows: int
    kind: str = "cpu"
    dtype: str = "int32"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, 2

    @property
    def device(self) -> SimpleNamespace:
        """Where it is."""
        return SimpleNamespace(type=self.kind)

    def __getitem__(self, rows: slice) -> Ids:
        """Give the first rows."""
        return Ids(len(range(self.rows)[rows]), self.kind)

    def __or__(self, mask: object) -> Masked:
        """Mask it."""
        return Masked(self.rows, mask)


class Masked(NamedTuple):
    """Ids behind a mask."""

    rows: int
    mask: object


class Layer:
    """What the recorder knows of one of vLLM's layers."""

    def __init__(self, name: str = "model.layers.0.mlp.experts", **config: object) -> None:
        self.layer_name = name
        self.moe_config = SimpleNamespace(num_experts=4, experts_per_token=2, **config)


class Strange:
    """A layer that says nothing of itself."""


class Counters:
    """In place of a layer's counters: what they are asked to do."""

    def __init__(self, owner: object, **given: Any) -> None:  # noqa: ANN401 - of many types
        self.owner: Callable[[], object | None] = lambda: owner
        self.given = given
        self.on_device = given["like"].device.type != "cpu"
        self.width = given["experts"] + 16
        self.added: list[object] = []
        self.sampled: list[object] = []
        self.asked: list[tuple[int, bool, int]] = []
        self.recorded: list[tuple[object, ...]] = []
        self.on_read: Callable[[], None] = lambda: None

    def add(self, ids: Ids | Masked) -> None:
        """Note it."""
        self.added.append(ids.rows if isinstance(ids, Ids) else ids)

    def sample(self, weights: Ids, ids: Ids) -> None:
        """Note it."""
        assert weights.rows == ids.rows
        self.sampled.append(ids.rows)

    def ask(self, now: Any, *, pairs: bool, samples: int) -> None:  # noqa: ANN401 - a moment
        """Note it."""
        self.asked.append((now.step, pairs, samples))

    def read(self) -> tuple[str, str]:
        """Give what it has counted."""
        self.on_read()
        return "counts", "pairs"

    def record(self, counts: str, now: Any) -> None:  # noqa: ANN401 - a moment
        """Note it."""
        self.recorded.append((counts, now.step, now.tokens))

    def take_pairs(self, pairs: str, _: object) -> None:
        """Note it."""
        self.recorded.append((pairs,))

    def record_pairs(self) -> None:
        """Note it."""
        self.recorded.append(("pairs are written",))


class Experts:
    """The module under test, and what it says and asks for.

    Attributes:
        module: `wheelwright_profile.experts`.
        now: the time on the host's clock.
        said: what was said on the log.
    """

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        torch = SimpleNamespace(int32="int32", int64="int64", uint32="uint32")
        platforms = SimpleNamespace(current_platform=SimpleNamespace(device_type="cpu"))
        monkeypatch.setitem(sys.modules, "torch", torch)
        monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
        self.package = load(switched_on(tmp_path, log_interval="10"))
        self.module = self.package.experts
        self.recording = self.package.recording
        self.now = 100 * SECOND
        self.said: list[str] = []
        monkeypatch.setattr(self.recording, "clock", lambda: self.now)
        monkeypatch.setattr(self.recording, "trouble", lambda what, *_: self.said.append(what))
        monkeypatch.setattr(self.module, "Counters", Counters)

    def select(self, layer: object, rows: int = 8, kind: str = "cpu") -> None:
        """Pass the point."""
        self.module.selected(layer, Ids(rows, kind), Ids(rows, kind))

    def counters(self, layer: object) -> Counters:
        """Give the counters of a layer."""
        found: Counters = self.module._layers[id(layer)]
        return found

    def step(self, number: int, tokens: int, *layers: object) -> None:
        """Do a step."""
        self.recording.step = number
        self.module.begin_step(tokens)
        for layer in layers:
            self.select(layer)
        self.module.end_step()


class Mask:
    """A mask on a device: which rows are padding."""

    def __init__(self, rows: int) -> None:
        self.rows = [-1] * rows
        self.shape = rows, 1

    def __getitem__(self, rows: slice) -> Mask:
        """Give the first rows, in the same memory."""
        part = Mask(0)
        part.rows, part.stop = self.rows, rows.stop
        return part

    stop: int | None = None

    def fill_(self, value: int) -> Mask:
        """Set all of it."""
        end = len(self.rows) if self.stop is None else self.stop
        self.rows[:end] = [value] * end
        return self
