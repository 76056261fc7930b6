"""The wheel's functions do what vllm-ascend's do that are put in their place while vLLM runs.

What differs is named here, with what upstream's do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ascend.answers import OTHERS

if TYPE_CHECKING:
    from tests.ascend.answers import Answer, Answers

pytestmark = pytest.mark.ascend

QUESTIONS = (
    "balance_scheduling",
    "deepseek_v4_draft_tokens",
    "destroy_model_parallel",
    "empty_tool_calls",
    "full_decode_graphs",
    "hybrid_context_parallel",
    "kv_scale_names",
    "lost_notifications",
    "mamba_context_parallel",
    "mamba_external_blocks",
    "profiling_chunks",
    "structured_output_backend",
    "workers_with_children",
)
# Upstream's own changes of later releases, and what only vllm-ascend's schedulers ask for.
ON_EVERY_DEVICE = (
    "balance_scheduling",
    "empty_tool_calls",
    "lost_notifications",
    "profiling_chunks",
)
# All that they differ in is told below.
TOLD = (
    "deepseek_v4_draft_tokens",
    "destroy_model_parallel",
    "hybrid_context_parallel",
    "kv_scale_names",
    "mamba_external_blocks",
    "workers_with_children",
)
# There, names that the plugin does not know of have what it puts in place, too.
REACHING_FURTHER = ("destroy_model_parallel", "hybrid_context_parallel")


def _differing(one: Answer, other: Answer) -> set[str]:
    assert one.keys() == other.keys()
    return {name for name in one if one[name] != other[name]}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_wheel_does_not_do_on_ascend_what_upstream_does(
    answers: Answers, question: str
) -> None:
    assert answers.compiled_on("ascend", question) != answers.stock_on("ascend", question)


@pytest.mark.parametrize("device", OTHERS)
@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in ON_EVERY_DEVICE])
def test_on_other_devices_it_does(answers: Answers, question: str, device: str) -> None:
    assert answers.compiled_on(device, question) == answers.stock_on(device, question)


@pytest.mark.parametrize("device", OTHERS)
@pytest.mark.parametrize("question", ON_EVERY_DEVICE)
def test_what_is_for_every_device_is_the_same_on_every_device(
    answers: Answers, question: str, device: str
) -> None:
    assert answers.compiled_on(device, question) == answers.compiled_on("ascend", question)


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in TOLD])
def test_it_does_what_the_plugin_does(answers: Answers, question: str) -> None:
    assert answers.compiled_on("ascend", question) == answers.stock_on("plugin", question)


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in REACHING_FURTHER])
def test_a_plugin_that_patches_the_wheel_as_well_changes_nothing(
    answers: Answers, question: str
) -> None:
    assert answers.compiled_on("plugin", question) == answers.stock_on("plugin", question)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("device", ["ascend", "plugin"])
def test_the_plugin_compiled_in_leaves_what_the_platform_does_as_it_is(
    answers: Answers, device: str, question: str
) -> None:
    assert answers.both_on(device, question) == answers.compiled_on(device, question)


def test_deepseek_v4_alone_differs_from_upstream_and_the_plugins_copy_has_lost_models(
    answers: Answers,
) -> None:
    question = "deepseek_v4_draft_tokens"
    stock = answers.stock_on("ascend", question)
    compiled = answers.compiled_on("ascend", question)
    plugin = answers.stock_on("plugin", question)
    assert _differing(compiled, stock) == {"deepseek_v4"}
    assert compiled["deepseek_v4"] == plugin["deepseek_v4"]
    lost = {
        "exaone4_5",
        "gemma4_assistant",
        "gemma4_unified_assistant",
        "hy_v3",
        "intern_s2_preview",
        "nemotron_h_puzzle",
        "MiMoV2FlashForCausalLM",
        "MiMoV2ForCausalLM",
        "MiMoV2OmniForCausalLM",
        "NemotronH_Super_Omni_Reasoning_V3",
    }
    assert _differing(compiled, plugin) == {"deepseek_mtp", *lost}
    assert plugin["deepseek_mtp"] == "UnboundLocalError"
    # They are left as the target's configuration.
    assert all(plugin[name]["num_hidden_layers"] == 7 for name in lost)
    assert not any("n_predict" in plugin[name] for name in lost)


def test_the_plugins_groups_go_and_what_workers_import_forgets_the_others(
    answers: Answers,
) -> None:
    question = "destroy_model_parallel"
    destroyed, kept = "vLLM's group", "noted for reuse: {'a': 'stale'}"
    assert answers.stock_on("plugin", question) == {
        "groups": [destroyed, kept],
        "environment": [destroyed, "noted for reuse: {}"],
        "a worker's environment": [destroyed, kept],
    }
    assert answers.compiled_on("plugin", question) == {
        "groups": [destroyed, "Ascend's groups", kept],
        "environment": [destroyed, "noted for reuse: {}"],
        "a worker's environment": [destroyed, "noted for reuse: {}"],
    }


def test_who_has_imported_the_function_has_the_plugins_sizes_too(answers: Answers) -> None:
    question = "hybrid_context_parallel"
    compiled = answers.compiled_on("ascend", question)
    plugin = answers.stock_on("plugin", question)
    differing = _differing(compiled, plugin)
    assert differing
    for name, sizes in compiled.items():
        _, _, case = name.partition(" ")
        assert sizes == plugin[f"definition {case}"]
        assert sizes == plugin[f"EngineCore {case}"]
        if name in differing:
            assert name.startswith("offloading")
            assert "do not support context parallelism" in plugin[name]


def test_names_that_upstream_drops_are_dropped_and_every_model_has_the_others(
    answers: Answers,
) -> None:
    question = "kv_scale_names"
    stock = answers.stock_on("ascend", question)
    compiled = answers.compiled_on("ascend", question)
    plugin = answers.stock_on("plugin", question)
    differing = _differing(compiled, plugin)
    dropped = {name for name in differing if stock[name] is None}
    assert dropped
    for name in dropped:
        assert compiled[name] is None
        assert plugin[name] == "'NoneType' object has no attribute 'endswith'"
    # A model that was imported before the plugin's patch.
    other = differing - dropped
    assert other
    for name in other:
        holder, _, case = name.partition(" ")
        assert holder == "llama4"
        assert compiled[name] == compiled[f"deepseek_v2 {case}"] == plugin[f"deepseek_v2 {case}"]
        assert plugin[name] == stock[name]
    # Where the plugin renames, it does so alone.
    assert answers.compiled_on("plugin", question) == plugin


def test_a_mamba_group_says_what_it_takes_where_upstream_says_less_and_the_plugin_more(
    answers: Answers,
) -> None:
    question = "mamba_external_blocks"
    stock = answers.stock_on("ascend", question)
    compiled = answers.compiled_on("ascend", question)
    plugin = answers.stock_on("plugin", question)
    short = {name for name, (said, taken) in stock.items() if said < taken}
    assert short
    assert all(name.startswith("align") and "external=0" not in name for name in short)
    assert _differing(compiled, stock) == short
    for name in short:
        assert compiled[name] == plugin[name]
        assert compiled[name][0] == compiled[name][1]
    # In other modes, and for the next step of a request that runs.
    for name in _differing(compiled, plugin):
        assert plugin[name] == [compiled[name][0] + 1, compiled[name][1]]
        assert name.endswith("later") or not name.startswith("align")
    assert answers.compiled_on("plugin", question) == plugin


def test_workers_have_children_only_where_a_variable_says_so(answers: Answers) -> None:
    question = "workers_with_children"
    compiled = answers.compiled_on("ascend", question)
    plugin = answers.stock_on("plugin", question)
    # The plugin asks for the variables once, before it puts its class there.
    assert set(plugin.values()) == {False}
    assert {name for name, daemon in compiled.items() if daemon} == {
        "{}",
        "{'DYNAMIC_EPLB': '0', 'EXPERT_MAP_RECORD': '1'}",
    }
