"""Let any environment say what its vLLM carries, without this project: `python -m vllm.wheelwright`."""

from transforms.edits import AddModule, InsertAfter, InsertBefore, Patch, Replace

_CHECKS = (
    "__init__.py",
    "answering.py",
    "bytecode.py",
    "command_live.py",
    "comparing.py",
    "installed.py",
    "names.py",
)

PATCH = Patch(
    why="a patched vLLM looks like a stock one: nobody can tell from a crash report what was changed",
    upstream="none: it describes what upstream does not have",
    drop_when="vLLM itself reports the origin of its files",
    versions=">=0.9.2",
    edits=[
        AddModule(path="vllm/wheelwright.py"),
        AddModule(path="vllm/wheelwright_marks.py"),
        *(AddModule(path=f"vllm/wheelwright_checks/{name}") for name in _CHECKS),
        # In every process, before anything can be patched while it runs.
        InsertAfter(
            inside="vllm",
            anchor="from .version import __version__, __version_tuple__",
            code="""
                from vllm import wheelwright_checks

                wheelwright_checks.start()
            """,
        ),
        # Where people look first: vLLM's own report, and the first lines of its log.
        Replace(
            inside="vllm.collect_env.get_env_info",
            find="vllm_version = get_vllm_version()",
            replace="""
                from vllm.wheelwright import summary as wheelwright_summary

                vllm_version = f"{get_vllm_version()} ({wheelwright_summary()})"
            """,
        ),
        InsertBefore(
            inside="vllm.v1.engine.core.EngineCore.__init__",
            anchor="self.log_stats = log_stats",
            code="""
                from vllm.wheelwright import summary as wheelwright_summary

                logger.info("%s", wheelwright_summary())
            """,
        ),
    ],
)
