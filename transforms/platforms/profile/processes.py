"""Say which process of the engine a stream is of, and lose nothing of it at an orderly end."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_CORE = "vllm.v1.engine.core"
_LLM_ENGINE = "vllm.v1.engine.llm_engine"
_WORKER = "vllm.v1.worker.worker_base"
_IMPORT = "from vllm import wheelwright_profile"
_ENDS = """
    if wheelwright_profile.on:
        wheelwright_profile.processes.ends()
"""

PATCH = Patch(
    why=(
        "all streams of a session are named after the same role, so nobody can tell EngineCore's from a "
        "worker's of which rank; and a process that shuts down loses the rows since its last flush: "
        "EngineCore and workers end without `atexit`"
    ),
    upstream="none: it is about the recorder that this platform adds",
    drop_when="the profile platform is dropped",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_CORE, code=_IMPORT),
        InsertAfter(
            inside=f"{_CORE}.EngineCoreProc.run_engine_core",
            anchor="maybe_register_config_serialize_by_value()",
            code="""

                if wheelwright_profile.on:
                    wheelwright_profile.processes.engine_core(
                        kwargs["vllm_config"].parallel_config, dp_rank
                    )
            """,
        ),
        # With data parallelism on Ray, EngineCore is an actor.
        InsertBefore(
            inside=f"{_CORE}.EngineCoreActorMixin.__init__",
            anchor="self.addresses = addresses",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.processes.engine_core(
                        vllm_config.parallel_config, dp_rank
                    )
            """,
        ),
        # In front of what may hang until the process is killed.
        InsertBefore(
            inside=f"{_CORE}.EngineCore.shutdown",
            anchor="self.structured_output_manager.clear_backend()",
            code=_ENDS,
        ),
        # The front end's process says so, because EngineCore and a worker may be in it, too. (AsyncLLM's
        # never has them: there the default does.)
        AddImport(inside=_LLM_ENGINE, code=_IMPORT),
        InsertBefore(
            inside=f"{_LLM_ENGINE}.LLMEngine.__init__",
            anchor="self.vllm_config = vllm_config",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.processes.front_end()
            """,
        ),
        # Every kind of worker is a WorkerBase, and every executor ends it through its wrapper (except Ray's,
        # which kills its actors).
        AddImport(inside=_WORKER, code=_IMPORT),
        InsertAfter(
            inside=f"{_WORKER}.WorkerBase.__init__",
            anchor="self.rank = rank",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.processes.worker(vllm_config.parallel_config, rank)
            """,
        ),
        InsertBefore(
            inside=f"{_WORKER}.WorkerWrapperBase.shutdown",
            anchor="if self.worker is not None: $$shut_down",
            code=_ENDS,
        ),
    ],
)
