"""The points of a decoder: around each layer of a model, and around the layer's feed-forward part."""

from __future__ import annotations

from transforms.edits import AddImport, InsertAfter, InsertBefore

UPSTREAM = "none: vLLM has no interface for sparse attention by a plugin"
DROP_WHEN = "vLLM calls a plugin before and after each decoder layer"
_LAYER = "hidden_states, residual = layer(positions, hidden_states, residual, $$others)"


def points(module: str, model: str) -> list[AddImport | InsertAfter | InsertBefore]:
    """Give the edits that call UCM in a model that is written as Llama is.

    Args:
        module: the model's module.
        model: the beginning of its classes' names, e.g. ``Llama``.
    """
    within_layer = f"{module}.{model}DecoderLayer.forward"
    between_layers = f"{module}.{model}Model.forward"
    return [
        AddImport(inside=module, code="from vllm import wheelwright_ucm_sparse"),
        InsertBefore(
            inside=within_layer,
            anchor="hidden_states, residual = self.post_attention_layernorm($$arguments)",
            code="""
                if wheelwright_ucm_sparse.on:
                    hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_begins(
                        hidden_states, residual
                    )
            """,
        ),
        InsertAfter(
            inside=within_layer,
            anchor="hidden_states = self.mlp(hidden_states)",
            code="""
                if wheelwright_ucm_sparse.on:
                    hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_finished(
                        hidden_states, residual
                    )
            """,
        ),
        InsertBefore(
            inside=between_layers,
            anchor=_LAYER,
            code="""
                if wheelwright_ucm_sparse.on:
                    positions, hidden_states, residual = wheelwright_ucm_sparse.layers.begins(
                        positions, hidden_states, residual
                    )
            """,
        ),
        InsertAfter(
            inside=between_layers,
            anchor=_LAYER,
            code="""
                if wheelwright_ucm_sparse.on:
                    positions, hidden_states, residual = wheelwright_ucm_sparse.layers.finished(
                        positions, hidden_states, residual
                    )
            """,
        ),
    ]
