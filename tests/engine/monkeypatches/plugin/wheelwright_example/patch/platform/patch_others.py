"""What no edit of vLLM can be: fields of pydantic's, and what exists only when vLLM runs."""

import types

from vllm.config import SchedulerConfig
from vllm.model_executor.models import ModelRegistry
from vllm.v1.engine.llm_engine import LLMEngine
from vllm.v1.engine.output_processor import OutputProcessor

from wheelwright_example.recorder import record

_original_init = LLMEngine.__init__


def _update_scheduler_stats(self, scheduler_stats):
    record("OutputProcessor.update_scheduler_stats")
    self.lora_states.update_scheduler_stats(scheduler_stats)


def _step(engine):
    record("LLMEngine.step of an instance")
    return type(engine).step(engine)


def _init(self, *args, **kwargs):
    record("LLMEngine.__init__")
    _original_init(self, *args, **kwargs)
    # Call-time; instance.
    OutputProcessor.update_scheduler_stats = _update_scheduler_stats
    self.step = types.MethodType(_step, self)


def _get_supported_archs(self):
    record("ModelRegistry.get_supported_archs")
    return type(self).get_supported_archs(self)


LLMEngine.__init__ = _init
# Instance.
ModelRegistry.get_supported_archs = types.MethodType(_get_supported_archs, ModelRegistry)
# Pydantic field.
SchedulerConfig.__pydantic_fields__["max_num_seqs"].description = "as many as the example allows"
