"""Where a missing scope went, on trees in which it went there."""

from __future__ import annotations

import pytest

from tests.transforms.trees import MemoryTree
from transforms.edits import Replace
from transforms.engine.edit import scope_node
from transforms.engine.explaining.whereabouts import where_body_went
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.scope import Scope, resolve
from transforms.engine.syntax.source import Source

_CONFIG = "vllm.config.base.Config (line 1)"
_CHECK = "vllm.config.base.Config.check (line 2)"
_WORKER = """
    class Worker:
        def {name}(self, other, limit):
            total = sum(self.items) + other.count
            if total > limit:
                raise ValueError(total, limit)
            return [item.weight * total for item in self.items]
"""
_TREE = MemoryTree.of(
    {
        "vllm/__init__.py": "",
        "vllm/config/__init__.py": "from .model import Config\nfrom vllm.engine import Alias\n",
        "vllm/config/model.py": "try:\n    from vllm.config.base import Config\nexcept E: pass\n",
        "vllm/config/base.py": "class Config:\n    def check(self): pass\n",
        "vllm/engine.py": "from vllm.config.base import Config as C\nAlias = C\n",
        "vllm/runner.py": """
            from vllm.mixin import Mixin
            class Base(Mixin[int]):
                def load(self): pass
            class Runner(Other, Base):
                def run(self): pass
        """,
        "vllm/mixin.py": "class Mixin:\n    def share(self): pass\n",
        "vllm/v1/worker.py": _WORKER.format(name="start_device"),
        "vllm/v1/tool.py": "def main(): pass\nclass A:\n    def main(self): pass\n",
    }
)


def _problem(inside: str, pattern: Pattern | None = None) -> Problem:
    scope = resolve(inside, _TREE)
    assert isinstance(scope, Scope)
    problem = scope_node(inside, Source(scope.path, _TREE.read(scope.path)), _TREE, pattern)
    assert isinstance(problem, Problem)
    assert problem.status is Status.MISSING
    return problem


@pytest.mark.parametrize(
    ("inside", "notes", "step"),
    [
        (
            "vllm.config.Config.check",
            ("vllm.config re-exports 'Config' from vllm.config.base: " + _CHECK,),
            "change `inside` to 'vllm.config.base.Config.check'",
        ),
        (
            "vllm.config.Alias",
            ("vllm.config re-exports 'Alias' from vllm.config.base: " + _CONFIG,),
            "change `inside` to 'vllm.config.base.Config'",
        ),
        (
            "vllm.runner.Runner.share",
            ("vllm.mixin.Mixin, a base of its class, has it: vllm.mixin.Mixin.share (line 2)",),
            "change `inside` to 'vllm.mixin.Mixin.share', which all its subclasses share",
        ),
        (
            "vllm.runner.Runner.load",
            ("vllm.runner.Base, a base of its class, has it: vllm.runner.Base.load (line 3)",),
            "change `inside` to 'vllm.runner.Base.load', which all its subclasses share",
        ),
        (
            "vllm.worker.worker.Worker",
            ("this release has that name as vllm.v1.worker.Worker (line 1)",),
            "if that is the same code, change `inside` to 'vllm.v1.worker.Worker'",
        ),
        (
            "vllm.old.main",
            ("this release has that name as vllm.v1.tool.main (line 1)",),
            "if that is the same code, change `inside` to 'vllm.v1.tool.main'",
        ),
        (
            "vllm.worker.worker.Worker.init_device",
            (
                "without 'init_device', this release has it as vllm.v1.worker.Worker (line 1)",
                "no file of this release defines 'init_device'",
            ),
            "",
        ),
        (
            "vllm.v1.worker.Worker.stop_device",
            (
                "no file of this release defines 'stop_device'",
                "a similar name: vllm.v1.worker.Worker.start_device (line 2)",
            ),
            "",
        ),
        (
            "vllm.gone.Gone.__init__",
            ("no file of this release defines 'Gone'",),
            "",
        ),
        (
            "vllm.old.tool",
            ("a module of that name: vllm.v1.tool (line 1)",),
            "",
        ),
    ],
)
def test_a_missing_scope_is_traced(inside: str, notes: tuple[str, ...], step: str) -> None:
    problem = _problem(inside)
    assert problem.notes == notes
    assert problem.next_step == step


def test_the_place_where_the_pattern_matches_is_named() -> None:
    problem = _problem("vllm.old.Gone.weigh", Pattern.parse("$x.weight * total"))
    assert problem.notes[-1] == (
        "its pattern matches in vllm.v1.worker.Worker.start_device (line 6)"
    )


def test_a_pattern_that_matches_all_over_the_tree_leads_nowhere() -> None:
    text = "class A:\n    pass\nrun()\n" * 9
    tree = MemoryTree.of({"vllm/__init__.py": "", "vllm/a.py": text})
    edit = Replace(inside="vllm.b.f", find="run()", replace="go()")
    found = edit.match(Source("vllm/__init__.py", b""), tree).problem
    assert found is not None
    assert not [note for note in found.notes if "pattern" in note]


def test_imports_that_lead_in_a_circle_end_the_search() -> None:
    tree = MemoryTree.of(
        {
            "vllm/__init__.py": "",
            "vllm/a.py": "from vllm.b import X\n",
            "vllm/b.py": "from vllm.a import X\n",
        }
    )
    problem = scope_node("vllm.a.X", Source("vllm/a.py", tree.read("vllm/a.py")), tree)
    assert isinstance(problem, Problem)
    assert problem.notes == ("no file of this release defines 'X'",)


@pytest.mark.parametrize(
    ("path", "name", "note"),
    [
        (
            "vllm/v1/new.py",
            "start_device",
            "moved, with the same body: vllm.v1.new.Worker.start_device (line 2)",
        ),
        (
            "vllm/v1/worker.py",
            "init_device",
            "renamed, with the same body: vllm.v1.worker.Worker.init_device (line 2)",
        ),
    ],
)
def test_a_body_is_followed_to_another_release(path: str, name: str, note: str) -> None:
    after = MemoryTree.of({"vllm/__init__.py": "", path: _WORKER.format(name=name)})
    inside = "vllm.v1.worker.Worker.start_device"
    assert where_body_went(inside, _TREE, after) == (note,)
    assert where_body_went("vllm.v1.worker.Worker.gone", _TREE, after) == ()
