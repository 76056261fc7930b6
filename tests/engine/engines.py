"""The engines that the runs start, and what they generate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TOP_K, EXPERTS, LAYERS = 2, 4, 2
BLOCK = 32
LONG, SHORT = 512, 256


def prompts(*lengths: int) -> list[list[int]]:
    """Give prompts of some lengths, all different, without special tokens."""
    return [
        [3 + (31 * number + 7 * place * (number + 1)) % 509 for place in range(length)]
        for number, length in enumerate(lengths)
    ]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, and what it generates.

    Attributes:
        name: in the answer.
        model: `llama`, `mixtral` or `whisper`.
        prompts: token ids.
        tokens: how many are generated for each.
        options: for `LLM`.
        in_process: whether all of it is in the main process.
        sound: whether each prompt comes with a sound, a second of a tone.
        alone: whether each prompt waits for the one before: what shares a batch in another process
            is a matter of time, and so is then the last bit of a sum.
    """

    name: str
    model: str
    prompts: list[list[int]]
    tokens: list[int]
    options: dict[str, Any]
    in_process: bool = True
    sound: bool = False
    alone: bool = False

    def work(self, models: Path) -> dict[str, Any]:
        """Give what `generate.py` reads."""
        return {
            "name": self.name,
            "model": str(models / self.model),
            "options": {"max_model_len": SHORT, "enforce_eager": True, **self.options},
            "prompts": self.prompts,
            "tokens": self.tokens,
            "in_process": self.in_process,
            "sound": self.sound,
            "alone": self.alone,
        }


_TIGHT = {"block_size": BLOCK, "max_num_seqs": 4, "max_num_batched_tokens": 64}
PROCESSES = Engine(
    "processes", "llama", prompts(4, 17, 90), [8, 24, 40], {}, in_process=False, alone=True
)
COMPILED = Engine(
    "compiled",
    "llama",
    prompts(3, 40),
    [24, 12],
    {"enforce_eager": False, "max_num_seqs": 8, "max_num_batched_tokens": SHORT},
)
MIXTRAL = Engine("mixtral", "mixtral", prompts(5, 33, 70), [20, 9, 31], _TIGHT)
# Nine blocks that may be used, for four requests that grow to four each: some have to give way.
PRESSURE = Engine(
    "pressure",
    "llama",
    prompts(4, 20, 70, 9, 30),
    [100, 90, 50, 80, 60],
    {**_TIGHT, "num_gpu_blocks_override": 10, "enable_prefix_caching": False},
)
# The same blocks are wanted again for other tokens.
EVICTING = Engine(
    "evicting",
    "llama",
    prompts(70, 80, 90, 100, 110, 120),
    [8, 8, 8, 8, 8, 8],
    {**_TIGHT, "num_gpu_blocks_override": 10, "max_num_seqs": 1},
)
# Its prompt is what Whisper is always told; the encoder makes 1,500 tokens of any sound.
WHISPER = Engine(
    "whisper",
    "whisper",
    [[257, 258, 259, 260]] * 3,
    [8, 12, 5],
    {"max_model_len": 96, "max_num_seqs": 2, "max_num_batched_tokens": 2048},
    sound=True,
)
ALL = (PROCESSES, COMPILED, MIXTRAL, PRESSURE, EVICTING, WHISPER)
ENGINES = {item.name: item for item in ALL}
BRIEF = Engine("brief", "llama", prompts(4, 9), [60, 60], {})
BY_RAY = Engine(
    "by_ray",
    "llama",
    prompts(4, 17),
    [8, 24],
    {"distributed_executor_backend": "ray"},
    in_process=False,
)
# A block is as short as it can be on a CPU, so that two of the prompts have some to load.
UCM = Engine(
    "ucm",
    "llama",
    prompts(4, 70, 90),
    [8, 24, 16],
    {"block_size": BLOCK},
    in_process=False,
    alone=True,
)
UCM_LOADING = replace(
    UCM,
    name="ucm_loading",
    options={
        **UCM.options,
        "kv_transfer_config": {
            "kv_connector": "UCMConnector",
            "kv_connector_module_path": "ucm.integration.vllm.ucm_connector",
            "kv_role": "kv_both",
            "kv_load_failure_policy": "recompute",
        },
    },
)
# Longer than anyone waits: it is killed.
ENDLESS = Engine(
    "endless", "llama", prompts(*[8] * 200), [400] * 200, {"max_model_len": LONG}, in_process=False
)
