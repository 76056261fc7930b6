"""Let the ranks of data parallelism tell each other how many requests they run."""

from transforms.edits import InsertAfter, Patch

# vllm-ascend replaces EngineCoreProc.run_engine_core by a copy, to start a subclass of DPEngineCoreProc whose
# run_busy_loop is a copy with this one call in it. The copies lost the orderly shutdown, elastic expert
# parallelism, an engine id of its own for each rank of a KV connector, tracing, NUMA, and dense models.
PATCH = Patch(
    why=(
        "vllm-ascend's balance scheduling holds back prefills where other ranks are busy, for which they must "
        "gather their counts in each step, in EngineCore: a patch of the main process does not reach that. Any "
        "scheduler with a method balance_gather is asked; upstream's have none."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/29721",
    drop_when="DPEngineCoreProc.run_busy_loop has a hook for the scheduler in each step",
    versions=">=0.23",
    replaces=("vllm.v1.engine.core:EngineCoreProc.run_engine_core",),
    edits=[
        InsertAfter(
            inside="vllm.v1.engine.core.DPEngineCoreProc.run_busy_loop",
            anchor="self.engines_running = self._has_global_unfinished_reqs($unfinished)",
            code="""
                if hasattr(self.scheduler, "balance_gather"):
                    self.scheduler.balance_gather(self.dp_group)
            """,
        ),
    ],
)
