"""WrapFunction around generators of both kinds: what goes in and out goes through the wrapper."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.transforms.executed import executed_after
from transforms.edits import WrapFunction

_COUNTED = "log.append('before')"
_CHECKED = "log.append('after')"


def _edit(inside: str, **code: str) -> WrapFunction:
    return WrapFunction(inside=inside, **(code or {"before": _COUNTED, "after": _CHECKED}))


def test_a_generator_passes_on_values_errors_and_its_return_value() -> None:
    before = """
    def f(x):
        try:
            got = yield x
        except KeyError:
            got = yield "caught"
        return [got]

    def all_of_it():
        log.append((yield from f(1)))
    """
    module = executed_after(before, _edit("m.f", before=_COUNTED, after="result = (result,)"))
    outer = module.all_of_it()
    assert module.log == []
    assert next(outer) == 1
    assert outer.throw(KeyError()) == "caught"
    with pytest.raises(StopIteration):
        outer.send("sent")
    assert module.log == ["before", (["sent"],)]


def test_an_asynchronous_generator_passes_on_all_that_goes_in_and_out() -> None:
    before = """
    async def f():
        try:
            try:
                log.append((yield 1))
            except KeyError:
                log.append((yield "caught"))
            yield 2
        finally:
            log.append("closed")
    """

    async def use(module: Any) -> None:  # noqa: ANN401 - a module's attributes are anything
        log = module.log
        assert [item async for item in module.f()] == [1, 2]
        assert [item for item in log if item in ("before", "after")] == ["before", "after"]
        log.clear()
        agen = module.f()
        assert await agen.asend(None) == 1
        assert await agen.asend("sent") == 2
        await agen.aclose()
        assert log == ["before", "sent", "closed"]
        log.clear()
        agen = module.f()
        assert await agen.__anext__() == 1
        assert await agen.athrow(KeyError()) == "caught"
        with pytest.raises(ZeroDivisionError):
            await agen.athrow(ZeroDivisionError())
        assert log == ["before", "closed"]

    asyncio.run(use(executed_after(before, _edit("m.f"))))


def test_context_managers_of_both_kinds_see_the_errors_of_their_block() -> None:
    before = """
    import contextlib

    @contextlib.contextmanager
    def f():
        try:
            yield 1
        except KeyError:
            log.append("caught")

    @contextlib.asynccontextmanager
    async def g():
        try:
            yield 2
        except KeyError:
            log.append("caught")
    """

    async def use(module: Any) -> None:  # noqa: ANN401 - a module's attributes are anything
        async with module.g() as value:
            if value == 2:
                raise KeyError
        with pytest.raises(ValueError, match="through"):
            async with module.g():
                raise ValueError("through")

    module = executed_after(before, _edit("m.f"), _edit("m.g"))
    with module.f() as value:
        if value == 1:
            raise KeyError
    with pytest.raises(ValueError, match="through"), module.f():
        raise ValueError("through")
    assert module.log == ["before", "caught", "after", "before"]
    module.log.clear()
    asyncio.run(use(module))
    assert module.log == ["before", "caught", "after", "before"]


def test_a_yield_in_an_inner_function_makes_no_generator() -> None:
    before = "def f():\n    def g():\n        yield 1\n    return [*g(), *(lambda: (yield))()]\n"
    assert executed_after(before, _edit("m.f")).f() == [1, None]
