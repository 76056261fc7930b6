"""A plugin whose patches are compiled in, and that applies them once more while it runs."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import (
    compile_plugin,
)
from tests.transforms.importers.monkeypatch.translation.other_forms import OTHER_FORMS
from tests.transforms.importers.monkeypatch.translation.twice_patched import ENGINE, PROBE, USER
from tests.transforms.importers.monkeypatch.translation.wrap_forms import FORMS, RECORD

if TYPE_CHECKING:
    from pathlib import Path

# These are not compiled, so that only the plugin itself does it.
LEFT = {"an inherited class method", "a class method, by its function", "a property"}
LEFT |= {"a registry's entry", "a value made of the old one", "a list that grows"}
# The compiled ones say which parameters they have, since who patches them again may ask.
OPEN = {"of all arguments, by setattr", "that asks for the parameters, and hides them"}
# What the plugin itself does once only.
KEPT = "vllm.engine.Engine._plug_step"


_LAST = """
    calls = []


    class Engine:
        def step(self, tokens):
            calls.append(tokens)
            return [tokens]
    """
_FAST = """
    import vllm.engine
    from vllm.engine import Engine, calls

    class Fast(Engine):
        def step(self, tokens):
            calls.append("fast")
            return ["fast", *super().step(tokens)]

    vllm.engine.Engine = Fast
    """
EVERY = {**FORMS, **OTHER_FORMS}


@pytest.mark.parametrize("form", EVERY)
def test_what_is_compiled_in_and_patched_again_happens_once(form: str, tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE, "user.py": USER}, dedent(RECORD) + dedent(EVERY[form])
    )
    stock, patched, compiled, twice = done.answers(PROBE, tmp_path)
    assert stock != patched == twice
    if form in OPEN:
        *patched_lines, shown = patched.splitlines()
        assert "*args" in shown
        patched = "\n".join([*patched_lines, stock.splitlines()[-1], ""])
    assert (compiled == stock) is (form in LEFT)
    assert (compiled == patched) is (form not in LEFT)
    assert done.rebound(tmp_path) == [name for name in done.marks if name != KEPT]
    assert bool(done.marks) is (form not in LEFT)


@pytest.mark.parametrize("decorator", ["", "@functools.wraps(_original)"])
def test_a_class_and_one_that_takes_its_name_do_theirs_once(decorator: str, tmp_path: Path) -> None:
    """The first patch marks its names before the class of the second one is there."""
    wrap = f"""
        import functools
        from vllm.engine import Engine, calls

        _original = Engine.step

        {decorator}
        def step(self, tokens):
            calls.append("wrapped")
            return ["wrapped", *_original(self, tokens)]

        Engine.step = step
        """
    others = {
        "patch/__init__.py": "import plug.patch.patch_it, plug.patch.patch_other",
        "patch/patch_other.py": _FAST,
    }
    done = compile_plugin({"engine.py": _LAST}, wrap, others=others)
    assert sorted(done.made.patches) == ["it", "other"]
    marked, rest = done.text("vllm/engine.py").split("class Fast(Engine):")
    assert '"Engine.step"' in marked
    assert '"Engine"' in rest
    probe = """
        from vllm.engine import Engine, calls
        class Derived(Engine):
            def step(self, tokens):
                return ["derived", *super().step(tokens)]
        print(Engine().step(1), Derived().step(2), calls, Engine.__name__)
        """
    stock, patched, compiled, twice = done.answers(probe, tmp_path)
    assert stock != patched == compiled == twice
