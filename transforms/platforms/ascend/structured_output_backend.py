"""Refuse a request that needs another backend for structured outputs than the engine has."""

from transforms.edits import Patch, WrapFunction

_IMPORTS = """
from vllm.exceptions import VLLMValidationError
from vllm.platforms import current_platform
"""
_REFUSE = """
if first not in (None, backend):
    raise VLLMValidationError(
        "V1 structured outputs only supports one backend per engine. "
        f"The engine is already using '{first}', but this request resolved to '{backend}'. "
        "Configure `structured_outputs_config.backend` explicitly or use schemas supported by "
        "the initialized backend."
    )
"""
_VALIDATE = """
backend = getattr(self.structured_outputs, "_backend", None)
if (
    current_platform.device_type != "npu"
    or structured_outputs_config is None
    or not isinstance(backend, str)
):
    return result
first = getattr(structured_outputs_config, "_first_backend", None)
"""
_GRAMMAR = """
structured_outputs = getattr(request.sampling_params, "structured_outputs", None)
backend = getattr(structured_outputs, "_backend", None)
if (
    current_platform.device_type != "npu"
    or request.structured_output_request is None
    or not isinstance(backend, str)
):
    return $call
first = getattr(self, "_first_backend", None)
"""

PATCH = Patch(
    why=(
        "With the backend `auto` each request chooses one, but the engine keeps the first: a later request for "
        "`guidance` reaches `xgrammar`, whose compiler raises, and EngineCore dies with all requests. On Ascend only: "
        "elsewhere upstream also serves requests that its first backend happens to understand."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/44401",
    drop_when="a grammar that does not compile fails its request, and not EngineCore",
    # So it is from 0.26 on. 0.33 refuses such a request as well, in grammar_init.
    versions=">=0.23,<0.26",
    replaces=(
        "vllm.sampling_params:SamplingParams._validate_structured_outputs",
        "vllm.sampling_params:SamplingParams._vllm_ascend_original_validate_structured_outputs",
        "vllm.v1.structured_output:StructuredOutputManager.grammar_init",
        "vllm.v1.structured_output:StructuredOutputManager._vllm_ascend_original_grammar_init",
    ),
    edits=[
        WrapFunction(
            inside="vllm.sampling_params.SamplingParams._validate_structured_outputs",
            after=f"{_IMPORTS}{_VALIDATE}{_REFUSE}structured_outputs_config._first_backend = backend",
        ),
        # Requests that no front end has validated.
        WrapFunction(
            inside="vllm.v1.structured_output.StructuredOutputManager.grammar_init",
            around=f"""{_IMPORTS}{_GRAMMAR}{_REFUSE}
try:
    return $call
finally:
    # The backend may be there, and its first grammar not.
    if self.backend is not None:
        self._first_backend = backend
""",
        ),
    ],
)
