"""EngineCore tells when it begins, and waits longer for its peers."""

from functools import wraps

from vllm.v1.engine import core
from vllm.v1.engine.core import EngineCore, EngineCoreProc

from wheelwright_example.recorder import record

_original_init = EngineCore.__init__
_original_run_engine_core = EngineCoreProc.run_engine_core

# Constant.
core.HANDSHAKE_TIMEOUT_MINS = 7


def _init(self, *args, **kwargs):
    record(f"EngineCore.__init__, {core.HANDSHAKE_TIMEOUT_MINS} minutes")
    _original_init(self, *args, **kwargs)


def _run_engine_core(*args, **kwargs):
    record("EngineCoreProc.run_engine_core")
    return _original_run_engine_core(*args, **kwargs)


# Wrap the original.
EngineCore.__init__ = _init
# `spawn` sends the function by its name: without `wraps` the engine would not start at all.
EngineCoreProc.run_engine_core = staticmethod(wraps(_original_run_engine_core)(_run_engine_core))
