"""An engine has one backend for structured outputs, and says so to a request for another."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.structured_output_backend import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

PARAMS = "vllm.sampling_params"
MANAGER = "vllm.v1.structured_output"
VALIDATE = """
class SamplingParams:
    def _validate_structured_outputs(self{model_config}, structured_outputs_config, tokenizer):
        if structured_outputs_config is None or self.structured_outputs is None:
            return
        self.structured_outputs._backend = self.resolved
"""
RELEASES = {
    "0.23.0": VALIDATE.format(model_config=""),
    "0.25.1": VALIDATE.format(model_config=", model_config"),
}
GRAMMAR = """
class StructuredOutputManager:
    backend = None

    def grammar_init(self, request):
        if request.structured_output_request is None:
            return
        if self.backend is None:
            self.backend = self.make(request.sampling_params.structured_outputs._backend)
        self.compiled.append(request.name)
"""


class _ValidationError(ValueError):
    pass


@pytest.fixture(autouse=True)
def _errors(on: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    del on
    errors = ModuleType("vllm.exceptions")
    vars(errors)["VLLMValidationError"] = _ValidationError
    monkeypatch.setitem(sys.modules, errors.__name__, errors)


def _validate(release: str, config: object, *backends: str | None, plugins: str = "") -> list[str]:
    """Validate one request after the other, and give those that are let through."""
    names = run(patched(PATCH, release, PARAMS, RELEASES[release]) + plugins)
    given = {"structured_outputs_config": config, "tokenizer": None}
    if release != "0.23.0":
        given["model_config"] = None
    through = []
    for backend in backends:
        params = names.SamplingParams()
        params.resolved = backend
        params.structured_outputs = SimpleNamespace(_backend=None) if backend else None
        try:
            params._validate_structured_outputs(**given)
        except _ValidationError as error:
            assert f"resolved to '{backend}'" in str(error)  # noqa: PT017 - one of several
        else:
            through.append(str(backend))
    return through


def _request(name: str, backend: str | None) -> SimpleNamespace:
    return SimpleNamespace(
        name=name,
        structured_output_request=None if backend is None else object(),
        sampling_params=SimpleNamespace(structured_outputs=SimpleNamespace(_backend=backend)),
    )


@pytest.mark.parametrize("release", ["0.22.1", "0.26.0", "0.33.0"])
def test_releases_before_and_those_that_survive_it_are_left_alone(release: str) -> None:
    assert status_on(PATCH, release) is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
def test_the_first_request_of_a_configuration_decides(release: str) -> None:
    config = SimpleNamespace(backend="auto")
    asked = ("xgrammar", None, "guidance", "xgrammar")
    assert _validate(release, config, *asked) == ["xgrammar", "None", "xgrammar"]
    assert _validate(release, config, "guidance") == []
    assert _validate(release, SimpleNamespace(), "guidance") == ["guidance"]
    assert _validate(release, None, "guidance", "xgrammar") == ["guidance", "xgrammar"]


@pytest.mark.parametrize("release", RELEASES)
def test_the_manager_refuses_before_its_backend_compiles(release: str) -> None:
    manager = run(patched(PATCH, release, MANAGER, GRAMMAR)).StructuredOutputManager()
    manager.compiled, manager.make = [], str
    manager.grammar_init(_request("a", None))
    manager.grammar_init(_request("b", "xgrammar"))
    with pytest.raises(_ValidationError, match="already using 'xgrammar'"):
        manager.grammar_init(_request("c", "guidance"))
    manager.grammar_init(_request("d", "xgrammar"))
    assert manager.compiled == ["b", "d"]


def test_a_backend_that_is_there_counts_even_if_its_first_grammar_failed() -> None:
    manager = run(patched(PATCH, "0.23.0", MANAGER, GRAMMAR)).StructuredOutputManager()
    manager.make = str
    with pytest.raises(AttributeError, match="compiled"):
        manager.grammar_init(_request("a", "xgrammar"))
    manager.compiled = []
    with pytest.raises(_ValidationError):
        manager.grammar_init(_request("b", "guidance"))


def test_a_backend_that_could_not_be_made_does_not_count() -> None:
    manager = run(patched(PATCH, "0.23.0", MANAGER, GRAMMAR)).StructuredOutputManager()
    manager.compiled = []
    with pytest.raises(AttributeError, match="make"):
        manager.grammar_init(_request("a", "xgrammar"))
    manager.make = str
    manager.grammar_init(_request("b", "guidance"))
    assert manager.compiled == ["b"]


def test_other_devices_are_as_before(on: Callable[[str], None]) -> None:
    on("cuda")
    config = SimpleNamespace()
    assert _validate("0.23.0", config, "xgrammar", "guidance") == ["xgrammar", "guidance"]
    assert vars(config) == {}
    manager = run(patched(PATCH, "0.23.0", MANAGER, GRAMMAR)).StructuredOutputManager()
    manager.compiled, manager.make = [], str
    manager.grammar_init(_request("a", "xgrammar"))
    manager.grammar_init(_request("b", "guidance"))
    assert manager.compiled == ["a", "b"]
    assert set(vars(manager)) == {"compiled", "make", "backend"}


# As the plugin's own: what it remembers has another name.
PLUGINS = """
def remembering(inner, subject, chosen):
    def wrapped(self, *args, **kwargs):
        result = inner(self, *args, **kwargs)
        owner, backend = subject(self, *args, **kwargs), chosen(self, *args)
        first = getattr(owner, "_vllm_ascend_structured_output_backend", None)
        if backend is not None and first not in (None, backend):
            raise AssertionError("the compiled one has let it through")
        if backend is not None:
            owner._vllm_ascend_structured_output_backend = backend
        return result
    return wrapped
"""
OF_PARAMS = """
SamplingParams._validate_structured_outputs = remembering(
    SamplingParams._validate_structured_outputs,
    lambda self, *args, **kwargs: kwargs["structured_outputs_config"],
    lambda self, *args: getattr(self.structured_outputs, "_backend", None),
)
"""
OF_MANAGER = """
StructuredOutputManager.grammar_init = remembering(
    StructuredOutputManager.grammar_init,
    lambda self, request: self,
    lambda self, request: request.sampling_params.structured_outputs._backend,
)
"""


def test_a_plugin_that_wraps_both_as_well_lets_the_same_through() -> None:
    config = SimpleNamespace(backend="auto")
    asked = ("xgrammar", None, "guidance", "xgrammar")
    plugins = PLUGINS + OF_PARAMS
    assert _validate("0.23.0", config, *asked, plugins=plugins) == ["xgrammar", "None", "xgrammar"]
    text = patched(PATCH, "0.23.0", MANAGER, GRAMMAR) + PLUGINS + OF_MANAGER
    manager = run(text).StructuredOutputManager()
    manager.compiled, manager.make = [], str
    for name, backend in (("a", None), ("b", "xgrammar"), ("d", "xgrammar")):
        manager.grammar_init(_request(name, backend))
    with pytest.raises(_ValidationError, match="already using 'xgrammar'"):
        manager.grammar_init(_request("c", "guidance"))
    assert manager.compiled == ["b", "d"]
