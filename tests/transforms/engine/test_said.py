"""What a patch says of itself: placeholders are refused, and what can be looked up is known."""

from __future__ import annotations

import pytest

from transforms.engine.said import ADVICE, Named, named_by, refusals, says_nothing

NOTHING = (
    "",
    " \n",
    "?",
    "...",
    "-",
    "TODO",
    "todo: say it",
    "To do",
    "FIXME",
    "TBD",
    "tba",
    "WIP",
    "xxx",
    "To be determined.",
    "none",
    "None.",
    "none yet",
    "N/A",
    "n.a.",
    "not applicable",
    "Future",
    "in the future",
    "later...",
    "someday",
    "eventually",
    "unknown",
    "No plan.",
    "none: TODO",
    "none: n/a",
    "none: ?",
)
SOMETHING = (
    "w",
    "never",
    "none: nobody has asked for it",
    "no release before 0.27 is built",
    "a note on TODO comments",
    "Remove this patch when vLLM supports it",
    "todoist is supported",
    "futures are awaited",
    "上游支持后移除",
)


@pytest.mark.parametrize("text", NOTHING)
def test_a_text_that_only_fills_its_field_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_a_text_with_a_reason_says_something_vague_or_not(text: str) -> None:
    assert not says_nothing(text)


def test_a_refusal_names_the_field_its_text_and_what_a_good_one_says() -> None:
    refused = refusals({"why": "TODO", "upstream": "none: a reason", "drop_when": "Future"})
    assert refused == [
        f"`why` is 'TODO', which says nothing: {ADVICE['why']}",
        f"`drop_when` is 'Future', which says nothing: {ADVICE['drop_when']}",
    ]


def test_what_is_advised_is_not_refused() -> None:
    examples = [text for said in ADVICE.values() for text in said.split("'")[1::2]]
    assert len(examples) == 4
    assert not any(says_nothing(text) for text in examples)


LOOKED_UP = {
    "no release before 0.24 is built": Named.RELEASE,
    "the platform's Triton has `triton.knobs`, as 3.4.0 and later do": Named.RELEASE,
    "Remove this patch when vLLM PR #42524 and #44243 is included.": Named.CHANGE,
    "once upstream accept 46892 pr": Named.CHANGE,
    "https://github.com/vllm-project/vllm-ascend/issues/5712 is completed": Named.CHANGE,
    "init_device does not compare the device type": Named.CODE,
    "MambaManager counts them": Named.CODE,
    "vllm.platforms.interface has a hook": Named.CODE,
    "Fp8Config() asks the platform": Named.CODE,
    "no device code calls std::isinf": Named.CODE,
    "the profile platform is dropped": Named.NOTHING,
    "Remove this patch when vLLM supports it": Named.NOTHING,
    "not said by plug-in 0.23.0.post1: plug_in/patch/a_b.py": Named.NOTHING,
    "upstream streams as DeepSeek and PyTorch do, e.g. in parts of 16 lines": Named.NOTHING,
}


@pytest.mark.parametrize("drop_when", LOOKED_UP)
def test_what_can_be_looked_up(drop_when: str) -> None:
    assert named_by(drop_when) is LOOKED_UP[drop_when]


def test_a_link_of_the_field_upstream_can_be_looked_up_for_a_vague_condition() -> None:
    link = "https://github.com/vllm-project/vllm/pull/40996"
    assert named_by("vLLM merges the PR", link) is Named.CHANGE
    assert named_by("Thing.method is gone", link) is Named.CODE
    assert named_by("vLLM merges the PR", "none: nobody asked") is Named.NOTHING
