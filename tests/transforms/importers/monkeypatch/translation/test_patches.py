"""The patches of a plugin hold together, are written as modules, and bring what they need."""

from __future__ import annotations

import runpy
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.trees import MemoryTree
from transforms.edits import AddModule
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.importers.monkeypatch.translation.writing import Said, patch_modules

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = """
    class Engine:
        def step(self, x):
            return [x]

        def stop(self):
            return "stopped"


    def area(width):
        return width * 2
    """
BOTH = "import plug.patch.patch_it\nimport plug.patch.patch_more\n"


def test_a_patch_module_says_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        import vllm.engine
        from vllm.engine import Engine

        _step = Engine.step
        MARK = "'quoted' \\\\ and \\"twice\\""

        def step(self, x):
            return ["it", MARK, *_step(self, x)]

        def area(width):
            return sum(width for _ in range(5)) - 1

        Engine.step = step
        vllm.engine.area = area
        """,
    )
    said = {"it": Said(docstring="It steps.", why="w", upstream="u", drop_when="d")}
    (text,) = patch_modules(done.made, said, versions="==0.23.0").values()
    path = tmp_path / "it.py"
    path.write_text(text)
    names = runpy.run_path(str(path))
    patch = names["PATCH"]
    bound = [
        edit.bind(done.made.support) if isinstance(edit, AddModule) else edit
        for edit in patch.edits
    ]
    tree = MemoryTree.of(done.stock)
    (outcome,) = match_patches({"it": replace(patch, edits=bound)}, tree, "0.23.0")
    after = {file.path: file.after for file in apply_sites([outcome], tree)}
    assert after == {path: done.tree[path] for path in after}
    changed = {path for path in done.tree if done.stock.get(path) != done.tree[path]}
    assert set(after) == changed - {"vllm/wheelwright_marks.py"}
    assert (patch.why, patch.versions) == ("w", "==0.23.0")
    assert names["__doc__"] == "It steps."


def test_of_two_patches_that_change_the_same_the_later_one_is_refused() -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine
        _step = Engine.step

        def step(self, x):
            return ["it", *_step(self, x)]

        Engine.step = step
        """,
        others={
            "patch/__init__.py": BOTH,
            "patch/patch_more.py": """
                import os
                from vllm.engine import Engine

                def step(self, x):
                    return ["more", x]

                if os.environ.get("MORE"):
                    Engine.step = step
                """,
        },
    )
    assert done.outcomes == ["compiled", "cannot"]
    assert "plug/patch/patch_it.py:7" in done.made.rows[1].why
    assert list(done.made.patches) == ["it"]


def test_helpers_of_another_patch_module_come_without_its_patches(tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        try:
            import tomllib as _reader
        except ImportError:
            _reader = None

        def helper(x):
            return -x, bool(_reader) or True

        def stop(self):
            return "it"

        Engine.stop = stop
        """,
        others={
            "patch/__init__.py": BOTH,
            "patch/patch_more.py": """
                import vllm.engine
                from plug.patch.patch_it import helper as help_me

                def inner(width):
                    return help_me(width)

                def area(width):
                    return inner(width), help_me(1)

                vllm.engine.area = area
                """,
        },
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds(
        """
        import sys
        from vllm.engine import Engine, area
        print(area(4), Engine().stop())
        """,
        tmp_path,
    )
    _, _, compiled, _ = done.answers(
        "import sys; from vllm.engine import area; area(1)\n"
        "print([name for name in sys.modules if name.startswith('plug')])",
        tmp_path / "without",
    )
    assert compiled == "[]\n"


def test_a_condition_that_nobody_knows_needs_a_hint() -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine
        from plug.device import kind

        def stop(self):
            return "it"

        if kind() == "a5":
            Engine.stop = stop
        """,
        others={"device.py": "import torch_npu\n\ndef kind():\n    return torch_npu.kind()\n"},
    )
    assert done.outcomes == ["needs a hint"]
    assert "`kind() == 'a5'`" in done.made.rows[0].why


def test_what_takes_an_originals_name_and_fails_takes_what_keeps_it_along() -> None:
    done = compile_plugin(
        {"engine.py": ENGINE},
        """
        from vllm.engine import Engine

        Engine._plug_step = Engine.step

        def make(times):
            def step(self, x):
                nonlocal times
                times += 1
                return [times, *self._plug_step(x)]
            return step

        Engine.step = make(3)
        """,
    )
    assert done.outcomes == ["compiled", "cannot"]
    assert "_plug_step = step" in done.text("vllm/engine.py")
