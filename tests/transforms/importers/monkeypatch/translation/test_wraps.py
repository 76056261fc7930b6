"""Functions that call the one whose name they take."""

from __future__ import annotations

from textwrap import dedent
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


def test_a_wrapper_of_the_same_header_is_one_edit(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from functools import wraps
        from vllm.engine import Engine

        _original = Engine.step

        @wraps(_original)
        def step(self, tokens, *, fast=False):
            found = _original(self, tokens + 1, fast=not fast)
            return ["wrapped", *found]

        Engine.step = step
        """,
    )
    assert done.kinds == ["WrapFunction"]
    done.holds(PROBE + "\nprint(shown(Engine.step))", tmp_path)


def test_a_wrapper_that_hands_everything_on_gets_upstreams_header(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from functools import wraps
        import vllm.engine
        from vllm.engine import Engine

        _init = Engine.__init__
        _resolve = vllm.engine.resolve

        @wraps(_init)
        def patched_init(self, config, *args, **kwargs):
            _init(self, config, *args, **kwargs)
            self.more = 0

        @wraps(_resolve)
        def resolve(*args, **kwargs):
            return [_resolve(*args, **kwargs)]

        Engine.__init__ = patched_init
        vllm.engine.resolve = resolve
        """,
    )
    assert done.kinds == ["WrapFunction", "WrapFunction"]
    done.holds(PROBE + "\nprint(shown(Engine.__init__), shown(resolve))", tmp_path)


def test_a_wrapper_that_looks_at_its_arguments_keeps_its_own_header(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _step = Engine.step

        def step(self, *args, **kwargs):
            kwargs.setdefault("fast", "set")
            return [len(args), *_step(self, *args, **kwargs)]

        Engine.step = step
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds(PROBE, tmp_path / "held")
    assert "def step(self, *args, **kwargs):" in done.text("vllm/engine.py")
    # Who patches it once more, and asks for its parameters, is told upstream's.
    probe = "from vllm.engine import Engine\nprint(shown(Engine.step))"
    stock, patched, compiled, twice = done.answers(probe, tmp_path / "shown")
    assert (compiled, twice) == (stock, patched)
    assert stock != patched


def test_decorated_originals_keep_their_decorators_under_their_private_names(
    tmp_path: Path,
) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _run = Engine.run
        _make = Engine.make

        def run(*args, **kwargs):
            return ["patched", *_run(*args, **kwargs)]

        @classmethod
        def make(cls, config):
            made = _make(config)
            made.kind = cls.__name__
            return made

        Engine.run = staticmethod(run)
        Engine.make = make
        """,
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds(PROBE, tmp_path)


def test_a_wrapper_may_bind_its_parameters_before_it_hands_them_on(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _init = Engine.__init__

        def init(self, config, *args, **kwargs):
            config = config * 100
            _init(self, config, *args, **kwargs)

        Engine.__init__ = init
        """,
    )
    assert done.kinds == ["WrapFunction"]
    done.holds(PROBE, tmp_path)


def test_an_original_that_a_helper_calls_is_found_by_the_helper(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        import vllm.engine
        from vllm.engine import Engine

        _resolve = vllm.engine.resolve
        _step = getattr(Engine, "step", None)

        def _help(config):
            return _resolve(config)[:1]

        def _help_step(engine):
            return _step(engine, 0)

        def resolve(config, sizes=()):
            return _help(config) + [sizes]

        def step(self, tokens, *, fast=False):
            return _help_step(self)

        vllm.engine.resolve = resolve
        Engine.step = step
        """,
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds(PROBE, tmp_path)


def test_an_original_that_is_kept_as_an_attribute_is_there(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        if not hasattr(Engine, "_plug_original_step"):
            Engine._plug_original_step = Engine.step

        def step(self, tokens, *, fast=False):
            return ["kept", *self._plug_original_step(tokens, fast=fast)]

        Engine.step = step
        """,
    )
    assert set(done.outcomes) == {"compiled"}
    done.holds(PROBE + "\nprint(tried(lambda: engine._plug_original_step(1)))", tmp_path)


def test_a_function_that_is_made_around_the_original(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        def counted(function, times):
            def wrap(*args, **kwargs):
                return [function(*args, **kwargs)] * times
            return wrap

        Engine.step = counted(Engine.step, 2)
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds(PROBE, tmp_path)


def test_a_condition_on_the_environment_is_asked_when_the_function_is_called(
    tmp_path: Path,
) -> None:
    done = compile_plugin(
        {"engine.py": f"import os\n{dedent(ENGINE)}"},
        """
        import os
        from vllm.engine import Engine

        def step(self, tokens, *, fast=False):
            return ["patched", tokens]

        if os.environ.get("PLUG", "1") == "1":
            Engine.step = step
        """,
    )
    assert done.outcomes == ["compiled"]
    assert 'os.environ.get("PLUG", "1") == "1"' in done.text("vllm/engine.py").replace("'", '"')
    done.holds(PROBE, tmp_path)
    off = "import os; os.environ['PLUG'] = '0'\n"
    stock, _, compiled, _ = done.answers(off + PROBE, tmp_path / "off")
    assert compiled == stock


def test_a_wrapper_of_a_wrapper_calls_it(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        _first = Engine.run

        def once(*args, **kwargs):
            return ["once", *_first(*args, **kwargs)]

        Engine.run = staticmethod(once)
        _second = Engine.run

        def twice(*args, **kwargs):
            return ["twice", *_second(*args, **kwargs)]

        Engine.run = staticmethod(twice)
        """,
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds(PROBE, tmp_path)


def test_more_wrappers_are_named_and_not_guessed() -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        import vllm.engine

        _first = vllm.engine.resolve

        def once(config, sizes=()):
            return ["once", *_first(config, sizes)]

        vllm.engine.resolve = once
        _second = vllm.engine.resolve

        def twice(config, sizes=()):
            return ["twice", *_second(config, sizes)]

        vllm.engine.resolve = twice
        """,
    )
    assert done.outcomes == ["compiled", "cannot"]
    assert "has put there before" in done.made.rows[1].why
