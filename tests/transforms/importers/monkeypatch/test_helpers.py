"""Roots that are functions, and functions outside of the roots: read where they may patch vLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.monkeypatch.running import (
    changed_by_python,
    reading_of,
    said_to_change,
)
from transforms.importers.monkeypatch.mutation import Form

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "plug.patch:apply"
_PATCHES = """
    def replace(holder, name, value):
        if hasattr(holder, name):
            setattr(holder, name, value)
        else:
            raise AttributeError(name)

    def later(holder):
        holder.kind = "later"
    """

PLUGINS = {
    "functions of its module, which it calls": {
        "plug/patch.py": """
            def apply():
                _patch_engine()
                _patch_ops()

            def _patch_engine():
                from vllm.ops import Engine

                def run(self, x):
                    return 0

                Engine.run = run

            def _patch_ops():
                from vllm import ops
                ops.LIMIT = 4

            def never():
                from vllm import ops
                ops.other = None
            """,
    },
    "a helper that is given a class": {
        "plug/tools.py": _PATCHES,
        "plug/patch.py": """
            from vllm.ops import Engine
            from plug.tools import replace

            def apply():
                replace(Engine, "run", lambda self, x: 0)
            """,
    },
    "a helper of a helper, by a keyword": {
        "plug/tools.py": _PATCHES,
        "plug/more.py": """
            from plug import tools

            def replace_all(value, *, of):
                for_one(of, value)

            def for_one(of, value):
                tools.replace(of, "compute", value)
            """,
        "plug/patch.py": """
            import vllm.ops
            import plug.more

            def apply():
                plug.more.replace_all(abs, of=vllm.ops)
            """,
    },
    "one that is called for what it does": {
        "plug/engine.py": """
            def patch():
                import vllm.ops
                vllm.ops.Engine.kind = "patched"
            """,
        "plug/patch.py": """
            from plug.engine import patch

            def apply():
                patch()
            """,
    },
    "a root that is defined somewhere else": {
        "plug/engine.py": """
            from vllm import ops

            def apply():
                ops.LIMIT = 5
            """,
        "plug/patch.py": "from plug.engine import apply\n",
    },
    "a module that is imported for what it does": {
        "plug/one.py": "from vllm import ops\nops.LIMIT = 8\n",
        "plug/two.py": "from vllm import ops\nops.other = None\n",
        "plug/patch.py": """
            def apply():
                import plug.one
                from plug import two
            """,
    },
    "what matches a name": {
        "plug/patch.py": """
            import vllm
            from vllm import ops

            def apply():
                version = vllm.__version__
                match version:
                    case "0.9.2":
                        ops.compute = None
                    case "0.22.0" | "0.23.0":
                        ops.LIMIT = 9
                    case _:
                        ops.other = None
            """,
    },
    "what matches in a way that is not followed, and everything of it is said": {
        "plug/patch.py": """
            from vllm import ops

            def apply():
                match ops.NAMES:
                    case [one]:
                        ops.LIMIT = one
            """,
    },
    "one that is under no condition, called under one": {
        "plug/tools.py": """
    import vllm.ops
    vllm.ops.LIMIT = 6
    """
        + _PATCHES,
        "plug/patch.py": """
            import os
            from vllm.ops import Engine
            from plug.tools import replace

            def apply():
                if os.environ.get("NEVER_SET"):
                    replace(Engine, "run", None)
            """,
    },
}


@pytest.mark.parametrize("name", PLUGINS)
def test_what_a_called_root_changes_is_what_cpython_changes(name: str, tmp_path: Path) -> None:
    files = {"plug/__init__.py": "", **PLUGINS[name]}
    (changed,) = changed_by_python([files], tmp_path, roots=[ROOT])
    mutations = reading_of(files, roots=[ROOT]).mutations
    unconditional = [row for row in mutations if not row.guards]
    assert changed
    assert said_to_change(unconditional) == changed


def test_a_helper_is_read_for_what_it_is_given_only() -> None:
    files = {"plug/__init__.py": "", **PLUGINS["a helper that is given a class"]}
    (row,) = reading_of(files, roots=[ROOT]).mutations
    assert (row.form, row.place.file) == (Form.REPLACE_METHOD, "plug/patch.py")


def test_what_a_helper_gives_back_is_not_what_it_is_called_for() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/facts.py": """
            import vllm.ops

            def is_new():
                vllm.ops.LIMIT = 7
                return True
            """,
        "plug/patch.py": """
            from plug.facts import is_new
            from vllm.ops import Engine

            def apply():
                if is_new():
                    Engine.kind = "new"
            """,
    }
    (row,) = reading_of(files, roots=[ROOT]).mutations
    assert row.guards


def test_a_define_settles_a_variable_of_a_root() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/patch.py": """
            import os
            from vllm import ops

            FAST = os.getenv("FAST", "0").lower() in ("1", "true")

            def apply():
                if FAST:
                    ops.LIMIT = 10
            """,
    }
    (asked,) = reading_of(files, roots=[ROOT]).mutations
    assert asked.guards
    reading = reading_of(files, roots=[ROOT], defines={"FAST": "True"})
    assert not reading.mutations[0].guards
    assert reading.asked == {"FAST"}
    (never,) = reading_of(files, roots=[ROOT], defines={"FAST": "False"}).mutations
    assert never.dead == "`FAST` is False here"


def test_a_hook_that_is_kept_by_a_function_which_is_read_patches_once() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/patch.py": """
            import sys

            def when_imported(name):
                def decorator(function):
                    if name in sys.modules:
                        function(sys.modules[name])
                    return function
                return decorator

            @when_imported("vllm.ops")
            def patch(module):
                module.LIMIT = 11
            """,
    }
    (row,) = reading_of(files, roots=["plug.patch"]).mutations
    assert (row.form, row.guards) == (Form.HOOK, ())


def test_hooks_patch_through_helpers() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/tools.py": """
    def when_imported(name):
        def decorator(function):
            return function
        return decorator
    """
        + _PATCHES,
        "plug/patch.py": """
            from plug.tools import replace, when_imported

            @when_imported("vllm.ops")
            def patch(module):
                replace(module.Engine, "run", lambda self, x: 0)
            """,
    }
    (row,) = reading_of(files, roots=["plug.patch"]).mutations
    assert (row.form, row.inside) == (Form.HOOK, Form.REPLACE_METHOD)
    assert said_to_change([row]) == ["vllm.ops.Engine.run"]
