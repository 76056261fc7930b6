"""What is read of a plugin is what CPython does with it: the same attributes of vLLM change."""

from __future__ import annotations

import pytest

from tests.transforms.importers.monkeypatch.running import (
    changed_by_python,
    rows_of,
    said_to_change,
)

PLUGINS = {
    "a method through an alias": """
        import vllm.ops as o
        E = o.Engine
        def run(self, x): return 0
        E.run = run
        """,
    "a class that was re-exported": """
        from vllm.api import Engine
        Engine.run = lambda self, x: 1
        """,
    "a re-exported function, which only the consumer has anew": """
        import vllm.api
        vllm.api.compute = lambda x: 2
        """,
    "an import site and the definition": """
        from vllm import ops, user
        def compute(x): return 5
        ops.compute = user.compute = compute
        """,
    "several targets at once": """
        from vllm import ops
        ops.compute, (ops.LIMIT, ops.other) = abs, (7, len)
        """,
    "setattr with names that are constants": """
        from vllm.ops import Engine
        NAME = "ru" + "n"
        PREFIX = "orig"
        setattr(Engine, f"_{PREFIX}_{NAME}", Engine.run)
        setattr(Engine, NAME, lambda self, x: 0)
        """,
    "a deleted member": """
        from vllm import ops
        del ops.Engine.kind
        delattr(ops, "other")
        """,
    "modules by their names": """
        import importlib, sys
        m = importlib.import_module("vllm.ops")
        m.LIMIT = 9
        sys.modules["vllm.user"].use = None
        vars(sys.modules["vllm.ops"])["compute"] = max
        m.__dict__["NAMES"] = []
        """,
    "a function that patches, called twice": """
        from vllm import ops
        def patch(cls, name, value):
            setattr(cls, name, value)
        patch(ops.Engine, "run", 1)
        patch(ops.Engine.Inner, "run", 2)
        """,
    "a patch that is applied once only": """
        from vllm import ops
        _DONE = False
        def apply():
            global _DONE
            if _DONE:
                return
            _DONE = True
            ops.LIMIT = 4
        apply()
        apply()
        """,
    "a wrapper that a decorator factory makes": """
        from functools import wraps
        from vllm import ops
        def twice(times):
            def outer(f):
                @wraps(f)
                def inner(*a):
                    return f(*a) * times
                return inner
            return outer
        ops.compute = twice(2)(ops.compute)
        ops.Engine.run = twice(3)(ops.Engine.run)
        """,
    "registries": """
        from vllm.ops import REGISTRY, NAMES, Engine
        REGISTRY["b"] = 2
        NAMES.append("y")
        Engine.table["k"] = len
        """,
    "a list that is added to": """
        from vllm import ops
        ops.REGISTRY.update({"z": 1})
        from vllm.ops import NAMES
        NAMES += ["w"]
        """,
    "a subclass in the place of its base": """
        import vllm.ops
        class Mine(vllm.ops.Engine):
            def run(self, x): return super().run(x)
        vllm.ops.Engine = Mine
        """,
    "what presence decides": """
        from vllm.ops import Engine
        import vllm.ops as ops
        if hasattr(Engine, "inherited"):
            Engine.inherited = lambda self: 1
        if not hasattr(Engine, "absent"):
            Engine.absent = lambda self: 1
        if hasattr(Engine, "missing"):
            Engine.missing = 2
        elif getattr(ops, "nothing", None) is None:
            ops.found = 3
        """,
    "what the version decides": """
        import vllm
        from vllm import ops
        if vllm.__version__ == "0.23.0":
            ops.LIMIT = 1
        else:
            ops.other = 1
        """,
    "an import that fails": """
        from vllm import ops
        try:
            from vllm.ops import NoSuchName
        except ImportError:
            NoSuchName = None
            ops.LIMIT = 0
        if NoSuchName is not None:
            ops.other = 1
        """,
    "a module that this release does not have": """
        from vllm import ops
        try:
            import vllm.gone.away
            ops.other = 1
        except Exception:
            ops.LIMIT = 1
        else:
            ops.compute = 2
        finally:
            ops.NAMES = ()
        """,
    "a loop over classes": """
        from vllm.ops import Engine
        from vllm.base import Sibling
        for cls in (Engine, Sibling):
            cls.run = lambda self: 0
        """,
    "a class that patches": """
        from vllm import ops
        class Patcher:
            def __init__(self, limit):
                ops.LIMIT = limit
            def apply(self):
                ops.compute = self.helper
                return self
            def helper(self, x): return x
            @classmethod
            def everything(cls):
                ops.other = cls
        Patcher(5).apply()
        Patcher.everything()
        """,
    "the plugin's own objects, which are nobody else's": """
        from vllm import ops
        def f(): pass
        f.marker = True
        f.__module__ = ops.__name__
        class A: pass
        A.x = 1
        import math
        holder = [1]
        holder[0] = 2
        ops.compute = f
        """,
    "what was put there before": """
        from vllm.ops import Engine
        Engine.fresh = 1
        if hasattr(Engine, "fresh"):
            Engine.kind = 2
        else:
            Engine.run = 3
        """,
    "names that a branch binds which does not run": """
        from vllm import ops
        target = ops.Engine
        if not ops:
            target = ops.Engine.Inner
        target.run = 1
        """,
    "names that a loop binds which does run": """
        from vllm import ops
        target = ops.Engine
        for _ in (1,):
            target = ops.Engine.Inner
        target.run = 1
        """,
    "names that are bound behind a return": """
        from vllm.ops import Engine
        def choose():
            global NAME
            NAME = "run"
            return
            NAME = "plain"
        choose()
        setattr(Engine, NAME, 1)
        """,
    "arguments by their names": """
        from vllm.ops import Engine
        def patch(holder, name="plain", *rest, value=None, **more):
            setattr(holder, name, value)
        patch(name="run", holder=Engine, value=1, other=2)
        """,
    "partial and methods": """
        from functools import partial, partialmethod
        from vllm import ops
        ops.compute = partial(ops.compute, 1)
        ops.Engine.plain = staticmethod(lambda x: x)
        ops.Engine.make = classmethod(lambda cls: 3)
        ops.Engine.state = property(lambda self: 1)
        ops.Engine.size = property(lambda self: 2)
        """,
    "a return in a branch": """
        from vllm import ops
        def patch():
            if ops.LIMIT_IS_ABSENT if hasattr(ops, "LIMIT_IS_ABSENT") else False:
                return
            ops.LIMIT = 2
            return
            ops.compute = 3
        patch()
        """,
    "an original that was saved and wrapped twice": """
        from vllm import ops
        first = ops.compute
        def one(x): return first(x)
        ops.compute = one
        second = ops.compute
        def two(x): return second(x)
        ops.compute = two
        """,
}


@pytest.fixture(scope="module")
def by_python(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Give for each plugin what CPython changes, all of them in one process."""
    plugins = [{"plug/__init__.py": text} for text in PLUGINS.values()]
    found = changed_by_python(plugins, tmp_path_factory.mktemp("plugins"))
    return dict(zip(PLUGINS, found, strict=True))


@pytest.mark.parametrize("name", PLUGINS)
def test_what_is_read_is_what_python_changes(name: str, by_python: dict[str, list[str]]) -> None:
    assert by_python[name] != []
    assert said_to_change(rows_of(PLUGINS[name])) == by_python[name]
