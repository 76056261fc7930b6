"""Call UCM before and after each decoder layer of Llama, and its feed-forward part."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.model_executor.models.llama"
_DECODER = f"{_MODULE}.LlamaDecoderLayer.forward"
_MODEL = f"{_MODULE}.LlamaModel.forward"
_LAYER = "hidden_states, residual = layer(positions, hidden_states, residual, $$others)"

PATCH = Patch(
    why=(
        "a method that leaves out tokens of a prompt (Blend) does so between a layer's attention and its "
        "feed-forward part, or between layers; Llama's have no such points"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="vLLM calls a plugin before and after each decoder layer",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        InsertBefore(
            inside=_DECODER,
            anchor="hidden_states, residual = self.post_attention_layernorm($$arguments)",
            code="""
                if wheelwright_ucm_sparse.on:
                    hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_begins(
                        hidden_states, residual
                    )
            """,
        ),
        InsertAfter(
            inside=_DECODER,
            anchor="hidden_states = self.mlp(hidden_states)",
            code="""
                if wheelwright_ucm_sparse.on:
                    hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_finished(
                        hidden_states, residual
                    )
            """,
        ),
        InsertBefore(
            inside=_MODEL,
            anchor=_LAYER,
            code="""
                if wheelwright_ucm_sparse.on:
                    positions, hidden_states, residual = wheelwright_ucm_sparse.layers.begins(
                        positions, hidden_states, residual
                    )
            """,
        ),
        InsertAfter(
            inside=_MODEL,
            anchor=_LAYER,
            code="""
                if wheelwright_ucm_sparse.on:
                    positions, hidden_states, residual = wheelwright_ucm_sparse.layers.finished(
                        positions, hidden_states, residual
                    )
            """,
        ),
    ],
)
