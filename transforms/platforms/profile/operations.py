"""Time what the engine's processes do on the CPU between two forward passes."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_CORE = "vllm.v1.engine.core"
_ASYNC_LLM = "vllm.v1.engine.async_llm"
_WORKER = "vllm.v1.worker.gpu_worker"
_CLASSIC = "vllm.v1.worker.gpu_model_runner"
_V2 = "vllm.v1.worker.gpu.model_runner"
_IMPORT = "from vllm import wheelwright_profile"
_STARTED = """
    if wheelwright_profile.on:
        operation_started = wheelwright_profile.operations.started()
"""


def _done(operation: str, more: str = "") -> str:
    return f"""
        if wheelwright_profile.on:
            wheelwright_profile.operations.done(
                "{operation}", operation_started{more}
            )
    """


def _around(
    place: tuple[str, str], operation: str, *, until: str = "", more: str = "", versions: str = ""
) -> list[InsertBefore | InsertAfter]:
    """Time one statement of a function, or all up to the statement `until`, which is not timed."""
    inside, anchor = place
    done = _done(operation, more)
    return [
        InsertBefore(inside=inside, anchor=anchor, code=_STARTED, versions=versions),
        InsertBefore(inside=inside, anchor=until, code=done, versions=versions)
        if until
        else InsertAfter(inside=inside, anchor=anchor, code=done, versions=versions),
    ]


PATCH = Patch(
    why=(
        "when the device waits for the CPU nobody can tell what the CPU does: vLLM's scopes are empty "
        "unless a profiler is attached, and there are none around the wait for the workers, the "
        "update of their states, the preparation of inputs and the API server's output processing"
    ),
    upstream=(
        "none: with VLLM_CUSTOM_SCOPES_FOR_PROFILING or VLLM_NVTX_SCOPES_FOR_PROFILING the scopes are for "
        "torch.profiler and Nsight, which record what a production server cannot afford"
    ),
    drop_when="record_function_or_nullcontext() takes a factory of scopes, and vLLM's scopes cover these calls",
    versions=">=0.14.1",
    edits=[
        # Every scope that vLLM has by name: the factory is chosen once in a process.
        AddImport(inside="vllm.v1.utils", code=_IMPORT),
        InsertBefore(
            inside="vllm.v1.utils.record_function_or_nullcontext",
            anchor="_PROFILER_FUNC = func",
            code="""
                if wheelwright_profile.on:
                    func = wheelwright_profile.operations.scopes(func)
            """,
        ),
        # EngineCore, from the call of the workers to their output.
        AddImport(inside=_CORE, code=_IMPORT),
        *_around(
            (
                f"{_CORE}.EngineCore.step",
                "future = self.model_executor.execute_model(scheduler_output, non_block=True)",
            ),
            "engine_core: execute_model",
            until="self._process_aborts_queue()",
        ),
        # With several batches in flight the output is of an earlier step than the last one scheduled.
        *_around(
            (f"{_CORE}.EngineCore.step_with_batch_queue", "model_output = future.result()"),
            "engine_core: wait_for_output",
            until="self._process_aborts_queue()",
            more=", step_of=scheduler_output",
        ),
        # The API server. (To add a request may wait for other tasks of its event loop, and includes them.)
        AddImport(inside=_ASYNC_LLM, code=_IMPORT),
        *_around(
            (
                f"{_ASYNC_LLM}.AsyncLLM._add_request",
                "self.output_processor.add_request(request, prompt, parent_req, index, queue)",
            ),
            "async_llm: add_request",
            until="if self.log_requests: $$say",
        ),
        *_around(
            (
                f"{_ASYNC_LLM}.AsyncLLM._run_output_handler",
                "processed_outputs = output_processor.process_outputs($$arguments)",
            ),
            "async_llm: process_outputs",
            more=', context=f"{len(outputs_slice)} outputs"',
        ),
        # Workers of both model runners.
        AddImport(inside=_WORKER, code=_IMPORT),
        InsertBefore(
            inside=f"{_WORKER}.Worker.sample_tokens",
            anchor="return self.model_runner.sample_tokens(grammar_output)",
            code="""
                if wheelwright_profile.on:
                    operation_started = wheelwright_profile.operations.started()
                    output = self.model_runner.sample_tokens(grammar_output)
                    wheelwright_profile.operations.done(
                        "gpu_model_runner: sample_tokens", operation_started
                    )
                    return output
            """,
        ),
        AddImport(inside=_CLASSIC, code=_IMPORT),
        *_around(
            (f"{_CLASSIC}.GPUModelRunner.execute_model", "self._update_states(scheduler_output)"),
            "gpu_model_runner: update_states",
            versions="<0.19",
        ),
        *_around(
            (
                f"{_CLASSIC}.GPUModelRunner.execute_model",
                "deferred_state_corrections_fn = self._update_states(scheduler_output)",
            ),
            "gpu_model_runner: update_states",
            versions=">=0.19",
        ),
        *_around(
            (
                f"{_CLASSIC}.GPUModelRunner.execute_model",
                "$inputs = self._prepare_inputs($$arguments)",
            ),
            "gpu_model_runner: prepare_inputs",
        ),
        AddImport(inside=_V2, code=_IMPORT),
        *_around(
            (f"{_V2}.GPUModelRunner.execute_model", "self.free_states(scheduler_output)"),
            "gpu_model_runner: update_requests",
            until="if scheduler_output.total_num_scheduled_tokens == 0: $$skip",
            versions=">=0.16",
        ),
        *_around(
            (
                f"{_V2}.GPUModelRunner.execute_model",
                "input_batch = self.prepare_inputs($$arguments)",
            ),
            "gpu_model_runner: prepare_inputs",
        ),
    ],
)
