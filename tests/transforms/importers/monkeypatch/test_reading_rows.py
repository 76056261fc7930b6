"""What the rows of a plugin say: order, processes, conditions, hooks, and what cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.monkeypatch.running import (
    changed_by_python,
    dotted,
    plugin_of,
    reading_of,
    row_of,
    rows_of,
    said_to_change,
)
from transforms.importers.monkeypatch.mutation import Asked, Form
from transforms.importers.monkeypatch.values import Constant, Own, Upstream

if TYPE_CHECKING:
    from pathlib import Path


def test_modules_are_executed_as_python_imports_them(tmp_path: Path) -> None:
    files = {
        "plug/__init__.py": "",
        "plug/patch/__init__.py": "",
        "plug/patch/main/__init__.py": """
            from . import one
            import plug.patch.main.two
            if one.FLAG:
                from plug.patch.main import three
            else:
                from plug.patch.main import never
            """,
        "plug/patch/main/one.py": "from vllm import ops\nFLAG = True\nops.LIMIT = 1\n",
        "plug/patch/main/two.py": "from .one import ops as o\no.other = 2\n",
        "plug/patch/main/three.py": "from plug.patch.main.two import o\no.compute = 3\n",
        "plug/patch/main/never.py": "from vllm import ops\nops.NAMES = 4\n",
        "plug/patch/main/alone.py": "from vllm import ops\nops.REGISTRY = 5\n",
    }
    roots = ("plug.patch.main",)
    rows = reading_of(files, roots=roots).mutations
    inside = [row for row in rows if not row.outside]
    assert said_to_change(inside) == changed_by_python([files], tmp_path, roots=roots)[0]
    assert [(dotted(row), row.dead, row.outside) for row in rows] == [
        ("vllm.ops.LIMIT", "", ""),
        ("vllm.ops.other", "", ""),
        ("vllm.ops.compute", "", ""),
        ("vllm.ops.NAMES", "`one.FLAG` is True here", ""),
        ("vllm.ops.REGISTRY", "", "nothing"),
    ]


def test_each_root_is_a_process_and_what_both_do_is_one_row() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/platform/__init__.py": """
            import plug.platform.shared
            from vllm import ops
            ops.NAMES = 1
            """,
        "plug/platform/shared.py": "from vllm import ops\nops.LIMIT = 1\n",
        "plug/worker/__init__.py": "import plug.platform.shared\nimport plug.worker.own\n",
        "plug/worker/own.py": "from vllm import ops\nops.other = 1\n",
    }
    rows = reading_of(files, roots=("plug.platform", "plug.worker")).mutations
    assert [(dotted(row), sorted(row.processes)) for row in rows] == [
        ("vllm.ops.LIMIT", ["platform", "worker"]),
        # To import a module of a package is to import the package.
        ("vllm.ops.NAMES", ["platform", "worker"]),
        ("vllm.ops.other", ["worker"]),
    ]


def test_a_single_root_says_nothing_of_processes() -> None:
    assert row_of("import vllm.ops\nvllm.ops.LIMIT = 1\n").processes == frozenset()


def test_a_root_that_is_not_there_is_refused_with_what_is_near() -> None:
    with pytest.raises(ValueError, match=r"no module 'plug\.patchs'; .*: plug"):
        plugin_of({"plug/__init__.py": "", "plug/patchs_of/__init__.py": ""}, ["plug.patchs"])


def test_a_module_that_fails_is_named_and_the_rows_behind_it_are_dead() -> None:
    first, second = rows_of("""
        from vllm import ops
        ops.LIMIT = 1
        from vllm.ops import gone
        ops.other = 2
        """)
    assert first.dead == ""
    assert second.dead == "vllm.ops has no 'gone'"


def test_a_return_in_a_branch_is_a_condition_of_what_follows() -> None:
    row = row_of("""
        import os
        from vllm import ops
        def patch():
            if os.getenv("OFF"):
                return
            ops.LIMIT = 1
        patch()
        """)
    (guard,) = row.guards
    assert (guard.asks, guard.negated) == (Asked.ENVIRONMENT, True)


def test_a_define_settles_a_function_of_the_plugin_and_what_asks_it() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/device.py": "def is_small():\n    return kind() == Kind.SMALL\n",
        "plug/patch.py": """
            from vllm import ops
            from plug.device import is_small
            if is_small():
                ops.LIMIT = 1
            else:
                ops.LIMIT = 2
            """,
    }
    reading = reading_of(files, roots=["plug.patch"])
    assert [row.guards[0].asks for row in reading.mutations] == [Asked.UNKNOWN] * 2
    for value, dead in (("True", [False, True]), ("False", [True, False])):
        rows = reading_of(files, roots=["plug.patch"], defines={"is_small": value}).mutations
        assert [bool(row.dead) for row in rows] == dead
        assert [row.guards for row in rows] == [(), ()]


def test_a_define_that_is_no_expression_is_refused() -> None:
    with pytest.raises(ValueError, match=r"define a=1 \+: '1 \+' is no expression"):
        reading_of("", defines={"a": "1 +"})
    with pytest.raises(ValueError, match="write a literal, or a dotted name"):
        reading_of("", defines={"a": "f(1)"})


def test_what_is_done_later_is_a_row_where_it_changes_behaviour() -> None:
    rows = rows_of("""
        import os
        from types import MethodType
        from vllm.ops import Engine
        import torch

        def later(engine, config):
            def forward(x): return x
            engine.forward = forward
            engine.bound = MethodType(forward, engine)
            engine.patched = True
            config.size = config.other
            type(engine).run = forward
            Engine.run = forward
            os.environ["A"] = "1"

        class Own:
            def __init__(self):
                self.hook = lambda: 0
        """)
    assert [(row.spelled, row.form) for row in rows] == [
        ("engine.forward", Form.INSTANCE),
        ("engine.bound", Form.INSTANCE),
        ("type(engine).run", Form.INSTANCE),
        ("Engine.run", Form.INSTANCE),
        ("os.environ['A']", Form.THIRD_PARTY),
    ]
    assert {row.why_not for row in rows[:4]} == {"it is done when `later` is called"}


@pytest.mark.parametrize(
    ("code", "why_not"),
    [
        ("for n in names(): setattr(ops, n, 1)", "it is done in a loop over `names()`"),
        ("setattr(ops, names(), 1)", "the name of the attribute is computed"),
        ("exec('ops.LIMIT = 1')", "it runs code that `exec` is given"),
        ("while True: ops.LIMIT = 1", "it is done in the loop `while True`"),
        ("import sys; sys.modules['vllm.ops'] = names()", "it takes a whole module's place"),
    ],
)
def test_what_cannot_be_read_is_a_row_that_says_so(code: str, why_not: str) -> None:
    row = row_of(f"from vllm import ops\nfrom elsewhere import names\n{code}\n")
    assert (row.why_not, row.place.line) == (why_not, 3)


def test_a_module_that_may_not_be_loaded_is_the_one_that_is_patched() -> None:
    row = row_of("""
        import sys
        user = sys.modules.get("vllm.user")
        if user is not None:
            user.compute = abs
        """)
    assert (dotted(row), row.why_not) == ("vllm.user.compute", "")


def test_a_hook_is_read_as_what_it_does_when_the_module_is_imported() -> None:
    rows = rows_of("""
        from hooks import when_imported

        def register(name):
            def decorator(function):
                return function
            return decorator

        @when_imported("vllm.ops")
        def patch(module):
            module._compute = module.compute
            module.LIMIT = 1

        @register("vllm.user")
        def other(module):
            module.compute = None

        when_imported("vllm.base", lambda module: setattr(module.Base, "size", 1))
        import builtins
        builtins.__import__ = patch
        """)
    assert [(row.form, row.inside, dotted(row)) for row in rows] == [
        (Form.HOOK, Form.SAVE_ORIGINAL, "vllm.ops._compute"),
        (Form.HOOK, Form.CONSTANT, "vllm.ops.LIMIT"),
        (Form.HOOK, Form.REBIND_IMPORT, "vllm.user.compute"),
        (Form.HOOK, Form.PROPERTY, "vllm.base.Base.size"),
        (Form.HOOK, None, "builtins.__import__"),
    ]


def test_a_hook_sees_what_the_hooks_before_it_did() -> None:
    first, second = rows_of("""
        from hooks import when_imported
        import vllm.ops, vllm.user
        def mine(x): return x
        def one(module):
            module.compute = mine
        def two(module):
            module.use = vllm.ops.compute
        when_imported("vllm.ops", one)
        when_imported("vllm.user", two)
        kept = vllm.ops.compute
        """)
    assert first.value == second.value


def test_a_module_that_is_imported_where_it_never_is_and_then_is_is_alive() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/main/__init__.py": """
            if not __name__:
                import plug.main.one
            import plug.main.one
            """,
        "plug/main/one.py": "from vllm import ops\nops.LIMIT = 1\n",
    }
    (row,) = reading_of(files, roots=["plug.main"]).mutations
    assert row.dead == ""


def test_the_same_value_assigned_twice_is_dead_the_second_time() -> None:
    rows = rows_of("""
        import vllm.ops
        from vllm.ops import Engine
        def run(self, x): return 0
        Engine.run = run
        vllm.ops.Engine.run = run
        vllm.ops.Engine.make = vllm.ops.Engine.make
        """)
    assert [row.dead for row in rows] == [
        "",
        "the same value was assigned before",
        "it is assigned what it is already",
    ]


def test_a_condition_inside_of_itself_is_settled() -> None:
    rows = rows_of("""
        from elsewhere import flag
        from vllm import ops
        if flag():
            if not flag():
                ops.LIMIT = 1
            else:
                ops.other = 1
        """)
    assert [(dotted(row), bool(row.dead), len(row.guards)) for row in rows] == [
        ("vllm.ops.LIMIT", True, 1),
        ("vllm.ops.other", False, 1),
    ]


def test_the_names_of_a_module_can_be_asked_for_afterwards() -> None:
    reading = reading_of("from vllm.api import compute\nN = 2\ndef f(): pass\n")
    compute = reading.lookup("plug", "compute")
    assert isinstance(compute, Upstream)
    assert compute.target.dotted == "vllm.ops:compute"
    assert reading.lookup("plug", "N") == Constant(value=2)
    assert isinstance(reading.lookup("plug", "f"), Own)
    assert reading.lookup("plug", "absent") is None
    assert reading.lookup("other", "f") is None
