"""Circles of imports are found in the source."""

from __future__ import annotations

from tests.transforms.trees import MemoryTree
from transforms.importers.monkeypatch.resolution import Library
from transforms.importers.monkeypatch.translation.cycles import Imports
from transforms.importers.monkeypatch.translation.stale import Consumers
from transforms.importers.monkeypatch.values import Target

TREE = MemoryTree.of(
    {
        "vllm/__init__.py": "",
        "vllm/a.py": "from vllm.b import thing\n",
        "vllm/b.py": """
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from vllm.a import other
            def thing():
                from vllm.c import late
            """,
        "vllm/c.py": "import torch\nimport vllm.pack.inner\nfrom vllm.a import thing as other\n",
        "vllm/pack/__init__.py": "from . import inner\n",
        "vllm/pack/inner.py": "from ..a import thing\nx = 1\n",
    }
)


def test_only_what_runs_at_import_counts() -> None:
    imports = Imports(TREE)
    assert imports.of("vllm.b") == frozenset()
    assert imports.of("vllm.c") == {"vllm", "vllm.a", "vllm.pack", "vllm.pack.inner"}
    assert imports.way("vllm.c", "vllm.b") == ("vllm.c", "vllm.a", "vllm.b")
    assert imports.way("vllm.b", "vllm.a") == ()


def test_a_further_import_may_close_a_circle() -> None:
    imports = Imports(TREE)
    assert imports.closed_by("vllm.b", "vllm.c") == ("vllm.b", "vllm.c", "vllm.a", "vllm.b")
    assert imports.closed_by("vllm.c", "vllm.b") == ()
    assert imports.closed_by("vllm.b", "torch") == ()


def test_who_keeps_an_old_object() -> None:
    consumers = Consumers(TREE, Library("vllm", TREE))
    target = Target(module="vllm.b", path=("thing",))
    assert consumers.of(target) == ("vllm.a", "vllm.c", "vllm.pack.inner")
    assert consumers.of(target.member("x")) == ()
