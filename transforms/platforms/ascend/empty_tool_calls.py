"""Leave `tool_calls` out of an answer that has none, as OpenAI's clients expect."""

from transforms.edits import AddMember, Patch

_SERIALIZE = """
@model_serializer(mode="wrap")
def _serialize(self, handler):
    data = handler(self)
    if len(data.get("tool_calls", [])) == 0:
        data.pop("tool_calls", None)
    return data
"""

# vllm-ascend wraps model_dump and model_dump_json of the two responses instead, both inherited, and writes the
# JSON with another encoder. What upstream did reaches every response that carries a message or a delta.
PATCH = Patch(
    why=(
        'An answer without tool calls has "tool_calls": [], and clients that follow OpenAI\'s, for which the field '
        "is then None, take it for one with. On every device: it is upstream's own change, word for word."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/44105",
    drop_when="no release before 0.24 is built",
    # 0.24.0 has it: there the tool says `obsolete`.
    versions=">=0.23,<0.24",
    replaces=(
        "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionResponse.model_dump",
        "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionResponse.model_dump_json",
        "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionStreamResponse.model_dump",
        "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionStreamResponse.model_dump_json",
    ),
    edits=[
        AddMember(
            inside="vllm.entrypoints.openai.chat_completion.protocol.ChatMessage", code=_SERIALIZE
        ),
        AddMember(inside="vllm.entrypoints.openai.engine.protocol.DeltaMessage", code=_SERIALIZE),
    ],
)
