"""The sampler tells what it samples."""

import torch
from vllm.v1.sample.sampler import Sampler

from wheelwright_example.recorder import record


def greedy_sample(logits):
    record("Sampler.greedy_sample")
    return torch.ops._C.greedy_argmax(logits)


# Replace a method, which is static.
Sampler.greedy_sample = staticmethod(greedy_sample)
