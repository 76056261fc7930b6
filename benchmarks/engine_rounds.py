"""One engine that generates when it is told to, and says what it took.

    python engine_rounds.py MODEL REQUESTS TOKENS

It runs inside of the engine's environment, as a plain file. Each line on its standard input is a
round, each line that begins with `ROUND` on its standard output what the round took, in seconds:
wall, and CPU of the whole process.
"""

from __future__ import annotations

import json
import sys
import time


def main(model: str, requests: int, tokens: int) -> None:
    """Start the engine, and answer each line."""
    from vllm import LLM, SamplingParams  # noqa: PLC0415 - the engine's children import this file

    llm = LLM(model, seed=0, enforce_eager=True, max_model_len=512, max_num_seqs=requests)
    sampling = SamplingParams(max_tokens=tokens, temperature=0, ignore_eos=True)
    prompts = [
        {"prompt_token_ids": [3 + (31 * number + 7 * place) % 509 for place in range(16)]}
        for number in range(requests)
    ]
    print("READY", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        outputs = llm.generate(prompts, sampling, use_tqdm=False)
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        took["tokens"] = sum(len(output.outputs[0].token_ids) for output in outputs)
        print("ROUND", json.dumps(took), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
