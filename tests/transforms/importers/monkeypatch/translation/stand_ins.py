"""Modules that stand in for those of vLLM in several tests."""

from __future__ import annotations

ENGINE = """
    class Base:
        def stop(self, now=False):
            return ["base", now]


    class Engine(Base):
        def __init__(self, config, log=True):
            self.config = config
            self.log = log

        def step(self, tokens, *, fast=False):
            return [tokens, fast, self.config]

        @staticmethod
        def run(*args, **kwargs):
            return ["run", args, sorted(kwargs)]

        @classmethod
        def make(cls, config):
            return cls(config)


    def resolve(config, sizes=()):
        return [config, *sizes]
    """

WORKER = """
    import math


    class Worker:
        '''Works.'''

        def __init__(self, size, *, name="w"):
            self.size = size
            self.name = name

        def load(self, path, strict=True):
            '''Load.'''
            # Read it first.
            found = path.upper()
            if strict:
                found = found.strip()
                # and count
                total = len(found)
            else:
                total = 0
            return found, total, self.size

        def scaled(self, by):
            return math.floor(self.size * by)


    def area(width, height=2):
        return width * height


    def volume(width):
        return area(width) * 3
    """

TABLES = """
    import os


    class Table:
        rows = 2

        def __init__(self, size):
            self.size = size

        def total(self):
            return self.size * self.rows

        @classmethod
        def small(cls):
            return cls(1)


    def make(size):
        return Table(size)
    """

RUNNER = """
    from vllm.tables import Table, make


    class Runner:
        def __init__(self):
            self.table = Table(3)

        def known(self):
            return isinstance(self.table, Table)


    def made():
        return make(4).total()
    """
