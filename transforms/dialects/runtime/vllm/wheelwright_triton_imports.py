# SPDX-License-Identifier: Apache-2.0
"""What vLLM imports from Triton and this Triton may lack.

vllm-wheelwright writes `from vllm.wheelwright_triton_imports import knobs` for `from triton import
knobs` in wheels for platforms whose Triton is an old one. On a Triton that has it, that is Triton's
own object. On one that lacks it, it is what does the same there; or, where nothing does, something
that can be imported and named, and raises when it is used.

It imports nothing of vLLM: `vllm.triton_utils` itself needs it.
"""

import os
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NoReturn


class Missing:
    """Something that this Triton lacks.

    Args:
        path: its dotted name.
        error: what came of importing it.
    """

    def __init__(self, path: str, error: ImportError) -> None:
        self._path = path
        self._error = error

    def __getattr__(self, name: str) -> NoReturn:
        """Say what is missing."""
        raise AttributeError(f"{self._path}.{name}: {self._reason()}") from self._error

    def __call__(self, *_arguments: object, **_keywords: object) -> NoReturn:
        """Say what is missing."""
        raise ImportError(self._reason()) from self._error

    def __repr__(self) -> str:
        """Say what is missing."""
        return f"<{self._reason()}>"

    def _reason(self) -> str:
        version = import_module("triton").__version__
        return f"{self._path} is not in Triton {version}: {self._error}"


class _PTXASError(Exception):
    """What newer Tritons raise where ptxas fails; this one raises a `RuntimeError`."""


class _Autotuning:
    """The knobs of autotuning, which old Triton reads from the environment."""

    @property
    def print(self) -> bool:
        """Whether Triton prints which configuration it chose."""
        return os.environ.get("TRITON_PRINT_AUTOTUNING") == "1"

    @print.setter  # noqa: A003 - Triton's name
    def print(self, value: bool) -> None:
        os.environ["TRITON_PRINT_AUTOTUNING"] = str(int(value))


class _Runtime:
    """The knobs of the runtime: old Triton calls one hook, before it compiles a kernel."""

    @property
    def jit_post_compile_hook(self) -> Callable[..., object] | None:
        """What is called with what is compiled; where it returns True, nothing is."""
        hook: Callable[..., object] | None = _jit_function().cache_hook
        return hook

    @jit_post_compile_hook.setter
    def jit_post_compile_hook(self, hook: Callable[..., object] | None) -> None:
        _jit_function().cache_hook = hook


def _jit_function() -> Any:  # noqa: ANN401 - Triton's class
    return import_module("triton.runtime.jit").JITFunction


def _get_ptxas(_arch: int) -> SimpleNamespace:
    """Give the path and the release of the assembler; old Triton has one for every GPU."""
    compiler = import_module("triton.backends.nvidia.compiler")
    path, version = compiler._path_to_binary("ptxas")  # noqa: SLF001 - its only way to it
    return SimpleNamespace(path=path, version=version)


_STAND_INS: dict[str, tuple[str, object]] = {
    "PTXASError": ("triton.runtime.errors.PTXASError", _PTXASError),
    "get_ptxas": ("triton.backends.nvidia.compiler.get_ptxas", _get_ptxas),
    "knobs": ("triton.knobs", SimpleNamespace(autotuning=_Autotuning(), runtime=_Runtime())),
}
_PATHS = {
    **{name: path for name, (path, _) in _STAND_INS.items()},
    "aggregate": "triton.language.core._aggregate",
    "gluon": "triton.experimental.gluon",
    "gluon_language": "triton.experimental.gluon.language",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever Triton has there
    """Import what a name stands for, as `from ... import ...` does."""
    if name not in _PATHS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, last = _PATHS[name].rpartition(".")
    try:
        own = import_module(module)
        found = getattr(own, last) if hasattr(own, last) else import_module(_PATHS[name])
    except ImportError as error:
        found = _STAND_INS[name][1] if name in _STAND_INS else Missing(_PATHS[name], error)
    globals()[name] = found
    return found
