"""How a token is drawn: temperature, penalties, Gumbel noise from a hash."""

from __future__ import annotations

import math

import torch
from vllm.v1.worker.gpu.sample.gumbel import apply_temperature, gumbel_sample
from vllm.v1.worker.gpu.sample.penalties import apply_penalties, bincount

from tests.triton.numerics.interpreter.outcome import Outcome

TOKENS, REQUESTS, VOCABULARY = 12, 3, 200
REQUEST_OF = torch.tensor([0, 1, 2, 2] * 3, dtype=torch.int32)
WORD = 0xFFFFFFFF


def logits_of_all() -> torch.Tensor:
    """Draw the logits of every token."""
    return torch.randn(TOKENS, VOCABULARY) * 2


def temperature() -> Outcome:
    """Divide by a request's temperature, unless it is 0."""
    logits, temperatures = logits_of_all(), torch.tensor([0.0, 1.0, 0.7])
    computed = logits.clone()
    apply_temperature(computed, REQUEST_OF, temperatures)
    divisors = torch.where(temperatures == 0, 1.0, temperatures)[REQUEST_OF.long()]
    return Outcome(computed=computed, expected=logits / divisors[:, None], tolerance=1e-6)


def greedy() -> Outcome:
    """Take the best token where the temperature is 0."""
    return sample(torch.zeros(REQUESTS), use_fp64=False)


def gumbel() -> Outcome:
    """Draw in float32."""
    return sample(torch.tensor([0.8, 1.0, 1.5]), use_fp64=False)


def gumbel_float64() -> Outcome:
    """Draw in float64."""
    return sample(torch.tensor([0.8, 1.0, 1.5]), use_fp64=True)


def sample(temperatures: torch.Tensor, *, use_fp64: bool) -> Outcome:
    """Draw a token for each row; equal seeds and positions draw equal tokens."""
    logits = logits_of_all()
    seeds, positions = torch.tensor([3, 2**40 + 1, 5]), torch.arange(TOKENS) * 7
    computed = gumbel_sample(
        logits,
        REQUEST_OF,
        temperatures,
        seeds,
        positions,
        apply_temperature=True,
        is_drafting=False,
        use_fp64=use_fp64,
    )
    expected = [
        draw(
            row.double(),
            float(temperatures[request]),
            int(seeds[request]),
            int(position),
            use_fp64=use_fp64,
        )
        for row, request, position in zip(logits, REQUEST_OF, positions, strict=True)
    ]
    return Outcome(computed=computed, expected=torch.tensor(expected))


def draw(
    logits: torch.Tensor, temperature: float, seed: int, position: int, *, use_fp64: bool
) -> int:
    """Draw one token: the largest of the logits with Gumbel noise, in whole numbers of Python."""
    if temperature == 0:
        return int(logits.argmax())
    noises = []
    for token in range(len(logits)):
        low = murmur3(seed, position, token)
        if use_fp64:
            high = murmur3(seed, position, token, domain=0x9E3779B9)
            uniform = ((high << 32 | low) >> 11) + 0.5
            noises.append(-math.log(-math.log(uniform / 2**53)))
        else:
            # vLLM draws from the other tail in float32, for its resolution.
            noises.append(-math.log(-math.log1p(-(low + 0.5) / 2**32)))
    return int((logits / temperature + torch.tensor(noises).double()).argmax())


def murmur3(seed: int, position: int, token: int, domain: int = 0) -> int:
    """Hash a seed of 64 bits and two numbers of 32, as MurmurHash3 does the words of a key."""
    hashed = domain
    for word in (seed, seed >> 32, position, token):
        key = _rotated((word & WORD) * 0xCC9E2D51 & WORD, 15) * 0x1B873593 & WORD
        hashed = (_rotated(hashed ^ key, 13) * 5 + 0xE6546B64) & WORD
    hashed ^= 16
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & WORD
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & WORD
    return hashed ^ hashed >> 16


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & WORD


def penalties() -> Outcome:
    """Make tokens less likely that were seen; a request without penalties stays as it is."""
    logits = logits_of_all()
    repetition, frequency, presence = torch.tensor(
        [[1.0, 1.3, 1.0], [0.0, 0.2, 0.0], [0.0, 0.4, 0.6]]
    )
    tokens = torch.randint(VOCABULARY, (TOKENS,), dtype=torch.int32)
    # How many tokens of the request's draft stand before a row.
    local = torch.tensor([0, 0, 0, 1] * 3, dtype=torch.int32)
    prompts = torch.rand(REQUESTS, VOCABULARY) < 0.3
    counts = torch.randint(3, (REQUESTS, VOCABULARY), dtype=torch.int32)
    computed = logits.clone()
    apply_penalties(
        computed,
        REQUEST_OF,
        tokens,
        local,
        repetition,
        frequency,
        presence,
        bits_of(prompts),
        counts,
    )
    expected = logits.clone()
    for row, request in enumerate(REQUEST_OF.long()):
        count = counts[request].clone()
        if local[row]:
            count[tokens[row].long()] += 1
        seen = count > 0
        factor = torch.where(seen | prompts[request], repetition[request], 1.0)
        expected[row] = torch.where(
            expected[row] > 0, expected[row] / factor, expected[row] * factor
        )
        expected[row] -= frequency[request] * count + presence[request] * seen
    return Outcome(computed=computed, expected=expected, tolerance=2e-6)


def bits_of(flags: torch.Tensor) -> torch.Tensor:
    """Pack flags, 32 to a number."""
    padded = torch.nn.functional.pad(flags.long(), (0, -flags.shape[1] % 32))
    words = (padded.unflatten(1, (-1, 32)) << torch.arange(32)).sum(dim=-1)
    return torch.where(words >= 2**31, words - 2**32, words).int()


def bincount_of_requests() -> Outcome:
    """Count a request's tokens: which its prompt has, and how often its output has each."""
    tokens = torch.randint(VOCABULARY, (REQUESTS, 60), dtype=torch.int32)
    prompts = torch.tensor([10, 33, 60], dtype=torch.int32)
    lengths = torch.tensor([40, 33, 60], dtype=torch.int32)
    packed = torch.full((REQUESTS, -(-VOCABULARY // 32)), -1, dtype=torch.int32)
    counts = torch.full((REQUESTS, VOCABULARY), -1, dtype=torch.int32)
    bincount(torch.arange(REQUESTS).int(), tokens, prompts, lengths, packed, counts, 60)
    seen = torch.zeros(REQUESTS, VOCABULARY, dtype=torch.bool)
    often = torch.zeros_like(counts)
    for row in range(REQUESTS):
        seen[row, tokens[row, : prompts[row]].long()] = True
        often[row] = tokens[row, prompts[row] : lengths[row]].bincount(minlength=VOCABULARY)
    return Outcome(
        computed=torch.cat([packed, counts], dim=1),
        expected=torch.cat([bits_of(seen), often], dim=1),
    )


CASES = {
    "temperature": temperature,
    "greedy": greedy,
    "gumbel": gumbel,
    "gumbel_float64": gumbel_float64,
    "penalties": penalties,
    "bincount": bincount_of_requests,
}
