"""Which batch is padded to which graph?"""

from __future__ import annotations

import itertools
from types import SimpleNamespace

from vllm.config import CUDAGraphMode
from vllm.v1.cudagraph_dispatcher import CudagraphDispatcher

PATCHES = ("worker.patch_cudagraph",)
_SIZES = [0, *(8 * ((tokens + 7) // 8) for tokens in range(1, 65))]


def probe() -> dict[str, object]:
    """Give the descriptors of all kinds of batches in all modes."""
    answers = {}
    for mode, length, tokens, uniform in itertools.product(
        CUDAGraphMode, (1, 2, 3), (1, 8, 31, 64), (True, False)
    ):
        config = SimpleNamespace(scheduler_config=SimpleNamespace(max_num_seqs=24))
        dispatcher = SimpleNamespace(
            vllm_config=config,
            uniform_decode_query_len=length,
            _bs_to_padded_graph_size=_SIZES,
            cudagraph_mode=mode,
        )
        try:
            made = CudagraphDispatcher._create_padded_batch_descriptor(
                dispatcher, tokens, uniform, tokens % 2 == 0, 3
            )
        except AssertionError:
            made = "AssertionError"
        answers[f"{mode} {length} {tokens} {uniform}"] = str(made)
    return answers
