"""What samplers leave of the logits: top-k, top-p, min-p, against a sort."""

from __future__ import annotations

import torch
from vllm.v1.sample.ops.topk_topp_triton import _apply_topp_split, apply_top_k_top_p_triton
from vllm.v1.worker.gpu.sample.min_p import apply_min_p

from tests.triton.numerics.interpreter.outcome import Outcome

ROWS, VOCABULARY = 5, 300
"""More rows than programs, and more tokens than one tile of the CPU's."""


def masked(
    logits: torch.Tensor, k: torch.Tensor | None = None, p: torch.Tensor | None = None
) -> torch.Tensor:
    """Mask by sorting: all but the `k` largest, then all that the first `p` of mass leave out."""
    values, order = logits.sort(dim=-1, descending=True, stable=True)
    if k is not None:
        values[torch.arange(logits.shape[1]) >= k[:, None]] = -torch.inf
    if p is not None:
        before = values.double().softmax(dim=-1).cumsum(dim=-1).roll(1, dims=-1)
        before[:, 0] = 0
        values[before >= p[:, None]] = -torch.inf
    return torch.empty_like(logits).scatter_(-1, order, values)


def logits_of(*, seed: int = 0) -> torch.Tensor:
    """Draw logits, no two of a row equal."""
    torch.manual_seed(seed)
    return torch.randn(ROWS, VOCABULARY) * 3


def run(logits: torch.Tensor, k: list[int] | None = None, p: list[float] | None = None) -> Outcome:
    """Mask by vLLM's kernel and by sorting; what is kept must be the same bits."""
    some_k = None if k is None else torch.tensor(k, dtype=torch.int32)
    some_p = None if p is None else torch.tensor(p)
    computed = apply_top_k_top_p_triton(logits.clone(), some_k, some_p)
    return Outcome(computed=computed, expected=masked(logits, some_k, some_p))


def top_k() -> Outcome:
    """Keep as many tokens as are asked for."""
    return run(logits_of(), k=[2, 5, 17, 100, 250])


def top_p() -> Outcome:
    """Keep tokens until a share of the probability is reached.

    The kernel halves its range 18 times at most: at 0.999 it is a token off, as written.
    """
    return run(logits_of(), p=[0.1, 0.3, 0.5, 0.8, 0.95])


def top_k_and_top_p() -> Outcome:
    """Keep a share of the probability of the `k` best tokens."""
    return run(logits_of(), k=[3, 10, 20, 50, 200], p=[0.9, 0.5, 0.8, 0.95, 0.7])


def top_k_of_one() -> Outcome:
    """Keep the best token."""
    return run(logits_of(), k=[1] * ROWS)


def top_p_of_one() -> Outcome:
    """Keep the whole probability: every token."""
    return run(logits_of(), k=[7] * ROWS, p=[1.0] * ROWS)


def top_k_of_all() -> Outcome:
    """Keep as many tokens as there are."""
    return run(logits_of(), k=[VOCABULARY, 4, VOCABULARY, 9, VOCABULARY], p=[0.9] * ROWS)


def masked_tokens() -> Outcome:
    """Leave out what a grammar has masked before, down to a row with fewer tokens than `k`."""
    logits = logits_of()
    logits[:, ::3] = -torch.inf
    logits[1, 5:] = -torch.inf
    return run(logits, k=[10] * ROWS, p=[0.9] * ROWS)


def ties() -> Outcome:
    """Keep as many of equal tokens as are asked for; which of them is the kernel's choice."""
    logits = logits_of().round()
    outcome = run(logits, k=[2, 5, 17, 100, 250])
    kept = outcome.computed > -torch.inf
    if not torch.equal(outcome.computed[kept], logits[kept]):
        raise ArithmeticError("a token was kept with another logit than its own")
    return Outcome(
        computed=outcome.computed.sort(dim=-1).values,
        expected=outcome.expected.sort(dim=-1).values,
    )


def split_top_p() -> Outcome:
    """Keep a share of the probability, by the kernels for small batches."""
    logits = logits_of()[:2]
    p = torch.tensor([0.6, 0.9])
    computed = logits.clone()
    _apply_topp_split(computed, None, p, -torch.inf, num_sm=4)
    return Outcome(computed=computed, expected=masked(logits, p=p))


def min_p() -> Outcome:
    """Keep what is at least a share as likely as the best token; 0 keeps all."""
    logits = logits_of()
    requests = torch.tensor([2, 0, 1, 2, 0], dtype=torch.int32)
    shares = torch.tensor([0.0, 0.05, 0.5])
    computed = logits.clone()
    apply_min_p(computed, requests, shares)
    probabilities = logits.double().softmax(dim=-1)
    least = shares[requests.long()][:, None] * probabilities.amax(dim=-1, keepdim=True)
    return Outcome(
        computed=computed, expected=logits.masked_fill(probabilities < least, -torch.inf)
    )


CASES = {
    case.__name__: case
    for case in (
        top_k,
        top_p,
        top_k_and_top_p,
        top_k_of_one,
        top_p_of_one,
        top_k_of_all,
        masked_tokens,
        ties,
        split_top_p,
        min_p,
    )
}
