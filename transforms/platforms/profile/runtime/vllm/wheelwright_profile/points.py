# SPDX-License-Identifier: Apache-2.0
"""Every point that is compiled in: where, in which process, and when it fires or does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point.

    Attributes:
        name: as `recording.fired` counts it.
        patch: the patch that compiles it in.
        target: the function of vLLM that it stands in.
        process: which processes pass it: `main`, `engine_core`, `worker`.
        fires_when: what makes it fire.
        silent_when: when it is normal that it never fires; empty where it is not.
    """

    name: str
    patch: str
    target: str
    process: str
    fires_when: str
    silent_when: str = ""


_SCHEDULER = "vllm.v1.core.sched.scheduler.Scheduler"
_CORE = "vllm.v1.engine.core"
_ASYNC_LLM = "vllm.v1.engine.async_llm.AsyncLLM"
_CLASSIC = "vllm.v1.worker.gpu_model_runner.GPUModelRunner"
_V2 = "vllm.v1.worker.gpu.model_runner.GPUModelRunner"
_BLOCK_POOL = "vllm.v1.core.block_pool.BlockPool"

POINTS: tuple[Point, ...] = (
    # The scheduler, its requests and blocks: of the engine's core.
    Point(
        name="step_id.schedule",
        patch="step_id",
        target=f"{_SCHEDULER}.schedule",
        process="engine_core",
        fires_when="a step is scheduled",
    ),
    Point(
        name="scheduler.schedule",
        patch="scheduler",
        target=f"{_SCHEDULER}.schedule",
        process="engine_core",
        fires_when="a step is scheduled",
    ),
    Point(
        name="scheduler.update_from_output",
        patch="scheduler",
        target=f"{_SCHEDULER}.update_from_output",
        process="engine_core",
        fires_when="a step's results are there",
    ),
    Point(
        name="requests.added",
        patch="requests",
        target=f"{_SCHEDULER}.add_request",
        process="engine_core",
        fires_when="a request comes",
    ),
    Point(
        name="requests.scheduled",
        patch="requests",
        target=f"{_SCHEDULER}.schedule",
        process="engine_core",
        fires_when="a request is let in",
    ),
    Point(
        name="requests.preempted",
        patch="requests",
        target=f"{_SCHEDULER}.schedule",
        process="engine_core",
        fires_when="a request loses its blocks to another, or by a reset of the prefix cache",
        silent_when="the KV cache has room for all requests that run",
    ),
    Point(
        name="requests.resumed",
        patch="requests",
        target=f"{_SCHEDULER}.schedule",
        process="engine_core",
        fires_when="a preempted request is let in again",
        silent_when="no request was preempted",
    ),
    Point(
        name="requests.finished",
        patch="requests",
        target=f"{_SCHEDULER}._free_request",
        process="engine_core",
        fires_when="a request ends, however it does",
    ),
    Point(
        name="block_pool.allocated",
        patch="block_pool",
        target=f"{_BLOCK_POOL}.get_new_blocks",
        process="engine_core",
        fires_when="a request needs blocks",
        silent_when="the model has no KV cache",
    ),
    Point(
        name="block_pool.reused",
        patch="block_pool",
        target=f"{_BLOCK_POOL}.touch",
        process="engine_core",
        fires_when="the prefix cache has what a request begins with, and no other request uses it",
        silent_when="prompts have no beginning in common, or prefix caching is off",
    ),
    Point(
        name="block_pool.freed",
        patch="block_pool",
        target=f"{_BLOCK_POOL}.free_blocks",
        process="engine_core",
        fires_when="a request ends or is preempted",
        silent_when="the model has no KV cache",
    ),
    Point(
        name="block_pool.evicted",
        patch="block_pool",
        target=f"{_BLOCK_POOL}._maybe_evict_cached_block",
        process="engine_core",
        fires_when="a block's cached content makes room for another's",
        silent_when="the KV cache was never full, or prefix caching is off",
    ),
    # The worker: processes, operations, forward passes, encoders.
    Point(
        name="processes.front_end",
        patch="processes",
        target="vllm.v1.engine.llm_engine.LLMEngine.__init__",
        process="main",
        fires_when="an `LLM` is made",
        silent_when="the API server runs, whose process is `main` by default",
    ),
    Point(
        name="processes.engine_core",
        patch="processes",
        target=f"{_CORE}.EngineCoreProc.run_engine_core",
        process="engine_core",
        fires_when="EngineCore's process begins",
        silent_when="EngineCore is in another's process (VLLM_ENABLE_V1_MULTIPROCESSING=0)",
    ),
    Point(
        name="processes.worker",
        patch="processes",
        target="vllm.v1.worker.worker_base.WorkerBase.__init__",
        process="worker",
        fires_when="a worker is made; in EngineCore's process where there is only one",
    ),
    Point(
        name="processes.ends",
        patch="processes",
        target=f"{_CORE}.EngineCore.shutdown, vllm.v1.worker.worker_base.WorkerWrapperBase.shutdown",
        process="engine_core",
        fires_when="EngineCore or a worker shuts down",
        silent_when="the engine still runs, or its processes were killed",
    ),
    Point(
        name="operations.scope",
        patch="operations",
        target="vllm.v1.utils.record_function_or_nullcontext",
        process="engine_core",
        fires_when="one of vLLM's own scopes ends, in any process",
    ),
    Point(
        name="operations.engine_core: execute_model",
        patch="operations",
        target=f"{_CORE}.EngineCore.step",
        process="engine_core",
        fires_when="a step was run, one at a time",
        silent_when="steps overlap: asynchronous scheduling or pipeline parallelism",
    ),
    Point(
        name="operations.engine_core: wait_for_output",
        patch="operations",
        target=f"{_CORE}.EngineCore.step_with_batch_queue",
        process="engine_core",
        fires_when="EngineCore has waited for the output of a step",
        silent_when="steps do not overlap: neither asynchronous scheduling nor pipeline parallelism",
    ),
    Point(
        name="operations.async_llm: add_request",
        patch="operations",
        target=f"{_ASYNC_LLM}._add_request",
        process="main",
        fires_when="the API server sends a request to EngineCore",
        silent_when="the front end is `LLM`",
    ),
    Point(
        name="operations.async_llm: process_outputs",
        patch="operations",
        target=f"{_ASYNC_LLM}._run_output_handler",
        process="main",
        fires_when="the API server has outputs of a step",
        silent_when="the front end is `LLM`",
    ),
    Point(
        name="operations.gpu_model_runner: update_states",
        patch="operations",
        target=f"{_CLASSIC}.execute_model",
        process="worker",
        fires_when="the classic model runner begins a step",
        silent_when="model runner V2 runs",
    ),
    Point(
        name="operations.gpu_model_runner: update_requests",
        patch="operations",
        target=f"{_V2}.execute_model",
        process="worker",
        fires_when="model runner V2 begins a step",
        silent_when="the classic model runner runs",
    ),
    Point(
        name="operations.gpu_model_runner: prepare_inputs",
        patch="operations",
        target=f"{_CLASSIC}.execute_model, {_V2}.execute_model",
        process="worker",
        fires_when="either model runner has a batch to run",
    ),
    Point(
        name="operations.gpu_model_runner: sample_tokens",
        patch="operations",
        target="vllm.v1.worker.gpu_worker.Worker.sample_tokens",
        process="worker",
        fires_when="either model runner has run a batch",
        silent_when="the model pools, and samples no tokens",
    ),
    Point(
        name="forward.ends",
        patch="forward",
        target=f"{_CLASSIC}.execute_model",
        process="worker",
        fires_when="the classic model runner has run a batch",
        silent_when="model runner V2 runs",
    ),
    Point(
        name="forward_v2.ends",
        patch="forward_v2",
        target=f"{_V2}.execute_model",
        process="worker",
        fires_when="model runner V2 has run a batch",
        silent_when="the classic model runner runs",
    ),
    Point(
        name="encoder.ends",
        patch="encoder",
        target=f"{_CLASSIC}._execute_mm_encoder",
        process="worker",
        fires_when="the classic model runner has encoded images, sounds or the like",
        silent_when="the model has no encoder, no request needs it, or model runner V2 runs",
    ),
    Point(
        name="encoder.ends_v2",
        patch="encoder",
        target="vllm.v1.worker.gpu.mm.encoder_runner.EncoderRunner.execute_mm_encoder",
        process="worker",
        fires_when="model runner V2 has encoded images, sounds or the like",
        silent_when="the model has no encoder, no request needs it, or the classic model runner runs",
    ),
    # Experts and graphs: of the worker, too.
    Point(
        name="experts.selected",
        patch="experts",
        target=(
            "vllm.model_executor.layers.fused_moe.runner.moe_runner.MoERunner._apply_quant_method"
        ),
        process="worker",
        fires_when="a layer's experts are selected for a batch; not at each replay of a graph",
        silent_when=(
            "the model is dense; torch.compile traces the layers (on the CPU, without enforce_eager); "
            "or the kernels select the experts themselves (monolithic ones)"
        ),
    ),
    Point(
        name="graphs.captured",
        patch="cuda_graphs",
        target="vllm.compilation.cuda_graph.CUDAGraphWrapper.__call__",
        process="worker",
        fires_when="a CUDA graph was captured, when the engine starts",
        silent_when="enforce_eager, cudagraph_mode NONE, or a platform without CUDA graphs (the CPU)",
    ),
    Point(
        name="graphs.replayed",
        patch="cuda_graphs",
        target="vllm.compilation.cuda_graph.CUDAGraphWrapper.__call__",
        process="worker",
        fires_when="a CUDA graph is replayed",
        silent_when=(
            "enforce_eager, cudagraph_mode NONE, a platform without CUDA graphs (the CPU), "
            "or all batches are larger than the graphs"
        ),
    ),
)
