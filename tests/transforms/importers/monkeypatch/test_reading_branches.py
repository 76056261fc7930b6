"""What is there by now: after branches, deletions and errors, as CPython has it."""

from __future__ import annotations

import pytest

from tests.transforms.importers.monkeypatch.running import (
    changed_by_python,
    dotted,
    rows_of,
    said_to_change,
)

PLUGINS = {
    "what was put on a base": """
        from vllm.base import Base, Sibling
        from vllm import ops
        Base.fresh = 1
        if hasattr(ops.Engine, "fresh"):
            ops.LIMIT = ops.Engine.fresh
        if not hasattr(Sibling, "fresh"):
            ops.other = 1
        """,
    "what was put on a base where an import failed": """
        from vllm.base import Base
        from vllm import ops
        try:
            from vllm.ops import nothing_there
        except ImportError:
            setattr(Base, "fresh", 1)
        if hasattr(ops.Engine, "fresh"):
            ops.REGISTRY["run"] = 1
        """,
    "what a branch that does not run puts on a class of the plugin": """
        from vllm import ops
        class Mine(ops.Engine): pass
        ops.Engine = Mine
        if 1 > 2:
            vars(ops)["Engine"].fresh = 1
        if hasattr(Mine, "fresh"):
            ops.LIMIT = 1
        else:
            ops.other = 1
        """,
    "what a handler that does not run puts on a class of the plugin": """
        from vllm import ops
        class Mine: pass
        try:
            from vllm.ops import compute
        except ImportError:
            Mine.fresh = 1
        if not hasattr(Mine, "fresh"):
            ops.other = 1
        """,
    "what was deleted": """
        from vllm import ops
        del ops.Engine.kind
        if hasattr(ops.Engine, "kind"):
            ops.LIMIT = 1
        else:
            ops.other = 1
        """,
    "what was deleted from a class that inherits it": """
        from vllm.base import Base
        from vllm import ops
        ops.Engine.inherited = 1
        del ops.Engine.inherited
        ops.found = ops.Engine.inherited
        """,
    "what cannot be deleted": """
        from vllm import ops
        try:
            del ops.Engine.inherited
            ops.LIMIT = 1
        except AttributeError:
            ops.other = 1
        """,
    "what cannot be deleted from a class of the plugin": """
        from vllm import ops
        class Mine(ops.Engine): pass
        try:
            del Mine.run
        except AttributeError:
            ops.other = 1
        """,
    "names in a dictionary": """
        from vllm import ops
        if "run" in vars(ops.Engine):
            ops.LIMIT = 1
        if "inherited" in vars(ops.Engine) or "gone" in ops.__dict__:
            ops.other = 1
        class Mine(ops.Engine): pass
        if "run" not in Mine.__dict__:
            ops.NAMES = 1
        """,
    "what is raised and handled": """
        from vllm import ops
        def check():
            raise RuntimeError("not here")
        try:
            check()
            ops.LIMIT = 1
        except RuntimeError:
            ops.other = 1
        """,
}

# Nobody can say which of them is done: the condition is the machine's.
ASKED = {
    "what a branch puts there": """
        import os
        from vllm import ops
        if os.getenv("SET"):
            ops.Engine.fresh = 1
        if hasattr(ops.Engine, "fresh"):
            ops.LIMIT = 1
        """,
    "an error that a branch raises": """
        import os
        from vllm import ops
        try:
            if os.getenv("SET"):
                raise RuntimeError
            ops.LIMIT = 1
        except RuntimeError:
            ops.other = 1
        """,
    "what a branch deletes": """
        import os
        from vllm import ops
        if os.getenv("SET"):
            del ops.Engine.kind
        try:
            ops.Engine.kind
            ops.LIMIT = 1
        except AttributeError:
            ops.other = 1
        """,
    "an object of two": """
        import os
        from vllm import ops
        class Mine: pass
        target = ops.Engine
        if not os.getenv("SET"):
            target = Mine
        target.run = 1
        """,
    "the same value, once in a branch": """
        import os
        from vllm import ops
        if os.getenv("SET"):
            ops.Engine.run = abs
        ops.Engine.run = abs
        """,
}


def _by_python(
    plugins: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    files = [{"plug/__init__.py": text} for text in plugins.values()]
    found = changed_by_python(files, tmp_path_factory.mktemp("plugins"))
    return dict(zip(plugins, found, strict=True))


@pytest.fixture(scope="module")
def by_python(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Give for each plugin what CPython changes, all of them in one process."""
    return _by_python({**PLUGINS, **ASKED}, tmp_path_factory)


@pytest.mark.parametrize("name", PLUGINS)
def test_what_is_read_is_what_python_changes(name: str, by_python: dict[str, list[str]]) -> None:
    rows = rows_of(PLUGINS[name])
    deleted = {dotted(row) for row in rows if row.form.name == "DELETE"}
    assert by_python[name] != []
    assert set(said_to_change(rows)) - deleted == set(by_python[name]) - deleted
    assert not any(row.guards or row.why_not for row in rows)


@pytest.mark.parametrize("name", ASKED)
def test_what_the_machine_decides_may_happen(name: str, by_python: dict[str, list[str]]) -> None:
    rows = rows_of(ASKED[name])
    surely = [row for row in rows if not row.guards and not row.why_not]
    assert set(said_to_change(surely)) <= set(by_python[name]) <= set(said_to_change(rows))
    assert [row.dead for row in rows if row.dead] == []
