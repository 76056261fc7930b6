"""Messages of any size are copied."""

from vllm import envs

from wheelwright_example.recorder import record


def zero_copy_threshold():
    record("VLLM_MSGPACK_ZERO_COPY_THRESHOLD")
    return 1 << 30


# Registry entry.
envs.environment_variables["VLLM_MSGPACK_ZERO_COPY_THRESHOLD"] = zero_copy_threshold
