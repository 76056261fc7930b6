"""vLLM's `unified_attention`, with a paged cache, against attention as it is defined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from vllm.v1.attention.ops.triton_unified_attention import unified_attention

from tests.triton.numerics.interpreter.outcome import Outcome, unwritten

HEADS, KV_HEADS, HEAD_SIZE = 4, 2, 32
BLOCK_SIZE, BLOCKS = 16, 16
SCALE = HEAD_SIZE**-0.5
SEGMENTS = 2
TOLERANCES = {torch.float32: 2e-6, torch.float16: 2e-3}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What is asked of the launcher.

    Attributes:
        queries: for each sequence how many tokens are new.
        lengths: for each sequence how many tokens it has, the new ones included.
        dtype: of queries, keys, values and outputs.
        window: how many tokens a token sees, itself included; 0 for all.
        lookback: with a window, how many chunks of it a token sees besides its own.
        softcap: the bound of scores; 0 for none.
        alibi: whether scores fall with the distance, and how: ``linear``, ``sqrt``.
        sinks: whether every head has a score that no token has.
        split: whether a sequence is cut into segments that are reduced at the end.
    """

    queries: tuple[int, ...]
    lengths: tuple[int, ...]
    dtype: torch.dtype = torch.float32
    window: int = 0
    lookback: int = -1
    softcap: float = 0.0
    alibi: str = ""
    sinks: bool = False
    split: bool = False


MIXED = Batch(queries=(1, 5, 2), lengths=(35, 5, 20))
DECODE = Batch(queries=(1, 1), lengths=(21, 40))
BATCHES = {
    "prefill": Batch(queries=(11, 3), lengths=(11, 3)),
    "decode": DECODE,
    "mixed": MIXED,
    "sliding_window": Batch(queries=(1, 9), lengths=(40, 13), window=6),
    "softcap": Batch(queries=(2,), lengths=(18,), softcap=0.5),
    "alibi": Batch(queries=(1, 3), lengths=(20, 3), alibi="linear"),
    "alibi_sqrt": Batch(queries=(1, 3), lengths=(20, 3), alibi="sqrt"),
    "sinks": Batch(queries=(1, 3), lengths=(20, 3), sinks=True),
    "chunks": Batch(queries=(1, 6), lengths=(37, 14), window=8, lookback=1),
    "float16": Batch(queries=(1, 3), lengths=(20, 3), dtype=torch.float16),
    "split": Batch(queries=(1, 2), lengths=(21, 40), split=True),
    "split_sinks": Batch(queries=(1,), lengths=(40,), split=True, sinks=True),
}


@dataclass(frozen=True)
class Inputs:
    """The tensors of a batch."""

    query: torch.Tensor
    keys: torch.Tensor
    values: torch.Tensor
    tables: torch.Tensor
    slopes: torch.Tensor | None
    sinks: torch.Tensor | None

    @classmethod
    def of(cls, batch: Batch) -> Inputs:
        """Draw them."""
        cache = (BLOCKS, BLOCK_SIZE, KV_HEADS, HEAD_SIZE)
        blocks = -(-max(batch.lengths) // BLOCK_SIZE)
        tables = [torch.randperm(BLOCKS)[:blocks] for _ in batch.lengths]
        return cls(
            query=torch.randn(sum(batch.queries), HEADS, HEAD_SIZE).to(batch.dtype),
            keys=torch.randn(cache).to(batch.dtype),
            values=torch.randn(cache).to(batch.dtype),
            tables=torch.stack(tables).int(),
            slopes=torch.tensor([0.5, 0.25, 0.125, 0.0625]) if batch.alibi else None,
            sinks=torch.randn(HEADS) if batch.sinks else None,
        )

    def sequence(self, number: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Give a sequence's keys and values, for each head, as float32."""
        group = HEADS // KV_HEADS
        blocks = self.tables[number].long()
        keys, values = (
            cache[blocks].flatten(0, 1)[:length].float().repeat_interleave(group, dim=1)
            for cache in (self.keys, self.values)
        )
        return keys, values


def run(batch: Batch) -> Outcome:
    """Launch a batch, and compute it."""
    inputs = Inputs.of(batch)
    out = unwritten(inputs.query)
    ends = torch.tensor((0, *batch.queries)).cumsum(0)
    unified_attention(
        q=inputs.query,
        k=inputs.keys,
        v=inputs.values,
        out=out,
        cu_seqlens_q=ends.int(),
        max_seqlen_q=max(batch.queries),
        seqused_k=torch.tensor(batch.lengths).int(),
        max_seqlen_k=max(batch.lengths),
        softmax_scale=SCALE,
        causal=True,
        window_size=(batch.window - 1, 0) if batch.window else (-1, -1),
        block_table=inputs.tables,
        softcap=batch.softcap,
        q_descale=None,
        k_descale=None,
        v_descale=None,
        alibi_slopes=inputs.slopes,
        use_alibi_sqrt=batch.alibi == "sqrt",
        sinks=inputs.sinks,
        chunk_lookback=batch.lookback,
        **(segments(len(inputs.query)) if batch.split else {}),
    )
    return Outcome(computed=out, expected=of_all(batch, inputs), tolerance=TOLERANCES[batch.dtype])


def segments(tokens: int) -> dict[str, object]:
    """Give the room in which segments are kept, and ask for them."""
    scalars = torch.full((tokens, HEADS, SEGMENTS), torch.nan)
    return {
        "seq_threshold_3D": 100,
        "num_par_softmax_segments": SEGMENTS,
        "softmax_segm_output": torch.full((*scalars.shape, HEAD_SIZE), torch.nan),
        "softmax_segm_max": scalars.clone(),
        "softmax_segm_expsum": scalars.clone(),
    }


def of_all(batch: Batch, inputs: Inputs) -> torch.Tensor:
    """Compute the attention of all sequences."""
    queries = inputs.query.float().split(batch.queries)
    return torch.cat(
        [attention(batch, inputs, number, query) for number, query in enumerate(queries)]
    )


def attention(batch: Batch, inputs: Inputs, number: int, query: torch.Tensor) -> torch.Tensor:
    """Compute a sequence's attention as it is defined, in float32."""
    length = batch.lengths[number]
    keys, values = inputs.sequence(number, length)
    scores = torch.einsum("qhd,khd->hqk", query, keys) * SCALE
    if batch.softcap:
        scores = batch.softcap * torch.tanh(scores / batch.softcap)
    positions = torch.arange(length - len(query), length)[:, None]
    others = torch.arange(length)[None, :]
    seen = others <= positions
    if batch.lookback >= 0:
        chunk = batch.window // (batch.lookback + 1)
        seen &= positions // chunk - others // chunk <= batch.lookback
    elif batch.window:
        seen &= positions - others < batch.window
    if inputs.slopes is not None:
        distance = (positions - others).clamp(min=0).float()
        scores -= inputs.slopes[:, None, None] * (
            distance.sqrt() if batch.alibi == "sqrt" else distance
        )
    scores = scores.masked_fill(~seen, -torch.inf)
    if inputs.sinks is not None:
        sinks = inputs.sinks[:, None, None].expand(-1, len(query), 1)
        scores = torch.cat([scores, sinks], dim=-1)
    weights = scores.softmax(dim=-1)[..., :length]
    return torch.einsum("hqk,khd->qhd", weights, values)


CASES = {name: partial(run, batch) for name, batch in BATCHES.items()}
