"""A stand-in for vLLM, and a program that uses all of it, to be patched twice."""

from __future__ import annotations

ENGINE = """
    from contextlib import contextmanager

    calls = []


    class Base:
        def stop(self, now=False):
            calls.append(("stop", now))
            return [now]

        @property
        def state(self):
            calls.append("state")
            return "base"

        @classmethod
        def named(cls, name):
            calls.append(("named", cls.__name__))
            return [name]


    class Engine(Base):
        def step(self, tokens, *, fast=False):
            calls.append(("step", tokens, fast))
            return [tokens]

        async def fetch(self, key):
            calls.append(("fetch", key))
            return [key]

        def tokens(self, count):
            calls.append(("tokens", count))
            sent = yield count
            yield sent
            return "end"

        async def stream(self, count):
            calls.append(("stream", count))
            try:
                sent = yield count
                yield sent
            finally:
                calls.append("closed")

        @staticmethod
        def run(*args, **kwargs):
            calls.append(("run", args, sorted(kwargs)))
            return [args]

        @classmethod
        def make(cls, size, deep=1):
            calls.append(("make", cls.__name__, size, deep))
            return [cls.__name__]

        @contextmanager
        def locked(self):
            calls.append("locks")
            yield "lock"
            calls.append("unlocks")


    def resolve(config, sizes=()):
        calls.append(("resolve", config, sizes))
        return [config, *sizes]


    def plain(config, sizes=()):
        calls.append(("plain", config))
        return [config]


    def ordered(config, sizes, deep, last=None):
        calls.append(("ordered", config, sizes, deep, last))
        return [config]


    REGISTRY = {"plain": plain}
    LIMITS = [1]
    """
USER = """
    from vllm.engine import resolve


    def used(config):
        return resolve(config)
    """
PROBE = """
import asyncio
import vllm.engine as e
from vllm.engine import Engine
from vllm.user import used


class Derived(Engine):
    def step(self, tokens, *, fast=False):
        return ["derived", *super().step(tokens, fast=fast)]

    @classmethod
    def make(cls, size, deep=2):
        return ["derived", *super().make(size, deep)]

    def stop(self, now=False):
        return ["derived", *super().stop(now)]


def iterated(generator):
    found = [next(generator)]
    try:
        found.append(generator.send("sent"))
        next(generator)
    except StopIteration as end:
        return [*found, end.value]


async def streamed(items):
    found = [await items.__anext__(), await items.asend("sent")]
    await items.aclose()
    return found


for made in (Engine(), Derived()):
    print(made.step(1), made.step(2, fast=True), made.stop(), made.stop(True), made.state)
    print(made.run(1, a=2), made.step(3), made.make(3), made.make(size=4, deep=5), made.named("n"))
    print(asyncio.run(made.fetch("k")), iterated(made.tokens(6)))
    print(asyncio.run(streamed(made.stream(7))))
    with made.locked() as lock:
        print(lock)
print(e.resolve(8), used(9), e.REGISTRY["plain"](10), e.LIMITS)
print(e.ordered(config=1, sizes=2, deep=3), e.ordered(config=1, sizes=2, deep=3, last=4))
print(*e.calls, sep="\\n")
print(shown(Engine.step), shown(Engine.stop))
"""
