"""The names that functions of the plugin ask for: where they come from in vLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.importers.monkeypatch.translation.stand_ins import WORKER

if TYPE_CHECKING:
    from pathlib import Path


def test_helpers_constants_and_imports_of_the_patch_module_come_along(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        # Copyright of somebody, Apache-2.0.
        import json
        from math import floor as down

        from plug.tools import twice
        from vllm.worker import Worker

        LIMIT = 7
        LOST = "never needed"


        # What a size is at most.
        def _limited(size):
            return min(size, LIMIT)


        def scaled(self, by: json.JSONDecoder):
            return down(twice(_limited(self.size)) * by), json.dumps([LIMIT])


        Worker.scaled = scaled
        """,
        others={"tools.py": "def twice(x):\n    return 2 * x\n"},
    )
    done.holds(
        "from vllm.worker import Worker; print(Worker(9).scaled(1.5), shown(Worker.scaled))",
        tmp_path,
    )
    text = done.text("vllm/wheelwright_plugins/plug/it.py")
    assert text.startswith("# Copyright of somebody, Apache-2.0.\n")
    assert "# What a size is at most.\ndef _limited" in text
    assert "LOST" not in text
    assert "Worker" not in text


def test_names_that_the_module_has_are_not_imported_again(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import math as m

        from vllm import worker
        from vllm.worker import Worker


        def scaled(self, by):
            return m.ceil(self.size * by) + worker.area(1)


        Worker.scaled = scaled
        """,
    )
    assert done.text("vllm/worker.py").count("import ") == 2  # of math, and for the marks
    done.holds("from vllm.worker import Worker; print(Worker(3).scaled(1.5))", tmp_path)


def test_a_local_name_of_the_function_keeps_its_module_imported(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        from vllm import worker


        def volume(width):
            area = worker.area(width)
            return area, f"{worker.area(1)}"


        worker.volume = volume
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds("from vllm.worker import volume; print(volume(2))", tmp_path)


def test_a_name_inside_of_an_f_string_is_imported_rather_than_written_otherwise(
    tmp_path: Path,
) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker as w
        from math import floor as down
        import math as m

        def volume(width):
            return "a b c" f"{w.area(width)}" f"d{m.pi:.2f}" + f"{down(1.5)!r}"

        w.volume = volume
        """,
    )
    assert done.outcomes == ["compiled"]
    # Positions there differ between Pythons.
    assert "{w.area(width)}" in done.text("vllm/worker.py")
    done.holds("from vllm.worker import volume; print(volume(2))", tmp_path)


def test_an_annotation_that_the_module_cannot_read_is_left_out(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        from decimal import Decimal

        from vllm.worker import Worker


        def load(self: Worker, path: Decimal, strict: bool = True) -> Decimal:
            found: Decimal = path * 2
            def inner(item: Decimal) -> Decimal:
                return item
            return inner(found)


        Worker.load = load
        """,
    )
    text = done.text("vllm/worker.py")
    assert "Decimal" not in text
    assert "strict: bool = True" in text
    done.holds(
        "from vllm.worker import Worker; print(Worker(1).load('x'), shown(Worker.load))", tmp_path
    )


def test_a_default_that_is_a_constant_of_the_plugin_is_written_out(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker

        HEIGHT = 11

        def area(width, height=HEIGHT):
            return width + height

        vllm.worker.area = area
        """,
    )
    assert "height=11" in done.text("vllm/worker.py")
    done.holds("from vllm.worker import area; print(area(1), shown(area))", tmp_path)


def test_a_private_name_means_the_same_in_a_class(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        from vllm.worker import Worker

        def scaled(self, by):
            self.__secret = by
            return sorted(vars(self))

        Worker.scaled = scaled
        """,
    )
    done.holds("from vllm.worker import Worker; print(Worker(1).scaled(2))", tmp_path)
