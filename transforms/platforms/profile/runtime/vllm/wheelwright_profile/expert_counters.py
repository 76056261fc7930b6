# SPDX-License-Identifier: Apache-2.0
"""The counters of one layer's experts: on the device that selects them, in tensors that only grow.

Everything on the device is an addition in place into memory that stays where it is, so that a CUDA
graph that was captured with it counts at each replay; and nothing of it waits. Copies are asked for
(see `device`), and what is more than at the last copy is recorded.

Memory of a layer with E experts: 8 * (E + 16) bytes on the device, and for which experts were
selected together 8 * (E + 16)^2 up to E = 512 (2.2 MB; none beyond). Both again in pinned memory,
and the latter once more there.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, NamedTuple

from . import device, recording

if TYPE_CHECKING:
    from torch import Tensor

# Cells behind those of the routed experts: for fused shared experts, and the last one for ids that
# are none.
SPARE = 16
PAIRED = 512  # experts, beyond which pairs are not counted
SAMPLED = 64  # tokens of a step whose weights are recorded


class Moment(NamedTuple):
    """When counters are read.

    Attributes:
        time: in ns since the epoch.
        step: the last step that is counted.
        tokens: how many all steps had.
    """

    time: int
    step: int
    tokens: int


class Counters:
    """What one layer counts, and what of it is recorded.

    Args:
        owner: vLLM's object of the layer; only a weak reference is kept.
        index: which layer of the model it is.
        name: its name, as in the model's weights.
        experts: how many experts there are.
        top_k: how many each token is routed to.
        like: a tensor of ids `[tokens, k]`, for where the counters are to be.
        since: what is not the layer's to count: the last step and the tokens before it was known.
    """

    def __init__(  # noqa: PLR0913
        self,
        owner: object,
        *,
        index: int,
        name: str,
        experts: int,
        top_k: int,
        like: Tensor,
        since: Moment,
    ) -> None:
        torch = sys.modules["torch"]
        self.owner = weakref.ref(owner)
        self.index, self.name, self.experts, self.top_k = index, name, experts, top_k
        self.width = experts + SPARE
        self.on_device = like.device.type != "cpu"
        # A forward pass is in inference mode; what is made there could not be changed outside of
        # it.
        with torch.inference_mode(mode=False):
            made = {"dtype": torch.int64, "device": like.device}
            self.one = torch.ones(1, **made)
            self.counts = torch.zeros(self.width, **made)
            self.pairs = torch.zeros(self.width**2, **made) if experts <= PAIRED else None
            self.ids = torch.full((SAMPLED, like.shape[1]), -1, **made)
            self.weights = torch.zeros(self.ids.shape, dtype=torch.float32, device=like.device)
        self._copies = device.Copies([self.counts])
        self._pair_copies = None if self.pairs is None else device.Copies([self.pairs])
        self._sample_copies = device.Copies([self.ids, self.weights])
        self._before = since
        self._counts_before = [0] * experts
        self._ran = False
        self._pairs_before: Tensor | None = None
        self._pairs_there: tuple[Tensor, Moment] | None = None

    def add(self, ids: Tensor) -> None:
        """Count the experts of some tokens; -1 is none."""
        torch = sys.modules["torch"]
        # Whatever an id is, it ends in the table: an index beyond it would end the engine.
        cells = torch.remainder(ids, self.width)
        self.counts.index_add_(0, cells.reshape(-1), self.one.expand(cells.numel()))
        if self.pairs is not None:
            pairs = torch.add(cells.unsqueeze(1), cells.unsqueeze(2), alpha=self.width)
            self.pairs.index_add_(0, pairs.reshape(-1), self.one.expand(pairs.numel()))

    def sample(self, weights: Tensor, ids: Tensor) -> None:
        """Keep the first tokens' experts and weights, for `ask`."""
        rows = min(SAMPLED, ids.shape[0])
        self.ids[:rows].copy_(ids[:rows])
        self.weights[:rows].copy_(weights[:rows])

    def ask(self, now: Moment, *, pairs: bool, samples: int) -> None:
        """Have recorded what the counters are at this place of the current stream.

        Args:
            now: when that is.
            pairs: also which experts were selected together.
            samples: how many tokens' weights were kept in this step.
        """
        self._copies.ask(lambda host: self.record(host[0].tolist(), now))
        if pairs and self._pair_copies is not None and self._pairs_there is None:
            self._pair_copies.ask(lambda host: self.take_pairs(host[0], now))
        if samples:
            self._sample_copies.ask(lambda host: self._record_samples(host, samples, now))

    def read(self) -> tuple[list[int], Tensor | None]:
        """Give the counts and the pairs as they are now; on a CPU only."""
        return self.counts.tolist(), None if self.pairs is None else self.pairs.clone()

    def record(self, counts: list[int], now: Moment) -> None:
        """Record how often each expert was selected since the last time.

        Args:
            counts: of all cells, now.
            now: when that is.
        """
        new = [
            count - before
            for count, before in zip(counts[: self.experts], self._counts_before, strict=True)
        ]
        before, self._before = self._before, now
        self._counts_before = counts[: self.experts]
        # A layer that selected none did not run: its engine has gone, and another is in this
        # process.
        self._ran = any(new)
        if self._ran:
            steps = now.step, before.step + 1
            tokens = now.tokens - before.tokens
            row = (now.time, *steps, self.index, self.name, tokens, self.top_k, new)
            recording.record("experts", row)

    def take_pairs(self, pairs: Tensor, now: Moment) -> None:
        """Keep a copy of the pairs for `record_pairs`; until then no other is asked for."""
        self._pairs_there = pairs, now

    def record_pairs(self) -> None:
        """Record the pairs that have come: in the writing thread, for it can take milliseconds."""
        if self._pairs_there is None:
            return
        pairs, now = self._pairs_there
        pairs = pairs.clone()
        before, self._pairs_before = self._pairs_before, pairs
        self._pairs_there = None  # the next copy may overwrite it from here on
        new = pairs if before is None else pairs - before
        table = new.view(self.width, self.width)[: self.experts, : self.experts].triu(1)
        found = table.nonzero()
        if found.shape[0]:
            first, second = found.unbind(1)
            lists = first.tolist(), second.tolist(), table[first, second].tolist()
            recording.record("expert_pairs", (now.time, now.step, self.index, *lists))

    def _record_samples(self, host: list[Tensor], rows: int, now: Moment) -> None:
        if not self._ran:
            return
        tokens = zip(host[0][:rows].tolist(), host[1][:rows].tolist(), strict=True)
        for token, (ids, weights) in enumerate(tokens):
            recording.record("routing", (now.time, now.step, self.index, token, ids, weights))
