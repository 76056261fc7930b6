"""Classes of the plugin that take the names of vLLM's, and names that modules import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.importers.monkeypatch.translation.stand_ins import RUNNER, TABLES

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
from vllm.tables import Table, make
print(Table.__name__, make(3).total(), Table.small().size)
print(vars(make(2)), isinstance(make(1), Table))
"""
BASES = "print([item.__name__ for item in Table.__mro__])"


def test_a_subclass_takes_the_name(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES},
        """
        import json

        from vllm import tables
        from vllm.tables import Table

        def _more(size):
            return size + len(json.dumps([1]))

        class FastTable(Table):
            '''Faster.'''

            rows = 5

            def __init__(self, size: int, **kwargs) -> None:
                super().__init__(_more(size), **kwargs)
                self.__hidden = size

            def total(self):
                return -Table.total(self), isinstance(self, Table), sorted(vars(self))

        tables.Table = FastTable
        """,
    )
    assert done.kinds == ["SubclassAndRebind"]
    done.holds(PROBE, tmp_path, once=BASES)


def test_a_class_without_that_base_stands_behind_it(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES},
        """
        from vllm import tables

        class OtherTable:
            def __init__(self, size):
                self.size = size * 10

            def total(self):
                return self.size

            @classmethod
            def small(cls):
                return cls(0)

        tables.Table = OtherTable
        """,
    )
    assert done.kinds == ["InsertAfter"]
    done.holds(PROBE, tmp_path, once=BASES)


def test_a_condition_on_the_environment_is_asked_when_the_class_is_made(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES},
        """
        import os

        from vllm import tables
        from vllm.tables import Table

        class FastTable(Table):
            def total(self):
                return super().total() + 1

        if os.getenv("PLUG", "on") == "on":
            tables.Table = FastTable
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds(PROBE, tmp_path, once=BASES)
    stock, _, compiled, _ = done.answers(
        f"import os; os.environ['PLUG'] = 'off'\n{PROBE}", tmp_path / "off"
    )
    assert compiled == stock


def test_a_class_elsewhere_in_the_plugin_is_found_by_the_functions_of_the_module(
    tmp_path: Path,
) -> None:
    done = compile_plugin(
        {"tables.py": TABLES, "runner.py": RUNNER},
        """
        import vllm.runner
        from plug.tables import FastTable
        vllm.runner.Table = FastTable
        """,
        others={
            "tables.py": """
            from vllm.tables import Table

            class FastTable(Table):
                rows = 9
            """
        },
    )
    assert done.outcomes == ["compiled"]
    done.holds(
        """
        from vllm.runner import Runner, made
        print(type(Runner().table).__name__, Runner().known(), Runner().table.total(), made())
        """,
        tmp_path,
    )


def test_a_class_that_the_module_itself_needs_cannot_be_imported_later() -> None:
    done = compile_plugin(
        {"tables.py": TABLES, "runner.py": "from vllm.tables import Table\nTABLE = Table(1)\n"},
        """
        import vllm.runner
        from plug.tables import FastTable
        vllm.runner.Table = FastTable
        """,
        others={"tables.py": "class FastTable:\n    pass\n"},
    )
    assert done.outcomes == ["cannot"]
    assert "vllm/runner.py:2 asks for 'Table' when vLLM is imported" in done.made.rows[0].why


def test_a_default_that_the_module_needs_cannot_be_imported_later() -> None:
    done = compile_plugin(
        {
            "tables.py": TABLES,
            "runner.py": """
                from vllm.tables import Table
                def made(kind=Table):
                    return kind(1)
                """,
        },
        """
        import vllm.runner
        from plug.tables import FastTable
        vllm.runner.Table = FastTable
        """,
        others={"tables.py": "class FastTable:\n    pass\n"},
    )
    assert done.outcomes == ["cannot"]
    assert "vllm/runner.py:2 asks for 'Table' when vLLM is imported" in done.made.rows[0].why


def test_of_two_assignments_to_one_name_the_last_one_counts(tmp_path: Path) -> None:
    done = compile_plugin(
        {"tables.py": TABLES},
        """
        import vllm.tables

        def one(size):
            return vllm.tables.Table(1)

        def two(size):
            return vllm.tables.Table(2)

        vllm.tables.make = one
        vllm.tables.make = two
        """,
    )
    assert done.outcomes == ["needs nothing", "compiled"]
    done.holds("from vllm.tables import make; print(make(9).size)", tmp_path)


def test_an_eager_import_that_would_go_in_a_circle_is_refused() -> None:
    done = compile_plugin(
        {
            "tables.py": TABLES,
            "tools.py": "from vllm.tables import Table\n\ndef twice(f):\n    return f\n",
        },
        """
        import vllm.tables
        from vllm.tools import twice

        @twice
        def make(size):
            return size

        vllm.tables.make = make
        """,
    )
    assert done.outcomes == ["cannot"]
    assert "vllm.tables > vllm.tools > vllm.tables" in done.made.rows[0].why


def test_what_finds_the_plugins_class_since_it_stands_below_is_named() -> None:
    done = compile_plugin(
        {"tables.py": "class Table:\n    pass\n\n\nKINDS = {'t': Table}\n"},
        """
        from vllm import tables

        class FastTable(tables.Table):
            rows = 5

        tables.Table = FastTable
        """,
    )
    assert done.kinds == ["SubclassAndRebind"]
    assert done.made.rows[0].warnings == ("lines 5 of vllm.tables have the plugin's class now",)


def test_a_class_that_stays_in_the_plugin_is_found_there(tmp_path: Path) -> None:
    done = compile_plugin(
        {
            "tables.py": """
                class Table:
                    pass


                def make():
                    return Table()


                def describe(item):
                    return "stock"
                """
        },
        """
        import enum
        import vllm.tables

        class Colour(enum.Enum):
            RED = 1

        class FastTable(vllm.tables.Table):
            colour: Colour = Colour.RED

        def describe(item):
            return type(item) is FastTable, FastTable.colour.name

        vllm.tables.Table = FastTable
        vllm.tables.describe = describe
        """,
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds("from vllm.tables import *; print(describe(make()))", tmp_path)
