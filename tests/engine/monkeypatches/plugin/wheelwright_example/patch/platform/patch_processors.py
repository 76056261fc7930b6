"""The main process tells what it is asked, and what it answers."""

from vllm.v1.engine.input_processor import InputProcessor
from vllm.v1.engine.output_processor import OutputProcessor, RequestState

from wheelwright_example.recorder import record

_process_inputs = InputProcessor.process_inputs


def process_inputs(self, *args, **kwargs):
    record("InputProcessor.process_inputs")
    return _process_inputs(self, *args, **kwargs)


def has_unfinished_requests(self):
    record("OutputProcessor.has_unfinished_requests")
    return len(self.request_states) > 0


# Wrap the original; replace a method; insert an attribute on a class.
InputProcessor.process_inputs = process_inputs
OutputProcessor.has_unfinished_requests = has_unfinished_requests
RequestState.example_label = "example"
