"""What compiled patches say of a module's names, and who has bound these again since."""

from __future__ import annotations

import importlib.util
import logging
import sys
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.common.marked_engine import ENGINE, PLUGIN, RUNTIME

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Make modules in memory: vLLM's marks and engine are there."""

    def make(name: str, code: str) -> ModuleType:
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(compile(dedent(code), f"<{name}>", "exec"), vars(made))  # noqa: S102 - our own
        return made

    vllm = make("vllm", "")
    spec = importlib.util.spec_from_file_location(
        "vllm.wheelwright_marks", RUNTIME / "wheelwright_marks.py"
    )
    assert spec is not None
    assert spec.loader is not None
    marks = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, marks)
    spec.loader.exec_module(marks)
    vars(vllm)["wheelwright_marks"] = marks
    vars(vllm)["engine"] = make("vllm.engine", ENGINE)
    return make


def rebound() -> list[str]:
    found = sys.modules["vllm.wheelwright_marks"].rebound()
    return [f"{row['name']} {'by the plugin' if row['by_plugin'] else ''}" for row in found]


@pytest.mark.usefixtures("modules")
def test_a_module_says_what_is_compiled_in_whatever_number_of_patches_did_it() -> None:
    engine: Any = sys.modules["vllm.engine"]
    said = engine.__wheelwright__
    assert {name for name, patch in said.items() if patch == "plug/one"} == {
        "Engine.step",
        "Engine.run",
    }
    assert len(said) == 8
    assert rebound() == []
    assert not engine.EARLY
    assert [engine.Engine().step(), engine.Engine.run(), engine.resolve()] == ["compiled"] * 3


WAYS = {
    "assigned": "Engine.step = step",
    "by setattr": "setattr(Engine, 'step', step)",
    "with wraps": "Engine.step = around(Engine.step)",
    "partial": "Engine.step = functools.partialmethod(step, original=Engine.step)",
    "a bound method": "class Plain:\n    pass\nold = Engine.step\n"
    "def bound(self, *given): return 'plugin ' + old(Engine())\n"
    "Engine.step = bound.__get__(Plain())",
    "cached": "Engine.step = functools.lru_cache(around(Engine.step))",
    "a class whose name was taken": "module.Engine = Fast\nFast.step = around(Engine.step)",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_function_stands_aside_whatever_way_the_plugin_takes_its_place(
    way: str, modules: Callable[[str, str], ModuleType], caplog: pytest.LogCaptureFixture
) -> None:
    modules("plug.patch", f"{PLUGIN}\n{WAYS[way]}")
    engine: Any = sys.modules["vllm.engine"]
    with caplog.at_level(logging.WARNING, logger="vllm.wheelwright"):
        assert engine.Engine().step() == "plugin upstream"
        assert engine.Engine().step() == "plugin upstream"
    assert rebound() == ["Engine.step by the plugin"]
    # Said once, however often it is called.
    (record,) = caplog.records
    assert "vllm.engine.Engine.step is patched at run time" in record.getMessage()
    assert "plug/one" in record.getMessage()


OTHERS = {
    "a tracer": ("tracer", "Engine.step = around(Engine.step)", "plugin compiled"),
    "a tracer of a like name": ("plugin", "Engine.step = around(Engine.step)", "plugin compiled"),
    "a class of the plugin that derives": ("plug.other", "Engine = Fast", "fast compiled"),
    "one that takes the name": ("plug.other", "module.Engine = Engine = Fast", "fast compiled"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_function_does_not_stand_aside_for_others_nor_for_who_overrides_it(
    other: str, modules: Callable[[str, str], ModuleType]
) -> None:
    name, code, answer = OTHERS[other]
    made: Any = modules(name, f"{PLUGIN}\n{code}")
    assert made.Engine().step() == answer


def test_a_tracer_around_the_plugins_own_patch_hides_nothing(
    modules: Callable[[str, str], ModuleType],
) -> None:
    modules("plug.patch", f"{PLUGIN}\nEngine.step = around(Engine.step)")
    tracer = """
    from vllm.engine import Engine
    def traced(function):
        def inner(*args):
            return "traced " + function(*args)
        return inner
    Engine.step = traced(Engine.step)
    """
    modules("tracer", tracer)
    engine: Any = sys.modules["vllm.engine"]
    assert engine.Engine().step() == "traced plugin upstream"


def test_static_methods_properties_and_functions_stand_aside(
    modules: Callable[[str, str], ModuleType],
) -> None:
    code = """
    run, state, resolve = Engine.run, Engine.state, module.resolve
    Engine.run = Wrapping(run)
    Engine.state = property(lambda self: "plugin " + state.fget(self))
    module.resolve = functools.partial(lambda: "plugin " + resolve())
    """
    modules("plug.patch", PLUGIN + dedent(code))
    engine: Any = sys.modules["vllm.engine"]
    found = [engine.Engine.run(), engine.Engine().state, engine.resolve()]
    assert found == ["plugin upstream"] * 3
    assert rebound() == [f"{name} by the plugin" for name in ("Engine.run", "Engine.state")] + [
        "resolve by the plugin"
    ]


def test_values_entries_and_names_that_were_not_there_are_told_too(
    modules: Callable[[str, str], ModuleType],
) -> None:
    marks: Any = sys.modules["vllm.wheelwright_marks"]
    assert [row["name"] for row in marks.unknown()] == ["LIMIT"]
    code = """
    module.LIMIT = 4
    module.REGISTRY["plain"] = step
    module.gone = 1
    """
    modules("plug.patch", PLUGIN + dedent(code))
    rows = {row["name"]: row for row in marks.rebound()}
    assert list(rows) == ["LIMIT", "REGISTRY['plain']", "gone"]
    assert rows["LIMIT"]["by"] is None
    assert rows["REGISTRY['plain']"]["by"]["module"] == "plug.patch"
    assert rows["REGISTRY['plain']"]["by"]["line"] == 6
    assert marks.unknown() == []
    assert "of which nobody can tell who assigned it" in "\n".join(
        marks.lines(marks.rebound(), marks.unknown())
    )


def test_what_leads_in_circles_is_read_once(modules: Callable[[str, str], ModuleType]) -> None:
    code = """
    def one(self): return "other"
    one.__wrapped__ = one
    Engine.step = one
    """
    modules("circle", PLUGIN + dedent(code))
    assert rebound() == ["Engine.step "]
