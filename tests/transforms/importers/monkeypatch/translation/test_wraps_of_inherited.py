"""Functions that call the one that their class inherits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.importers.monkeypatch.translation.stand_ins import ENGINE

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
from vllm.engine import Engine, resolve
engine = Engine(1, log=2)
print(vars(engine), engine.step(3), engine.step(4, fast=True), engine.stop(), engine.stop(True))
print(Engine.run(1, a=2), vars(Engine.make(5)), resolve(1), resolve(2, sizes=[3]))
"""


def test_an_inherited_original_is_reached_by_super(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _stop = Engine.stop

        def stop(self, now=False):
            return ["patched", *_stop(self, now)]

        Engine.stop = stop
        """,
    )
    assert done.kinds == ["AddMember"]
    assert "super().stop(now)" in done.text("vllm/engine.py")
    done.holds(PROBE, tmp_path)


def test_an_inherited_original_in_an_inner_function_is_reached_too(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _stop = Engine.stop

        def stop(self, now=False):
            return [item for item in _stop(self, now)] + [f"{_stop(self)}"]

        Engine.stop = stop
        """,
    )
    done.holds(PROBE, tmp_path)


def test_an_inherited_original_that_an_inner_function_calls(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _stop = Engine.stop

        def stop(self, now=False):
            def inner():
                return _stop(self, now)
            other = Engine(0)
            return inner() + _stop(other, 7)

        Engine.stop = stop
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds(PROBE, tmp_path)
