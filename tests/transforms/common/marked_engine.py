"""A module of vLLM as compiled patches leave it, and a plugin that patches it while it runs."""

from __future__ import annotations

from pathlib import Path

RUNTIME = Path(__file__).parents[3] / "transforms/common/runtime/vllm"
ENGINE = """
from vllm import wheelwright_marks

LIMIT = 3
REGISTRY = {"plain": lambda: 1}


class Base:
    def stop(self):
        return "base"


class Engine(Base):
    def step(self):
        if wheelwright_marks.stands_aside(__name__, "Engine.step"):
            return "upstream"
        return "compiled"

    @staticmethod
    def run():
        if wheelwright_marks.stands_aside(__name__, "Engine.run"):
            return "upstream"
        return "compiled"

    @property
    def state(self):
        if wheelwright_marks.stands_aside(__name__, "Engine.state"):
            return "upstream"
        return "compiled"


def early():
    return wheelwright_marks.stands_aside(__name__, "resolve")


EARLY = early()


def resolve():
    if wheelwright_marks.stands_aside(__name__, "resolve"):
        return "upstream"
    return "compiled"


__wheelwright__ = wheelwright_marks.mark(__name__, "plug/one", "Engine.step", "Engine.run")


__wheelwright__ = wheelwright_marks.mark(
    __name__,
    "plug/two",
    "Engine.state",
    "resolve",
    "LIMIT",
    "REGISTRY['plain']",
    "Gone.member",
    "gone",
)
"""
PLUGIN = """
import functools
from vllm.engine import Engine
import vllm.engine as module

def step(self, original=Engine.step):
    return "plugin " + original(self)

def around(function):
    @functools.wraps(function)
    def inner(*args):
        return "plugin " + function(*args)
    return inner

class Wrapping:
    def __init__(self, function):
        self.function = function
    def __call__(self, *args):
        return "plugin " + self.function(*args)

class Fast(Engine):
    def step(self):
        return "fast " + super().step()
"""
