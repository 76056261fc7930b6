"""Time each forward pass of model runner V2, and join it to the scheduler's step."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.v1.worker.gpu.model_runner"
_EXECUTE_MODEL = f"{_MODULE}.GPUModelRunner.execute_model"
_ENCODER_ONLY = "vllm.v1.worker.mm_encoder_model_runner"
_IMPORT = "from vllm import wheelwright_profile"
_STEP_BEGINS = """
    if wheelwright_profile.on:
        wheelwright_profile.forward.step_begins(scheduler_output)
"""
# Dummy runs (for memory profiling, captures, and ranks without a batch) go through execute_model, too.
_BEGINS = """
    if wheelwright_profile.on and not dummy_run:
        forward_begun = wheelwright_profile.forward.begins()
"""
_ENDS = """
    if wheelwright_profile.on and not dummy_run:
        wheelwright_profile.forward.ends_v2(
            forward_begun, self, scheduler_output, input_batch.num_tokens_after_padding
        )
"""
# A whole graph is replayed in one branch, and the model called in the other.
_RUNS = {
    "<0.16": "if cudagraph_mode == CUDAGraphMode.FULL: $$graph\nelse: $$model",
    ">=0.16,<0.17": "if use_cudagraph: $$graph\nelse: $$model",
    ">=0.17,<0.18": "if cudagraph_runtime_mode == CUDAGraphMode.FULL: $$graph\nelse: $$model",
    ">=0.18": "if $batch.cg_mode == CUDAGraphMode.FULL: $$graph\nelse: $$model",
}

PATCH = Patch(
    why=(
        "vLLM exposes how long a request took, but not how long the forward pass of each step took on "
        "each rank, for which batch: a slow rank or a slow batch cannot be found"
    ),
    upstream=(
        "none: StepTimingCollector (0.33) times the batches of its own calibration, not those of "
        "requests; iteration details are logged by EngineCore and include scheduling and sampling"
    ),
    drop_when="the worker exposes each step's forward time per rank together with the step's batch",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_MODULE, code=_IMPORT),
        InsertBefore(
            inside=_EXECUTE_MODEL,
            anchor="assert intermediate_tensors is None",
            code="""
                if wheelwright_profile.on and not dummy_run:
                    wheelwright_profile.forward.step_begins(scheduler_output)
            """,
            versions="<0.16",
        ),
        InsertBefore(
            inside=_EXECUTE_MODEL,
            anchor="self.finish_requests(scheduler_output)",
            code=_STEP_BEGINS,
            versions=">=0.16",
        ),
        *(
            insert(inside=_EXECUTE_MODEL, anchor=anchor, code=code, versions=versions)
            for versions, anchor in _RUNS.items()
            for insert, code in ((InsertBefore, _BEGINS), (InsertAfter, _ENDS))
        ),
        # An instance that only encodes has steps, but no forward pass.
        AddImport(inside=_ENCODER_ONLY, code=_IMPORT, versions=">=0.29"),
        InsertBefore(
            inside=f"{_ENCODER_ONLY}.MMEncoderModelRunner.execute_model",
            anchor="self.finish_requests(scheduler_output)",
            code=_STEP_BEGINS,
            versions=">=0.29",
        ),
    ],
)
