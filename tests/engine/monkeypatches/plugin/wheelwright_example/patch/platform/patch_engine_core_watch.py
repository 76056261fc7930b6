"""Another patch of the same function: which comes first is a matter of imports."""

from functools import wraps

from vllm.v1.engine.core import EngineCoreProc

from wheelwright_example.recorder import record

_original = EngineCoreProc.run_engine_core


@wraps(_original)
def _watched(*args, **kwargs):
    record("EngineCoreProc.run_engine_core, watched")
    return _original(*args, **kwargs)


# Wrap the original, which is a wrap.
EngineCoreProc.run_engine_core = staticmethod(_watched)
