"""Names that modules of vLLM import, and that the plugin binds anew there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.importers.monkeypatch.translation.stand_ins import RUNNER, TABLES

if TYPE_CHECKING:
    from pathlib import Path


def test_a_function_that_one_module_has_imported(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES, "runner.py": RUNNER},
        """
        import vllm.runner

        def make(size):
            from vllm.tables import make
            return make(size + 100)

        vllm.runner.make = make
        """,
    )
    assert done.outcomes == ["compiled"]
    assert "from vllm.tables import Table\n" in done.text("vllm/runner.py")
    done.holds(
        "from vllm.runner import made; from vllm.tables import make; print(made(), make(1).size)",
        tmp_path,
    )


def test_an_import_of_what_is_edited_where_it_is_defined_needs_nothing(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES, "runner.py": RUNNER},
        """
        import vllm.runner
        import vllm.tables

        def make(size):
            return vllm.tables.Table(size + 7)

        vllm.tables.make = make
        vllm.runner.make = make
        """,
    )
    assert done.outcomes == ["compiled", "needs nothing"]
    assert done.made.rows[0].consumers == ("vllm.runner",)
    done.holds("from vllm.runner import made; print(made())", tmp_path)


def test_what_follows_one_that_cannot_be_compiled_is_not_called_needless() -> None:
    done = compile_plugin(
        {
            "tables.py": "class Table:\n    pass\nTABLE = Table()\n",
            "runner.py": "from vllm.tables import Table\n\ndef made():\n    return Table()\n",
        },
        """
        import vllm.runner
        import vllm.tables
        from plug.other import Table as Mine
        vllm.tables.Table = Mine
        vllm.runner.Table = Mine
        """,
        others={"other.py": "class Table:\n    pass\n"},
    )
    assert done.outcomes == ["cannot", "cannot"]
    assert "could not be compiled" in done.made.rows[1].why
