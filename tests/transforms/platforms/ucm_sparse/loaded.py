"""Import the points' package as a process of the engine would: fresh, with its own environment."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.ucm_sparse.stand_ins import Agent, config, modules

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

NAME = "wheelwright_ucm_sparse"
FOLDER = (
    Path(__file__).resolve().parents[4]
    / "transforms/platforms/ucm_sparse/runtime/vllm/wheelwright_ucm_sparse"
)
VARIABLES = ("ENABLE_SPARSE", "VLLM_HASH_ATTENTION")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A fresh package, with stand-ins for what it imports.

    Attributes:
        package: `wheelwright_ucm_sparse`.
        modules: the stand-ins, by name.
    """

    package: Any
    modules: dict[str, ModuleType]

    def start(self, role: str = "worker", **options: Any) -> Any:
        """Make the process's agent.

        Args:
            role: ``worker`` or ``scheduler``.
            options: of `stand_ins.config`.
        """
        getattr(self.package.agents, f"start_{role}")(config(**options))
        return self.package.agents.current

    @property
    def context(self) -> Any:
        """Give the forward context of the step."""
        return self.modules["vllm.forward_context"].context


def load(
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Agent] = Agent,
    *,
    installed: bool = True,
    **environment: str,
) -> Loaded:
    """Import a fresh copy of the package under its own name.

    Args:
        monkeypatch: undoes it after the test.
        kind: the agent that is made.
        installed: whether uc-manager is there.
        environment: the variables; no others of the package's are set.
    """
    for name in [name for name in sys.modules if name.split(".")[0] in {NAME, "ucm"}]:
        monkeypatch.delitem(sys.modules, name)
    made = modules(kind) if installed else {}
    for name, module in made.items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location(
        NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, NAME, package)
    spec.loader.exec_module(package)
    for name in [name for name in sys.modules if name.startswith(f"{NAME}.")]:
        # Taken away with the test.
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    return Loaded(package, made)


def switched_on(monkeypatch: pytest.MonkeyPatch, kind: type[Agent] = Agent) -> Loaded:
    """Import the package where ENABLE_SPARSE asks for it.

    Args:
        monkeypatch: undoes it after the test.
        kind: the agent that is made.
    """
    return load(monkeypatch, kind, ENABLE_SPARSE="true")


def off(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the package where nothing asks for it.

    Args:
        monkeypatch: undoes it after the test.
    """
    return load(monkeypatch).package


def without_imports(text: str) -> str:
    """Leave out the import that a patch adds, for an excerpt that is run with the package itself.

    Args:
        text: the patched excerpt.
    """
    return text.replace("from vllm import wheelwright_ucm_sparse\n", "")
