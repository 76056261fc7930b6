"""Call UCM before and after the attention of each layer."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

# The operator that returns its result is gone from 0.20 on.
_BEFORE_016 = "vllm.attention.layer"
_SINCE_016 = "vllm.model_executor.layers.attention.attention"
_IMPORT = "from vllm import wheelwright_ucm_sparse"
_BEGINS = """
    if wheelwright_ucm_sparse.on:
        query, key, value, {output} = wheelwright_ucm_sparse.attention.begins(
            self, query, key, value, {given}, layer_name
        )
"""
_FINISHED = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.attention.finished(self, query, key, value, output, layer_name)
"""
_RETURNED = "output = self.impl.forward($$arguments)"
_WRITTEN = "self.impl.forward($$arguments)"


def _returning(module: str, versions: str) -> list[InsertAfter | InsertBefore]:
    inside = f"{module}.unified_attention"
    begins = _BEGINS.format(output="_", given="None")
    return [
        InsertBefore(inside=inside, anchor=_RETURNED, code=begins, versions=versions),
        InsertAfter(inside=inside, anchor=_RETURNED, code=_FINISHED, versions=versions),
    ]


def _writing(module: str, versions: str) -> list[InsertAfter | InsertBefore]:
    inside = f"{module}.unified_attention_with_output"
    begins = _BEGINS.format(output="output", given="output")
    return [
        InsertBefore(inside=inside, anchor=_WRITTEN, code=begins, versions=versions),
        InsertAfter(inside=inside, anchor=_WRITTEN, code=_FINISHED, versions=versions),
    ]


PATCH = Patch(
    why=(
        "a sparse method chooses the KV blocks that a layer attends to right before its attention, and "
        "takes its choice back right after it; vLLM has no such points"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="vLLM calls a plugin before and after each layer's attention",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_BEFORE_016, code=_IMPORT, versions="<0.16"),
        *_returning(_BEFORE_016, "<0.16"),
        *_writing(_BEFORE_016, "<0.16"),
        AddImport(inside=_SINCE_016, code=_IMPORT, versions=">=0.16"),
        *_returning(_SINCE_016, ">=0.16,<0.20"),
        *_writing(_SINCE_016, ">=0.16"),
    ],
)
