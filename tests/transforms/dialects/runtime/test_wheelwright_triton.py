"""The wheel's module `vllm.wheelwright_triton`, as far as it needs no Triton.

That its kernels are right is proven with Triton: tests/triton/test_stand_ins.py.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import transforms.dialects
from transforms.rules.triton.dialect import TRITON_3_1

FILE = Path(transforms.dialects.__path__[0]) / "runtime" / "vllm" / "wheelwright_triton.py"
CANNOT = {"dot_scaled": "3.2", "hip_round": "3.4", "make_tensor_descriptor": "3.4"}


def load(monkeypatch: pytest.MonkeyPatch, language: object, **of_triton: object) -> ModuleType:
    """Load the module beside a `vllm.triton_utils` that has these."""
    utilities = ModuleType("vllm.triton_utils")
    triton = SimpleNamespace(jit=lambda function: function, __version__="3.1.0", **of_triton)
    utilities.__dict__.update(tl=language, triton=triton)
    monkeypatch.setitem(sys.modules, "vllm", ModuleType("vllm"))
    monkeypatch.setitem(sys.modules, "vllm.triton_utils", utilities)
    spec = importlib.util.spec_from_file_location("vllm.wheelwright_triton", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def language_with(*paths: str) -> SimpleNamespace:
    """Make a `triton.language` that has some dotted names, each an object of its own."""
    language = SimpleNamespace(constexpr=None)
    for path in paths:
        *above, last = path.split(".")
        place = language
        for part in above:
            place = vars(place).setdefault(part, SimpleNamespace())
        setattr(place, last, object())
    return language


def found(language: object, path: str) -> object:
    for part in path.split("."):
        language = getattr(language, part)
    return language


@pytest.mark.parametrize("constexpr", [None, lambda value: value])
def test_it_imports_beside_the_placeholders_of_a_machine_without_triton(
    monkeypatch: pytest.MonkeyPatch, constexpr: object
) -> None:
    module = load(monkeypatch, SimpleNamespace(constexpr=constexpr, dtype=None))
    assert module.HAS_PDL is False
    assert callable(module.gather)


@pytest.mark.parametrize("dotted", TRITON_3_1.names)
def test_a_name_of_the_dialect_is_tritons_own_object_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, dotted: str
) -> None:
    path = dotted.removeprefix("triton.language.")
    language = language_with(path)
    module = load(monkeypatch, language)
    assert getattr(module, TRITON_3_1.names[dotted]) is found(language, path)


@pytest.mark.parametrize("name", TRITON_3_1.names.values())
def test_and_something_that_can_be_called_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert callable(getattr(load(monkeypatch, language_with()), name))


def test_tritons_object_is_the_one_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    language = language_with("gather")
    module = load(monkeypatch, language)
    language.gather = exchanged = object()
    assert module.gather is exchanged


@pytest.mark.parametrize(("name", "since"), CANNOT.items())
def test_what_nothing_stands_in_for_says_so_when_it_is_called(
    monkeypatch: pytest.MonkeyPatch, name: str, since: str
) -> None:
    missing = getattr(load(monkeypatch, language_with()), name)
    says = rf"needs Triton {since} or later; this is Triton 3\.1\.0"
    with pytest.raises(NotImplementedError, match=says):
        missing(object(), shape=[1], _builder=object())


@pytest.mark.parametrize("name", CANNOT)
def test_a_launch_of_triton_3_1_takes_it_for_tritons_own(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    missing = getattr(load(monkeypatch, language_with()), name)
    assert missing.__module__.startswith("triton")
    assert missing.__triton_builtin__ is True
    assert missing.__name__


def test_a_pointer_type_takes_the_type_out_of_a_constexpr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the language of 3.1 is: its sums take no `dtype`, its pointer types no constexpr."""
    language = language_with()
    language.pointer_type, language.sum = (lambda *given: given), (lambda _input: None)
    made = load(monkeypatch, language).pointer_type
    assert made(SimpleNamespace(value="int32"), _builder=object()) == ("int32",)
    assert made("int32", 1) == ("int32", 1)
    assert made.__triton_builtin__ is True
    language.sum = lambda _input, dtype: dtype
    assert load(monkeypatch, language).pointer_type is language.pointer_type


def test_pdl_is_there_where_kernels_can_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, language_with("extra.cuda.gdc_wait")).HAS_PDL is True


def test_another_name_is_no_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(monkeypatch, language_with("sort"))
    with pytest.raises(AttributeError, match=r"'vllm.wheelwright_triton' has no attribute 'sort'"):
        _ = module.sort
    assert not hasattr(module, "__path__")
