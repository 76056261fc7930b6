"""An answer without tool calls has no such field."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.empty_tool_calls import PATCH

RELEASE = "0.23.0"
CHAT = "vllm.entrypoints.openai.chat_completion.protocol"
ENGINE = "vllm.entrypoints.openai.engine.protocol"
BEFORE = """
from pydantic import Field, model_serializer


class {name}(OpenAIBaseModel):
    content: str | None = None
    tool_calls: list[ToolCall] = Field(default_factory=list)


class Later(OpenAIBaseModel):
    pass
"""
AFTER = """
from pydantic import Field, model_serializer


class {name}(OpenAIBaseModel):
    content: str | None = None
    tool_calls: list[ToolCall] = Field(default_factory=list)

    @model_serializer(mode="wrap")
    def _serialize(self, handler):
        data = handler(self)
        if len(data.get("tool_calls", [])) == 0:
            data.pop("tool_calls", None)
        return data


class Later(OpenAIBaseModel):
    pass
"""
CLASSES = [(CHAT, "ChatMessage"), (ENGINE, "DeltaMessage")]


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_messages_and_deltas_get_upstreams_serializer(module: str, name: str) -> None:
    assert patched(PATCH, RELEASE, module, BEFORE.format(name=name)) == dedent(
        AFTER.format(name=name)
    )


@pytest.mark.parametrize("release", ["0.22.1", "0.24.0", "0.33.0"])
def test_releases_before_and_those_that_have_it_are_left_alone(release: str) -> None:
    assert status_on(PATCH, release) is Status.EXCLUDED


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ({"content": "a", "tool_calls": []}, {"content": "a"}),
        ({"content": None, "tool_calls": ["b"]}, {"content": None, "tool_calls": ["b"]}),
        # With exclude_unset it is gone already.
        ({"content": "a"}, {"content": "a"}),
    ],
)
def test_only_an_empty_list_is_left_out(
    data: dict[str, object], written: dict[str, object]
) -> None:
    text = patched(PATCH, RELEASE, CHAT, BEFORE.format(name="ChatMessage"))
    names = run(
        text.partition("class Later")[0].replace(
            "from pydantic import Field, model_serializer", ""
        ),
        OpenAIBaseModel=object,
        ToolCall=object,
        Field=lambda **_: None,
        model_serializer=lambda **_: lambda function: function,
    )
    assert names.ChatMessage()._serialize(lambda _: dict(data)) == written
