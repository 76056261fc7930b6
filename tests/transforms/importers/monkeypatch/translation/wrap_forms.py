"""The ways in which a plugin wraps a method: module by module, what it assigns and to what."""

from __future__ import annotations

RECORD = """
import functools
import vllm.engine, vllm.user
from vllm.engine import Base, Engine, calls
"""
FORMS = {
    "of the same header": """
        _original = Engine.step

        @functools.wraps(_original)
        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *_original(self, tokens + 1, fast=not fast)]

        Engine.step = step
        """,
    "of all arguments, by setattr": """
        _original = getattr(Engine, "step")

        def step(self, *args, **kwargs):
            calls.append(("patched", args))
            return ["patched", *_original(self, *args, **kwargs)]

        setattr(Engine, "step", step)
        """,
    "that asks for the parameters": """
        import inspect

        _original = Engine.step

        @functools.wraps(_original)
        def step(self, *args, **kwargs):
            given = inspect.signature(_original).bind(self, *args, **kwargs)
            calls.append(("patched", sorted(given.arguments)))
            return ["patched", *_original(self, *args, **kwargs)]

        Engine.step = step
        """,
    "that asks for the parameters, and hides them": """
        import inspect

        _original = Engine.step
        _signature = inspect.signature(_original)

        def step(self, *args, **kwargs):
            given = _signature.bind_partial(self, *args, **kwargs)
            calls.append(("patched", given.arguments.get("tokens")))
            return ["patched", *_original(self, *args, **kwargs)]

        Engine.step = step
        """,
    "that asks for inherited parameters": """
        import inspect

        _original = Engine.stop

        @functools.wraps(_original)
        def stop(self, *args, **kwargs):
            given = inspect.signature(_original).bind(self, *args, **kwargs)
            calls.append(("patched", sorted(given.arguments)))
            return ["patched", *_original(self, *args, **kwargs)]

        Engine.stop = stop
        """,
    "of a class whose name is taken": """
        _original = Engine.step

        @functools.wraps(_original)
        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *_original(self, tokens, fast=fast)]

        Engine.step = step

        class Fast(Engine):
            def run(self, *args, **kwargs):
                calls.append("fast")
                return super().run(*args, **kwargs)

        vllm.engine.Engine = Fast
        """,
    "of a class whose name was taken": """
        class Fast(Engine):
            def stop(self, now=False):
                calls.append("fast")
                return super().stop(now)

        vllm.engine.Engine = Fast
        from vllm.engine import Engine as Taken

        _original = Engine.step

        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *_original(self, tokens, fast=fast)]

        Engine.step = step
        """,
    "of other defaults": """
        _original = Engine.step

        def step(self, tokens, *, fast=False, more=1):
            calls.append(("patched", more))
            return ["patched", *_original(self, tokens, fast=fast)]

        Engine.step = step
        """,
    "a lambda that hands the original on": """
        _original = Engine.step

        def _with(engine, tokens, fast, original):
            calls.append("patched")
            return ["patched", *original(engine, tokens, fast=fast)]

        Engine.step = lambda self, tokens, *, fast=False: _with(self, tokens, fast, _original)
        """,
    "made by a function": """
        def counted(function, times):
            @functools.wraps(function)
            def wrap(*args, **kwargs):
                calls.append("counted")
                return function(*args, **kwargs) * times
            return wrap

        Engine.step = counted(Engine.step, 2)
        """,
    "awaited": """
        _original = Engine.fetch

        async def fetch(self, key):
            calls.append("patched")
            return ["patched", *(await _original(self, key))]

        Engine.fetch = fetch
        """,
    "a generator": """
        _original = Engine.tokens

        def tokens(self, count):
            calls.append("patched")
            last = yield from _original(self, count + 1)
            return ["patched", last]

        Engine.tokens = tokens
        """,
    "an asynchronous generator": """
        _original = Engine.stream

        async def stream(self, count):
            calls.append("patched")
            items = _original(self, count + 1)
            sent = yield await items.__anext__()
            yield await items.asend([sent])
            await items.aclose()

        Engine.stream = stream
        """,
    "a static method": """
        _original = Engine.run

        def run(*args, **kwargs):
            calls.append("patched")
            return ["patched", *_original(*args, **kwargs)]

        Engine.run = staticmethod(run)
        """,
    "a class method": """
        _original = Engine.make

        @classmethod
        def make(cls, size, deep=1):
            calls.append(("patched", cls.__name__))
            return ["patched", *_original(size, deep)]

        Engine.make = make
        """,
    "a class method, by its function": """
        _original = Engine.make.__func__

        def make(cls, size, deep=1):
            calls.append(("patched", cls.__name__))
            return ["patched", *_original(cls, size, deep)]

        Engine.make = classmethod(make)
        """,
    "a context manager": """
        from contextlib import contextmanager

        _original = Engine.locked

        @contextmanager
        def locked(self):
            calls.append("patched")
            with _original(self) as lock:
                yield ["patched", lock]

        Engine.locked = locked
        """,
}
