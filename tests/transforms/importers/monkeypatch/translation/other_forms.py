"""What else a plugin wraps: what is inherited, imported, wrapped already, or a whole class."""

from __future__ import annotations

OTHER_FORMS = {
    "inherited": """
        _original = Engine.stop

        def stop(self, now=False):
            calls.append("patched")
            return ["patched", *_original(self, now)]

        Engine.stop = stop
        """,
    "an inherited class method": """
        _original = Engine.named

        @classmethod
        def named(cls, name):
            calls.append("patched")
            return ["patched", *_original(name)]

        Engine.named = named
        """,
    "a property": """
        _original = Base.state.fget

        def state(self):
            calls.append("patched")
            return ["patched", _original(self)]

        Base.state = property(state)
        """,
    "a module's function": """
        _original = vllm.engine.resolve

        def resolve(config, sizes=()):
            calls.append("patched")
            return ["patched", *_original(config, sizes)]

        vllm.engine.resolve = resolve
        vllm.user.resolve = resolve
        """,
    "a module's function, in another order": """
        _original = vllm.engine.ordered

        def ordered(config, deep, sizes=None, more=1, last=None):
            calls.append(("patched", more))
            return ["patched", *_original(config=config, sizes=sizes, deep=deep, last=last)]

        vllm.engine.ordered = ordered
        """,
    "what a module imports": """
        _original = vllm.user.resolve

        def resolve(config, sizes=()):
            calls.append("patched")
            return ["patched", *_original(config, sizes)]

        vllm.user.resolve = resolve
        """,
    "twice": """
        _first = Engine.run

        def once(*args, **kwargs):
            calls.append("once")
            return ["once", *_first(*args, **kwargs)]

        Engine.run = staticmethod(once)
        _second = Engine.run

        def twice(*args, **kwargs):
            calls.append("twice")
            return ["twice", *_second(*args, **kwargs)]

        Engine.run = staticmethod(twice)
        """,
    "under a condition": """
        import os

        _original = Engine.step

        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *_original(self, tokens, fast=fast)]

        if os.environ.get("PLUG", "1") == "1":
            Engine.step = step
        """,
    "kept as an attribute": """
        if not hasattr(Engine, "_plug_step"):
            Engine._plug_step = Engine.step

        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *self._plug_step(tokens, fast=fast)]

        Engine.step = step
        """,
    "called by a helper": """
        _original = Engine.step

        def _help(engine, tokens, fast):
            return _original(engine, tokens, fast=fast)

        def step(self, tokens, *, fast=False):
            calls.append("patched")
            return ["patched", *_help(self, tokens, fast)]

        Engine.step = step
        """,
    "by a function that is called again": """
        _done = False
        _run = Engine.run

        def apply():
            global _done
            if _done:
                return
            _done = True
            original = Engine.step

            def step(self, tokens, *, fast=False):
                calls.append("patched")
                return ["patched", *original(self, tokens, fast=fast)]

            Engine.step = step

        apply()

        def run(*args, **kwargs):
            apply()
            return ["run", *_run(*args, **kwargs)]

        Engine.run = staticmethod(run)
        """,
    "called by another one's patch": """
        _original = Engine.step

        def step(self, tokens, *, fast=False):
            calls.append("replaced")
            return ["replaced"]

        def run(*args, **kwargs):
            calls.append("patched")
            return _original(Engine(), args)

        Engine.step = step
        Engine.run = staticmethod(run)
        """,
    "a subclass that takes the name": """
        _Engine = vllm.engine.Engine

        class Fast(_Engine):
            def step(self, tokens, *, fast=False):
                calls.append("patched")
                return ["patched", *super().step(tokens, fast=fast)]

            async def fetch(self, key):
                calls.append("patched")
                return ["patched", *(await super().fetch(key))]

            def tokens(self, count):
                calls.append("patched")
                return (yield from super().tokens(count))

            async def stream(self, count):
                calls.append("patched")
                items = super().stream(count)
                sent = yield await items.__anext__()
                yield await items.asend(sent)
                await items.aclose()

            @staticmethod
            def run(*args, **kwargs):
                calls.append("patched")
                return _Engine.run(*args, **kwargs)

            @classmethod
            def make(cls, size, deep=1):
                calls.append("patched")
                return ["patched", *super().make(size, deep)]

            @property
            def state(self):
                calls.append("patched")
                return ["patched", super().state]

        vllm.engine.Engine = Fast
        """,
    "a registry's entry": """
        _original = vllm.engine.REGISTRY["plain"]

        def patched(config, sizes=()):
            calls.append("patched")
            return ["patched", *_original(config, sizes)]

        vllm.engine.REGISTRY["plain"] = patched
        """,
    "a value made of the old one": """
        vllm.engine.LIMITS = [*vllm.engine.LIMITS, 2]
        """,
    "a list that grows": """
        vllm.engine.LIMITS.append(2)
        """,
}
