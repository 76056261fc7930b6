"""Patches of every form: what holds where, at run time and compiled into the wheel."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.engine.engines import PROCESSES

if TYPE_CHECKING:
    from tests.engine.running import Place, Run

    Calls = dict[str, dict[str, int]]

pytestmark = pytest.mark.engine

MAIN, CORE, WORKER = "MainProcess", "EngineCore", "VllmWorker-0"
PROMPTS, TOKENS = len(PROCESSES.prompts), sum(PROCESSES.tokens)
# These are also called when a request is over, or there is none: how often is a matter of time.
ANY = -1
AT_MOST = {
    "CPUWorker.execute_model": TOKENS + PROMPTS,
    "Scheduler._update_after_schedule, a module's, a class's": TOKENS + PROMPTS,
    "Scheduler.has_unfinished_requests": math.inf,
}
IN_MAIN = {
    "InputProcessor.process_inputs": PROMPTS,
    "LLMEngine.__init__": 1,
    "LLMEngine.step of an instance": TOKENS,
    "OutputProcessor.has_unfinished_requests": TOKENS + PROMPTS,
    "OutputProcessor.update_scheduler_stats": TOKENS,
    "VLLM_MSGPACK_ZERO_COPY_THRESHOLD": 1,
}
IN_CORE = {
    "EncoderCacheManager.__init__": 1,
    "EngineCore.__init__, 7 minutes": 1,
    "EngineCoreProc.run_engine_core": 1,
    "EngineCoreProc.run_engine_core, watched": 1,
    "FCFSRequestQueue.add_request": PROMPTS,
    "KVCacheManager.allocate_slots": TOKENS,
    "Request.get_skip_reading_prefix_cache": PROMPTS,
    "Request.num_output_tokens": 2 * TOKENS - PROMPTS,
    "Scheduler._update_after_schedule, a module's, a class's": ANY,
    "Scheduler.has_unfinished_requests": ANY,
    "VLLM_MSGPACK_ZERO_COPY_THRESHOLD": 1,
    "check_stop": TOKENS,
}
IN_WORKER = {
    "CPUWorker.determine_available_memory": 1,
    "CPUWorker.execute_model": ANY,
    "Sampler.greedy_sample": TOKENS,
    "set_random_seed": 2,
}
# The plugin patches this for the main process alone; the worker has one of its own.
ALSO_IN_WORKER = {"VLLM_MSGPACK_ZERO_COPY_THRESHOLD": 1}
# What no edit of vLLM can be, of what is called.
ONLY_AT_RUN_TIME = {
    MAIN: {"ModelRegistry.get_supported_archs": 2},
    WORKER: {"torch.manual_seed": 2},
}


def lines(run: Run) -> dict[str, list[str]]:
    """Give what the processes of an engine recorded, in their order."""
    assert run.code == 0, run.log[-4000:]
    found: dict[str, list[str]] = {}
    for name, calls in run.answer["calls"].items():
        process, pid = name.split(".")
        # Programs that vLLM runs to look at a model are main processes as well.
        if process != MAIN or int(pid) == run.answer["pid"]:
            assert process not in found, name
            found[process] = calls
    return found


def calls(run: Run) -> Calls:
    """Give how often each call was recorded in each process."""
    return {
        process: {
            name: ANY if TOKENS <= number <= AT_MOST.get(name, 0) else number
            for name, number in Counter(found).items()
        }
        for process, found in lines(run).items()
    }


def described(place: Place) -> dict[str, Any]:
    """Give what the compiled wheel's manifest says of the plugin."""
    program = place.environments.site_packages(place.name) / "vllm" / "wheelwright.py"
    plugin: dict[str, Any] = json.loads(place.run(program, "--json").log)["plugin"]
    return plugin


def test_all_generate_the_same(stock: Run, applied: Run, compiled: Run, doubled: Run) -> None:
    expected = stock.tokens(PROCESSES.name)
    assert list(map(len, expected)) == PROCESSES.tokens
    for run in (applied, compiled, doubled):
        assert run.tokens(PROCESSES.name) == expected


def test_patches_at_run_time_hold_where_they_are_applied_and_never_in_engine_core(
    applied: Run,
) -> None:
    assert calls(applied) == {
        MAIN: {**IN_MAIN, **ONLY_AT_RUN_TIME[MAIN]},
        WORKER: {**IN_WORKER, **ONLY_AT_RUN_TIME[WORKER]},
    }


def test_compiled_patches_hold_in_every_process(compiled: Run) -> None:
    assert calls(compiled) == {
        MAIN: IN_MAIN,
        CORE: IN_CORE,
        WORKER: {**IN_WORKER, **ALSO_IN_WORKER},
    }


def test_engine_core_begins_through_both_of_its_stacked_wraps(compiled: Run) -> None:
    assert lines(compiled)[CORE][:3] == [
        "EngineCoreProc.run_engine_core, watched",
        "EngineCoreProc.run_engine_core",
        "EngineCore.__init__, 7 minutes",
    ]


def test_a_plugin_that_still_patches_has_each_effect_once(doubled: Run) -> None:
    assert calls(doubled) == {
        MAIN: {**IN_MAIN, **ONLY_AT_RUN_TIME[MAIN]},
        CORE: IN_CORE,
        WORKER: {**IN_WORKER, **ALSO_IN_WORKER, **ONLY_AT_RUN_TIME[WORKER]},
    }


def test_what_is_wrapped_once_more_is_reported_where_it_is_called(doubled: Run) -> None:
    assert doubled.code == 0
    said = re.findall(r"\((\w+) pid=.* (\S+) is patched at run time, and", doubled.log)
    assert sorted(said) == sorted(
        [
            ("MainProcess", "vllm.v1.engine.input_processor.InputProcessor.process_inputs"),
            ("MainProcess", "vllm.v1.engine.llm_engine.LLMEngine.__init__"),
            ("Worker", "vllm.v1.worker.cpu_worker.CPUWorker.determine_available_memory"),
            ("Worker", "vllm.v1.worker.cpu_worker.CPUWorker.execute_model"),
            ("Worker", "vllm.v1.worker.cpu_worker.set_random_seed"),
        ]
    )


def test_the_wheel_says_what_became_of_every_change_of_the_plugin(beside: Place) -> None:
    plugin = described(beside)
    assert plugin["package"] == "wheelwright_example"
    assert plugin["define"] == {"HAS_DEVICE": "False"}
    became = Counter(item["outcome"] for item in plugin["mutations"])
    assert became == {"compiled": 24, "needs nothing": 2, "cannot": 5}


def test_the_wheel_says_what_the_plugin_would_patch_twice(beside: Place) -> None:
    values = {"constant", "insert an attribute on a class", "insert an attribute on a module"}
    expected = {
        item["target"]
        for item in described(beside)["mutations"]
        if item["outcome"] == "compiled" and item["processes"] == ["platform"]
        if item["form"] not in {*values, "save the original"}
    }
    words = ("-m", "vllm.wheelwright", "rebound", "--json")
    run = beside.run(*words, "--import", "wheelwright_example.patch.platform")
    assert run.code == 1, run.log
    found = json.loads(run.log[run.log.rindex('{\n "rebound"') :])["rebound"]
    names = {
        f"{item['module']}:{item['name'].partition('[')[0]}" for item in found if item["by_plugin"]
    }
    assert names == expected


def test_the_page_shows_what_was_recorded(applied: Run, compiled: Run) -> None:
    page = (REPOSITORY / "docs" / "migrating.md").read_text(encoding="utf-8")
    for run in (applied, compiled):
        shown = "".join(
            f"{process}\n" + "".join(f"  {name}\n" for name in sorted(names))
            for process, names in sorted(calls(run).items())
        )
        assert f"```text\n{shown}```\n" in page
