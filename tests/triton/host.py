"""Run what is around kernels with a real Triton: imports, decorators and launches, without a GPU.

It is run by an interpreter that has a Triton and neither torch nor vLLM's requirements:
`python host.py PACKAGE COMMAND [FILE]`, where PACKAGE is an unpacked `vllm`. It prints JSON.

Not real are: torch, of which Triton asks whether there is a GPU; vLLM's platform and logger; the
driver of the GPU, and what comes behind the decision to compile a kernel. All of Triton up to there
is: what its decorators take, which options a launch may have.
"""

# ruff: noqa: T201 - the result goes to whoever started the interpreter

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import logging
import os
import sys
import traceback
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CAPABILITY = 90


def stand_for_everything_else(package: Path) -> None:
    """Put modules in place of what is neither Triton nor under test."""
    # Tools of vLLM ask for its version.
    importlib.metadata.version = lambda distribution_name: f"0+{distribution_name}"
    platform = SimpleNamespace(
        is_rocm=lambda: False,
        is_cuda=lambda: True,
        is_xpu=lambda: False,
        is_cuda_alike=lambda: True,
    )
    _module(
        "torch",
        cuda=SimpleNamespace(is_available=lambda: True),
        version=SimpleNamespace(hip=None),
        Tensor=Tensor,
    )
    _module("vllm", __path__=[str(package)])
    _module("vllm.utils", __path__=[str(package / "utils")])
    _module("vllm.logger", init_logger=Logger)
    _module(
        "vllm.platforms",
        current_platform=platform,
        vllm_version_matches_substr=lambda _text: False,
    )


def _module(name: str, **names: object) -> ModuleType:
    module = sys.modules[name] = ModuleType(name)
    module.__dict__.update(names)
    return module


class Logger(logging.Logger):
    """A logger as vLLM has it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.parent = logging.getLogger()
        self.warning_once = self.info_once = self.warning


class Driver:
    """A driver of a GPU that is not there."""

    def get_current_device(self) -> int:
        """Give the number of the device."""
        return 0

    def get_current_stream(self, _device: int) -> int:
        """Give a stream."""
        return 0

    def get_current_target(self) -> object:
        """Say for which GPU to compile."""
        target = importlib.import_module("triton.backends.compiler").GPUTarget
        return target("cuda", CAPABILITY, 32)


class Tensor:
    """An argument that Triton takes for a tensor."""

    dtype = "torch.float32"

    def data_ptr(self) -> int:
        """Give an address."""
        return 16


@contextmanager
def launches() -> Iterator[list[dict[str, Any]]]:
    """Collect what launches hand to the compiler's options; nothing is compiled."""
    triton = importlib.import_module("triton")
    backend = triton.backends.backends["nvidia"].compiler
    triton.runtime.driver.set_active(Driver())
    seen: list[dict[str, Any]] = []
    parse_options = backend.parse_options

    def recorded(self: object, options: dict[str, Any]) -> object:
        if options:
            seen.append(dict(options))
        return parse_options(self, options)

    backend.parse_options = recorded
    knobs = getattr(triton, "knobs", None)
    holder, name = (
        (knobs.runtime, "jit_cache_hook") if knobs else (triton.JITFunction, "cache_hook")
    )
    # A hook that returns True has the kernel compiled elsewhere.
    setattr(holder, name, lambda **_what: True)
    yield seen
    backend.parse_options = parse_options


def import_triton_utils(first: Path) -> dict[str, object]:
    """Import `vllm.triton_utils`, after another module perhaps, and use what may be missing."""
    importlib.import_module(str(first))
    utils = importlib.import_module("vllm.triton_utils")
    return {
        "has_triton": utils.HAS_TRITON,
        "gluon.jit": _error(lambda: utils.gluon.jit),
        "gl.constexpr": _error(lambda: utils.gl.constexpr),
        "aggregate()": _error(lambda: utils.aggregate(type("Fields", (), {}))),
    }


def launch(file: Path) -> dict[str, object]:
    """Execute a file as a module, and call its functions `launch...`, each by itself."""
    module = _executed(file)
    found: dict[str, object] = {}
    for name in [name for name in vars(module) if name.startswith("launch")]:
        with launches() as seen:
            error = _error(partial(getattr(module, name), Tensor()))
        found[name] = {"error": error, "options": seen}
    return found


def monitor(file: Path) -> dict[str, object]:
    """Have vLLM's monitor of kernels that are compiled late set up, and compile one."""
    heard: list[str] = []
    messages = logging.Handler()
    messages.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(messages)
    module = _executed(file)
    with launches():
        jit_monitor = importlib.import_module("vllm.utils.jit_monitor")
        jit_monitor._setup_triton_autotuning_print()
        jit_monitor._setup_triton_jit_hook()
        module.launch_without(Tensor())
    return {"heard": heard, "print": os.environ.get("TRITON_PRINT_AUTOTUNING")}


def decorate(folder: Path) -> dict[str, object]:
    """Let `triton.jit` decorate each function that has an option that some Tritons lack."""
    triton = importlib.import_module("triton")
    found: dict[str, object] = {}
    for path in sorted(Path(sys.modules["vllm"].__path__[0]).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if OPTION not in text:
            continue
        tree = ast.parse(text)
        constants = "".join(f"{ast.unparse(each)}\n" for each in tree.body if _is_constant(each))
        for node in ast.walk(tree):
            options = [each for each in getattr(node, "decorator_list", ()) if _is_jit(each)]
            if isinstance(node, ast.FunctionDef) and OPTION in "".join(map(ast.unparse, options)):
                node.decorator_list = options
                file = folder / f"decorated_{len(found)}.py"
                file.write_text(f"{_HEAD}{constants}{ast.unparse(node)}\n", encoding="utf-8")
                found[f"{path}::{node.name}"] = _decorated(file, node.name, triton.JITFunction)
    return found


def _decorated(file: Path, name: str, kind: type) -> dict[str, object]:
    """Say what became of a function, and of which parameters no variants are made."""
    made: list[Any] = []
    error = _error(lambda: made.append(getattr(_executed(file), name)))
    hinted = [
        each.name
        for function in made
        for each in function.params
        if getattr(each, "do_not_specialize_on_alignment", False)
    ]
    return {
        "error": error,
        "is_kernel": isinstance(made[0], kind) if made else False,
        "hinted": hinted,
    }


def know(file: Path) -> dict[str, object]:
    """Say which options this Triton has, and which of the names in a file cannot be imported."""
    triton = importlib.import_module("triton")
    options: dict[str, list[str]] = {}
    for backend, name in (("nvidia", "CUDAOptions"), ("amd", "HIPOptions")):
        module = importlib.import_module(f"triton.backends.{backend}.compiler")
        options[name] = sorted(getattr(module, name).__dataclass_fields__)
    for name in ("jit", "autotune", "heuristics", "Config"):
        options[name] = sorted(inspect.signature(getattr(triton, name)).parameters)
    names = json.loads(file.read_text(encoding="utf-8"))
    return {"options": options, "lacking": [name for name in names if _is_lacking(name)]}


def _is_lacking(path: str) -> bool:
    module, _, last = path.rpartition(".")
    names: dict[str, object] = {}
    return bool(_error(lambda: exec(f"from {module} import {last}", names)))  # noqa: S102


def _executed(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OPTION = "do_not_specialize_on_alignment"
_HEAD = """from __future__ import annotations
import triton
import triton.language as tl
try:
    from vllm import wheelwright_triton
except ImportError:  # upstream's own tree
    pass
"""


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and not _error(
        lambda: ast.literal_eval(statement.value)
    )


def _is_jit(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "triton.jit"


def _error(run: Callable[[], object]) -> str:
    try:
        run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return "".join(traceback.format_exception_only(error)).strip()
    return ""


COMMANDS = {
    "decorate": decorate,
    "import": import_triton_utils,
    "know": know,
    "launch": launch,
    "monitor": monitor,
}


if __name__ == "__main__":
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    os.environ.pop("TRITON_PRINT_AUTOTUNING", None)
    # Newer Tritons ask for a decision.
    os.environ["TRITON_DEFAULT_FP_FUSION"] = "1"
    package, command, work = sys.argv[1:]
    stand_for_everything_else(Path(package))
    answer: dict[str, object] = {"error": "", "found": {}}
    answer["error"] = _error(lambda: answer.update(found=COMMANDS[command](Path(work))))
    print(json.dumps(answer, default=repr))
