"""Let UCM prepare each step in the worker, and call it before and after the model runs."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.v1.worker.gpu_model_runner"
_EXECUTE = f"{_MODULE}.GPUModelRunner.execute_model"
_BEFORE_0111 = "model_output = self.model($$inputs)"
_SINCE_0111 = "model_output = self._model_forward($$inputs)"
_META = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.runner.build_meta(self, scheduler_output, attn_metadata)
"""
_BEGINS = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.runner.execute_begins(self, scheduler_output)
"""
_FINISHED = """
    if wheelwright_ucm_sparse.on:
        logits_indices = wheelwright_ucm_sparse.runner.execute_finished(logits_indices)
"""

PATCH = Patch(
    why=(
        "a sparse method needs the step's requests and metadata before the first layer runs, and may have left out "
        "tokens whose logits are sampled from; vLLM has no such points"
    ),
    upstream="none: KV connectors have such points, but see neither the batch nor the logits' indices",
    drop_when="vLLM calls a plugin before and after each forward pass, with its batch and metadata",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        InsertAfter(
            inside=_EXECUTE,
            anchor="attn_metadata, $$others = self._prepare_inputs(scheduler_output)",
            code=_META,
            versions="<0.11.1",
        ),
        InsertAfter(
            inside=_EXECUTE,
            anchor="attn_metadata, $drafts = self._build_attention_metadata($$arguments)",
            code=_META,
            versions=">=0.11.1",
        ),
        InsertBefore(inside=_EXECUTE, anchor=_BEFORE_0111, code=_BEGINS, versions="<0.11.1"),
        InsertAfter(inside=_EXECUTE, anchor=_BEFORE_0111, code=_FINISHED, versions="<0.11.1"),
        InsertBefore(inside=_EXECUTE, anchor=_SINCE_0111, code=_BEGINS, versions=">=0.11.1"),
        InsertAfter(inside=_EXECUTE, anchor=_SINCE_0111, code=_FINISHED, versions=">=0.11.1"),
    ],
)
