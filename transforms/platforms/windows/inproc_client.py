"""Run the engine of `LLM` in the process that asks for it."""

from transforms.edits import AddImport, InsertBefore, Patch, Replace

_CLIENT = "vllm.v1.engine.core_client"
_ENGINE = "vllm.v1.engine.llm_engine"

PATCH = Patch(
    why=(
        "LLM(...) starts its engine in a process of its own: with spawn, Windows' only start method, a "
        'script without `if __name__ == "__main__"` starts itself again instead, and what cannot be '
        "pickled does not reach the engine"
    ),
    upstream="none: VLLM_ENABLE_V1_MULTIPROCESSING=0 does the same where a user knows of it",
    drop_when="make_client does not choose SyncMPClient where sys.platform is win32",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside=f"{_CLIENT}.EngineCoreClient.make_client",
            find="multiprocess_mode and not asyncio_mode",
            replace='multiprocess_mode and not asyncio_mode and sys.platform != "win32"',
        ),
        # LLMEngine, too, asks whether the engine is in its process, e.g. to give `model_executor`.
        AddImport(inside=_ENGINE, code="import sys"),
        InsertBefore(
            inside=f"{_ENGINE}.LLMEngine.__init__",
            anchor="parallel_config = vllm_config.parallel_config",
            code="""
                if sys.platform == "win32":
                    # As EngineCoreClient.make_client chooses.
                    multiprocess_mode = False
            """,
        ),
    ],
)
