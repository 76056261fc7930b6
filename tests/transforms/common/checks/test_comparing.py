"""What a process holds is what its files compile to, or it is said by whom it was put there."""

from __future__ import annotations

import functools
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

from transforms.common.runtime.vllm.wheelwright_checks import comparing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = """\
import functools
from functools import cached_property


def twice(function):
    @functools.wraps(function)
    def around(*args):
        return function(*args)

    return around


class Engine:
    def step(self):
        return 1

    @property
    def state(self):
        return 2

    @staticmethod
    def free():
        return 3

    @classmethod
    def of(cls):
        return 4

    @cached_property
    def kept(self):
        return 5

    @twice
    def wrapped(self):
        return 6

    if False:

        def absent(self):
            return 7


@functools.lru_cache
def cached():
    return 8


def plain():
    return 9
"""
NAMES = [
    *("Engine", "Engine.step", "Engine.state", "Engine.free", "Engine.of", "Engine.kept"),
    *("Engine.wrapped", "cached", "plain"),
]
MODULE = "wheelwright_compared"
# Tests assign to it, as patchers do.
Module = Any


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Module]:
    path = tmp_path / f"{MODULE}.py"
    path.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(MODULE, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = made
    spec.loader.exec_module(made)
    yield made
    del sys.modules[MODULE]


def compared(module: Module, *names: str) -> dict[str, Any]:
    wanted = {name: ["toy/a"] for name in names or NAMES}
    file = {"path": module.__file__, "module": MODULE, "names": wanted}
    (found,) = comparing.compare([file])
    return found


def rebound(module: Module, *names: str) -> dict[str, Any]:
    found = compared(module, *names)
    assert found["state"] == "loaded"
    return {row["name"]: row["by"] for row in found["rebound"]}


def other(*_: object) -> int:
    return 99


def test_what_was_imported_is_as_built(module: Module) -> None:
    found = compared(module)
    assert (found["state"], found["built"]) == ("loaded", len(NAMES))
    assert found["rebound"] == found["unknown"] == []


@pytest.mark.parametrize("name", ["step", "state", "free", "of", "kept", "wrapped"])
def test_finds_a_member_that_was_rebound(module: Module, name: str) -> None:
    setattr(module.Engine, name, other)
    (found,) = rebound(module).items()
    assert found[0] == f"Engine.{name}"
    assert (found[1]["name"], found[1]["file"]) == ("other", __file__)


def test_finds_a_function_a_class_and_a_cached_function(module: Module) -> None:
    module.plain = module.cached = other
    module.Engine = type("Other", (module.Engine,), {})
    assert set(rebound(module, "plain", "cached", "Engine")) == {"plain", "cached", "Engine"}


def test_what_wraps_the_built_function_is_found_though_it_calls_it(module: Module) -> None:
    step, wrapped, cached = module.Engine.step, module.Engine.wrapped, module.cached

    def outside(*args: object) -> object:
        return step(*args)

    @functools.wraps(wrapped)
    def over(*args: object) -> object:
        return wrapped(*args)

    module.Engine.step = outside
    module.Engine.wrapped = over
    module.cached = functools.partial(cached)
    module.plain = functools.wraps(module.plain)(lambda: module.plain)
    assert set(rebound(module)) >= {"Engine.step", "Engine.wrapped", "plain"}


def test_finds_another_code_in_the_same_function(module: Module) -> None:
    module.plain.__code__ = (lambda: 10).__code__
    assert set(rebound(module)) == {"plain"}


def test_finds_another_source_behind_the_same_file(module: Module) -> None:
    """As an import hook does that replaces strings of a source while it is imported."""
    text = SOURCE.replace("return 1", "return 10")
    code = compile(text, module.__file__, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102
    assert set(rebound(module)) == {"Engine.step"}


def test_finds_a_module_of_another_file(module: Module, tmp_path: Path) -> None:
    module.__file__ = str(tmp_path / "other.py")
    (tmp_path / "other.py").write_text("")
    file = {"path": str(tmp_path / f"{MODULE}.py"), "module": MODULE, "names": {"plain": []}}
    (found,) = comparing.compare([file])
    assert (found["state"], found["by"]) == ("foreign", str(tmp_path / "other.py"))


def test_what_is_not_imported_is_absent_and_what_is_not_there_unknown(module: Module) -> None:
    assert comparing.compare([{"path": "x.py", "module": "no.such", "names": {}}])[0]["state"] == (
        "absent"
    )
    (row,) = compared(module, "Engine.absent")["unknown"]
    assert (row["name"], row["by"]) == ("Engine.absent", None)
    del module.plain
    assert [row["name"] for row in compared(module, "plain")["unknown"]] == ["plain"]


def test_switches_are_no_patchers(module: Module) -> None:
    loader = type("Loader", (), {"__module__": "vllm.wheelwright_switches.loading"})
    module.__spec__.loader = loader()
    assert compared(module)["state"] == "switched"


def test_nothing_of_the_engine_is_called(module: Module) -> None:
    class Trap:
        __module__ = "trap"

        def __call__(self) -> None:
            raise AssertionError

        def __getattr__(self, name: str) -> object:
            raise AttributeError(name)

    module.plain = Trap()
    (found,) = rebound(module).values()
    assert found["module"] == "trap"
