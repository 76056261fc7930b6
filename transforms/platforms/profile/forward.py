"""Time each forward pass of the classic model runner, and join it to the scheduler's step."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.v1.worker.gpu_model_runner"
_EXECUTE_MODEL = f"{_MODULE}.GPUModelRunner.execute_model"
_FORWARD = "model_output = self._model_forward($$inputs)"

PATCH = Patch(
    why=(
        "vLLM exposes how long a request took, but not how long the forward pass of each step took on "
        "each rank, for which batch: a slow rank or a slow batch cannot be found"
    ),
    upstream=(
        "none: iteration details are logged by EngineCore and include scheduling and sampling; scopes "
        "(VLLM_CUSTOM_SCOPES_FOR_PROFILING) are only seen by a profiler, without the batch"
    ),
    drop_when="the worker exposes each step's forward time per rank together with the step's batch",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_profile"),
        InsertBefore(
            inside=_EXECUTE_MODEL,
            anchor="if self.execute_model_state is not None: $$refuse",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.forward.step_begins(scheduler_output)
            """,
        ),
        InsertBefore(
            inside=_EXECUTE_MODEL,
            anchor=_FORWARD,
            code="""
                if wheelwright_profile.on:
                    forward_begun = wheelwright_profile.forward.begins()
            """,
        ),
        InsertAfter(
            inside=_EXECUTE_MODEL,
            anchor=_FORWARD,
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.forward.ends(
                        forward_begun, self, scheduler_output, num_tokens_padded
                    )
            """,
        ),
    ],
)
