"""Which requests for structured outputs are let through?"""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

from vllm.config import StructuredOutputsConfig
from vllm.sampling_params import SamplingParams, StructuredOutputsParams
from vllm.v1 import structured_output

PATCHES = ("platform.patch_structured_output",)
_FIELDS = "vllm.v1.structured_output"
_SERIES = ("xgx", "gxg", "xx", "gg", "nxng", "x")


def probe() -> dict[str, list[str]]:
    """Send series of requests: for xgrammar, for guidance, without structure."""
    answers = {}
    for series in _SERIES:
        config = StructuredOutputsConfig(backend="auto")
        answers[f"front end {series}"] = [_validated(config, kind) for kind in series]
        answers[f"engine {series}"] = _engine(series)
    return answers


def _validated(config: StructuredOutputsConfig, kind: str) -> str:
    params = SamplingParams()
    if kind != "n":
        params.structured_outputs = StructuredOutputsParams(json="{}")
    with (
        mock.patch(
            f"{_FIELDS}.backend_xgrammar.validate_xgrammar_grammar",
            side_effect=ValueError("not for xgrammar") if kind == "g" else None,
        ),
        mock.patch(f"{_FIELDS}.backend_guidance.validate_guidance_grammar"),
        mock.patch("vllm.sampling_params._get_llg_tokenizer"),
    ):
        try:
            params._validate_structured_outputs(config, object())
        except ValueError as error:
            return f"{type(error).__name__}: {error}"
    return str(params.structured_outputs and params.structured_outputs._backend)


def _engine(series: str) -> list[str]:
    compiled: list[str] = []

    class XgrammarBackend:
        def __init__(self, *_: object, **__: object) -> None: ...

    class GuidanceBackend(XgrammarBackend): ...

    manager = structured_output.StructuredOutputManager.__new__(
        structured_output.StructuredOutputManager
    )
    manager.backend = None
    manager._use_async_grammar_compilation = False
    manager.tokenizer = None
    manager.vllm_config = mock.Mock()
    manager._create_grammar = lambda _: compiled.append(type(manager.backend).__name__)
    names = {"x": "xgrammar", "g": "guidance"}
    with (
        mock.patch.object(structured_output, "XgrammarBackend", XgrammarBackend),
        mock.patch.object(structured_output, "GuidanceBackend", GuidanceBackend),
    ):
        for kind in series:
            request = SimpleNamespace(
                structured_output_request=None if kind == "n" else SimpleNamespace(),
                sampling_params=SimpleNamespace(
                    structured_outputs=SimpleNamespace(_backend=names.get(kind))
                ),
            )
            try:
                manager.grammar_init(request)
            except ValueError as error:
                compiled.append(f"{type(error).__name__}: {error}")
    return compiled
