"""Fit the size of prefill chunks to measured times, in every EngineCore."""

from transforms.edits import Patch, WrapFunction

PATCH = Patch(
    why=(
        "vllm-ascend's profiling_chunk_config measures chunks after EngineCore has started and in each step. For that "
        "it wraps EngineCore.__init__, and run_engine_core to have its module imported in spawned processes: a chain "
        "that three patches hang on, in the order of their imports. It acts with vllm-ascend's scheduler only."
    ),
    upstream="none: EngineCore has no hook for a backend that profiles, nor for the times of steps",
    drop_when="EngineCore calls the scheduler once it has an executor, and with the time of each step",
    versions=">=0.23",
    replaces=(
        "vllm.v1.engine.core:EngineCore.__init__",
        "vllm.v1.engine.core:EngineCoreProc.run_engine_core",
    ),
    edits=[
        WrapFunction(
            inside="vllm.v1.engine.core.EngineCore.__init__",
            around="""
                import sys

                # The plugin's module wraps this one itself, and then does all that. What happens
                # below may import it, too late for this call.
                plugin_profiles = "vllm_ascend.patch.platform.patch_profiling_chunk" in sys.modules
                $call
                if hasattr(self.scheduler, "run_profiling_chunk_init") and not plugin_profiles:
                    logger.info("[ProfilingChunk] Running profiling initialization...")
                    self.scheduler.run_profiling_chunk_init(self.model_executor)

                    from vllm_ascend.patch.platform.patch_profiling_chunk import (
                        _ensure_schedule_wrapped,
                        _ensure_update_from_output_wrapped,
                    )

                    _ensure_update_from_output_wrapped(self.scheduler)
                    _ensure_schedule_wrapped(self.scheduler)
            """,
        ),
    ],
)
