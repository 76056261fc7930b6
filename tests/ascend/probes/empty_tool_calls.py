"""What is written of an answer?"""

from __future__ import annotations

import itertools
import json

from vllm.entrypoints.openai.chat_completion.protocol import (
    ChatCompletionResponse,
    ChatCompletionResponseChoice,
    ChatCompletionResponseStreamChoice,
    ChatCompletionStreamResponse,
    ChatMessage,
)
from vllm.entrypoints.openai.engine.protocol import (
    DeltaFunctionCall,
    DeltaMessage,
    DeltaToolCall,
    FunctionCall,
    ToolCall,
    UsageInfo,
)

PATCHES = ("platform.patch_tool_choice_none_content",)
_OPTIONS = ({}, {"exclude_unset": True}, {"exclude_none": True}, {"indent": 2})


def probe() -> dict[str, object]:
    """Write whole answers and chunks, with tool calls and without, in every way that vLLM does."""
    call = ToolCall(id="c", function=FunctionCall(name="f", arguments="{}"))
    delta = DeltaToolCall(id="c", index=0, function=DeltaFunctionCall(name="f", arguments="é"))
    answers: dict[str, object] = {}
    for given, options in itertools.product(("none", "empty", "one"), _OPTIONS):
        tools = {"none": {}, "empty": {"tool_calls": []}, "one": {"tool_calls": [call]}}[given]
        deltas = tools if given != "one" else {"tool_calls": [delta]}
        whole = ChatCompletionResponse(
            id="i",
            created=1,
            model="m",
            usage=UsageInfo(),
            choices=[
                ChatCompletionResponseChoice(
                    index=0, message=ChatMessage(role="assistant", content="hé", **tools)
                )
            ],
        )
        chunk = ChatCompletionStreamResponse(
            id="i",
            created=1,
            model="m",
            choices=[
                ChatCompletionResponseStreamChoice(
                    index=0, delta=DeltaMessage(content="hé", **deltas)
                )
            ],
        )
        for kind, item in (("whole", whole), ("chunk", chunk)):
            name = f"{kind} {given} {options}"
            answers[f"{name} json"] = json.loads(item.model_dump_json(**options))
            if "indent" not in options:
                answers[name] = item.model_dump(mode="json", **options)
    return answers
