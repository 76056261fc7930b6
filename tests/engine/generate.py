"""Run engines one after the other, and write down what they generated.

    python generate.py WORK RESULT

It runs inside of the engine's environment, as a plain file. WORK is a JSON file with a list of
engines, each a dictionary with `name`, `model`, `options` for `LLM`, `in_process` (whether all of
the engine is in this process), `prompts` (lists of token ids), `sound` (whether each comes with a
sound), `tokens` (how many to generate for each prompt) and `alone` (whether each prompt waits for
the one before). RESULT is the JSON file that is written.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from vllm import LLM


def main(work: Path, result: Path) -> None:
    """Do the work of a file, and write the other."""
    import vllm  # noqa: PLC0415 - not in the engine's children
    from vllm.platforms import current_platform  # noqa: PLC0415

    engines = {item["name"]: run(item) for item in json.loads(work.read_text())}
    said = {
        "version": vllm.__version__,
        "platform": current_platform.device_name,
        "pid": os.getpid(),
        "session": os.environ.get("VLLM_PROFILING_SESSION"),
        "engines": engines,
    }
    result.write_text(json.dumps(said))


def run(item: dict[str, Any]) -> dict[str, Any]:
    """Start one engine, let it generate, and stop it."""
    from vllm import LLM, SamplingParams  # noqa: PLC0415 - not in the engine's children

    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0" if item["in_process"] else "1"
    if item["options"].get("distributed_executor_backend") == "ray":
        import ray  # noqa: PLC0415 - most environments lack it

        started = ray.init(
            num_cpus=1, num_gpus=1, include_dashboard=False, _node_ip_address="127.0.0.1"
        )
        os.environ["RAY_ADDRESS"] = started.address_info["address"]
    llm = LLM(item["model"], seed=0, **item["options"])
    figures = watch(llm) if item["in_process"] else []
    print("generating", item["name"], flush=True)  # noqa: T201 - the test waits for it
    prompts: list[Any] = [{"prompt_token_ids": prompt} for prompt in item["prompts"]]
    if item["sound"]:
        for number, prompt in enumerate(prompts):
            prompt["multi_modal_data"] = {"audio": tone(220 * (number + 1))}
    samplings = [
        SamplingParams(max_tokens=tokens, temperature=0, ignore_eos=True)
        for tokens in item["tokens"]
    ]
    size = 1 if item["alone"] else len(prompts)
    outputs: list[Any] = []
    for start in range(0, len(prompts), size):
        batch = slice(start, start + size)
        outputs += llm.generate(prompts[batch], samplings[batch], use_tqdm=False)
    tokens = [list(output.outputs[0].token_ids) for output in outputs]
    reasons = [output.outputs[0].finish_reason for output in outputs]
    llm.llm_engine.engine_core.shutdown()
    del llm
    gc.collect()
    return {"tokens": tokens, "reasons": reasons, "figures": figures}


def tone(frequency: int) -> tuple[Any, int]:
    """Give a second of a tone, and how many samples a second has."""
    import numpy as np  # noqa: PLC0415 - most engines hear nothing

    rate = 16000
    return np.sin(np.arange(rate) * (2 * np.pi * frequency / rate)).astype("float32"), rate


def watch(llm: LLM) -> list[dict[str, int]]:
    """Ask the block pool of an engine in this process for its own figures after each schedule."""
    scheduler = llm.llm_engine.engine_core.engine_core.scheduler
    pool = scheduler.kv_cache_manager.block_pool
    schedule: Callable[..., Any] = scheduler.schedule
    figures: list[dict[str, int]] = []

    def watched(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever it is
        output = schedule(*arguments, **options)
        # The null block is never free, and nobody's.
        used = pool.num_gpu_blocks - 1 - pool.get_num_free_blocks()
        scheduled = output.total_num_scheduled_tokens
        figures.append({"used": used, "total": pool.num_gpu_blocks - 1, "scheduled": scheduled})
        return output

    scheduler.schedule = watched
    return figures


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
