"""Requests that reach their limit say that they have stopped, as an older API did."""

from vllm.v1 import request
from vllm.v1.engine import FinishReason
from vllm.v1.request import Request, RequestStatus

from wheelwright_example.recorder import record


def get_skip_reading_prefix_cache(self):
    record("Request.get_skip_reading_prefix_cache")
    if (
        self.sampling_params is not None
        and self.sampling_params.skip_reading_prefix_cache is not None
    ):
        return self.sampling_params.skip_reading_prefix_cache
    return False


@property
def num_output_tokens(self):
    record("Request.num_output_tokens")
    return len(self._output_token_ids)


# Replace a method; property; registry entry.
Request.get_skip_reading_prefix_cache = get_skip_reading_prefix_cache
Request.num_output_tokens = num_output_tokens
request._FINISHED_REASON_MAP[RequestStatus.FINISHED_LENGTH_CAPPED] = FinishReason.STOP
