"""Functions of the plugin in the place of vLLM's own: what they do, and how small they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import compile_plugin
from tests.transforms.importers.monkeypatch.translation.stand_ins import WORKER

if TYPE_CHECKING:
    from pathlib import Path


def test_a_copy_with_one_other_line_becomes_one_small_edit(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        from vllm.worker import Worker


        def load(self, path: str, strict: bool = True):
            found = path.upper()
            if strict:
                found = found.strip()
                total = len(found) + 1
            else:
                total = 0
            return (
                found,
                total,
                self.size,
            )


        Worker.load = load
        """,
    )
    assert done.outcomes == ["compiled"]
    assert done.kinds == ["Replace"]
    assert "# and count" in done.text("vllm/worker.py")
    done.holds(
        """
        from vllm.worker import Worker
        print(Worker(3).load(" a "), Worker(3).load("b", False), shown(Worker.load))
        """,
        tmp_path,
    )


def test_another_function_replaces_the_whole_and_knows_its_body(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker as w

        def area(width, height=5):
            assert height
            return sum(width for _ in range(height)) + 1

        w.area = area
        """,
    )
    assert done.kinds == ["ReplaceFunction"]
    done.holds(
        """
        from vllm.worker import area, volume
        print(area(3), area(3, 1), volume(2), shown(area))
        """,
        tmp_path,
    )


def test_a_function_that_binds_a_global_of_its_module_stays_there(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker

        _calls = 0

        def area(width, height=2):
            global _calls
            _calls += 1
            return _calls

        vllm.worker.area = area
        """,
    )
    assert "global _calls" in done.text("vllm/wheelwright_plugins/plug/it.py")
    done.holds(
        "from vllm.worker import area; print(area(1), area(1, height=4), shown(area))", tmp_path
    )


def test_a_function_elsewhere_in_the_plugin_is_imported_when_it_is_called(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker
        from plug.ops import area
        from plug.ops import Fast

        vllm.worker.area = area
        vllm.worker.Worker.load = Fast.load
        vllm.worker.Worker.scaled = Fast.scaled
        """,
        others={
            "ops.py": """
            SIZE = 3
            def area(width, /, height=2, *rest, deep=None, **more):
                return width, height, rest, deep, more, SIZE

            class Fast:
                def load(self, path, strict=False):
                    return "fast", self.size, path, strict

                @classmethod
                def scaled(cls, by):
                    return cls.__name__, by
            """
        },
    )
    assert set(done.outcomes) == {"compiled"}
    assert "SIZE" not in done.text("vllm/worker.py")
    done.holds(
        """
        from vllm.worker import Worker, area
        print(area(1), tried(lambda: area(1, 2, 3, deep=4, x=5)), Worker(8).load("p"))
        print(Worker(8).scaled(2))
        print(shown(area), shown(Worker.load), shown(Worker(1).load))
        """,
        tmp_path,
    )


def test_generators_and_coroutines_stay_what_they_are(tmp_path: Path) -> None:
    done = compile_plugin(
        {
            "streams.py": """
            async def ask(x):
                return x

            def items(n):
                yield n
            """
        },
        """
        import vllm.streams
        from plug.ops import ask, items
        vllm.streams.ask = ask
        vllm.streams.items = items
        """,
        others={
            "ops.py": """
            async def ask(x):
                return x + 1

            def items(n):
                got = yield n + 1
                return (yield got)
            """
        },
    )
    done.holds(
        """
        import asyncio
        from vllm.streams import ask, items
        found = items(1)
        print(asyncio.run(ask(1)), inspect.iscoroutinefunction(ask))
        print(next(found), tried(lambda: found.send("sent")), inspect.isgeneratorfunction(items))
        """,
        tmp_path,
    )


def test_what_says_the_same_as_upstream_needs_nothing() -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        import vllm.worker

        def area(width, height=2):
            return width * height

        vllm.worker.area = area
        """,
    )
    assert done.outcomes == ["needs nothing"]
    assert done.kinds == []


def test_lines_of_upstream_that_a_copy_has_lost_are_named() -> None:
    done = compile_plugin(
        {
            "models.py": """
            def name_of(model):
                found = None
                if model == "a":
                    found = "A"
                if model == "b":
                    found = "B"
                if model == "new":
                    found = "New"
                return found
            """
        },
        """
        import vllm.models

        def name_of(model):
            found = None
            if model == "a":
                found = "A"
            if model == "b":
                found = "B"
            return found

        vllm.models.name_of = name_of
        """,
    )
    (row,) = done.made.rows
    assert any("'new'" in line for line in row.warnings)
    assert row.warnings[-1] == "upstream's lines 7, 8 are not in the copy"


def test_a_decorator_of_the_plugin_comes_along_and_its_import_too(tmp_path: Path) -> None:
    done = compile_plugin(
        {"worker.py": WORKER},
        """
        from contextlib import contextmanager
        from vllm.worker import Worker

        @contextmanager
        def scaled(self, by):
            yield self.size * by + 1

        Worker.scaled = scaled
        """,
    )
    assert "AddImport" in done.kinds
    done.holds(
        """
        from vllm.worker import Worker
        with_it = Worker(2).scaled(4)
        print(with_it.__enter__() if hasattr(with_it, "__enter__") else with_it)
        """,
        tmp_path,
    )
