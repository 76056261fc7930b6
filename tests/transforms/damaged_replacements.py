"""Patterns of every kind in `Replace`, and in plain text what each of them depends on."""

from __future__ import annotations

from tests.transforms.damaged_module import Case
from transforms.edits import Replace

_DEVICE = "self.device_config.device_type"
REPLACEMENTS = {
    "replace an expression": Case(
        Replace(
            inside="m.Worker.init_device",
            find=f'{_DEVICE} == "cuda"',
            replace=f'{_DEVICE} in ("cuda", "musa")',
        ),
        (f'{_DEVICE} == "cuda"',),
        also=((f'{_DEVICE} == "cuda"', f'"cuda" == {_DEVICE}'),),
    ),
    "replace statements": Case(
        Replace(
            inside="m.Worker.init_device",
            find="set_random_seed(self.model_config.seed)\ngc.collect()",
            replace="start(self)",
        ),
        ("set_random_seed(self.model_config.seed)\n        gc.collect()",),
        moves=True,
    ),
    "replace around a metavariable": Case(
        Replace(
            inside="m.Worker.init_device",
            find="self.memory = measure($d, retries=3)",
            replace="self.memory = measured($d)",
        ),
        ("self.memory = measure(", ", retries=3)"),
        moves=True,
        also=(
            ("measure(self.device,", "measure(*self.device,"),
            ("measure(self.device,", "measure(self.device, self.device,"),
            ("measure(self.device,", "measure(device=self.device,"),
        ),
    ),
    "replace where a metavariable stands twice": Case(
        Replace(inside="m.Worker.serve", find="$n / 2 if $n else -1", replace="halved($n)"),
        (" / 2 if ", " else -1"),
        also=(
            ("if self.count(rows) else", "if self.count(cows) else"),
            ("if self.count(rows) else", "if self.counts(rows) else"),
            ("if self.count(rows) else", "if self.count(rows, 1) else"),
            ("if self.count(rows) else", "if not self.count(rows) else"),
        ),
    ),
    "replace where any arguments are left": Case(
        Replace(
            inside="m.Worker.serve",
            find="raise ServeError($$a, *error.args) from error",
            replace="raise ServeError($$a)",
        ),
        ("<<raise ServeError>>(", "*error.args) from error"),
        moves=True,
    ),
    "replace a function's header": Case(
        Replace(
            inside="m.Worker.serve",
            find="async def serve(self, queue, limit: int = 8, *tags, block=16) -> None:",
            replace="async def serve(self, queue, limit: int = 8, *tags, block=64) -> None:",
        ),
        ("async def serve(self, queue, limit: int = 8, *tags, block=16) -> None:",),
        also=(
            ("queue, limit: int", "queue, /, limit: int"),
            ("8, *tags, block=16)", "8, *, block=16)"),
            ("8, *tags, block=16)", "8, block=16, *tags)"),
            ("8, *tags, block=16)", "8, *tags, block)"),
            ("8, *tags, block=16)", "8, *tags, block=16, **more)"),
            ("(self, queue, limit", "(self, queue=None, limit"),
            ("(self, queue, limit", "(self, queue: list, limit"),
            (" -> None:", ":"),
        ),
    ),
    "replace a class's header": Case(
        Replace(
            inside="m.Worker", find="class Worker(Base):", replace="class Worker(Base, Mixin):"
        ),
        ("class Worker(Base):",),
        also=(("class Worker(Base)", "class Worker(Base, metaclass=ABCMeta)"),),
    ),
    "replace a with's header": Case(
        Replace(
            inside="m.Worker.serve",
            find="async with self.lock.held(timeout=30, retry=True) as lease, self.clock:",
            replace="async with self.lock.held(timeout=60, retry=True) as lease, self.clock:",
        ),
        ("async with self.lock.held(timeout=30, retry=True) as lease, self.clock:",),
    ),
    "replace an except's header": Case(
        Replace(
            inside="m.Worker.serve",
            find="except (OSError, ValueError) as error:",
            replace="except Exception as error:",
        ),
        ("except (OSError, ValueError) as error:",),
    ),
    "replace a comprehension": Case(
        Replace(
            inside="m.Worker.serve",
            find="rows = [row async for row in queue if row.ready and row.size > 0]",
            replace="rows = await self.ready(queue)",
        ),
        ("rows = [row async for row in queue if row.ready and row.size > 0]",),
        moves=True,
    ),
    "replace a call with a dictionary and an f-string": Case(
        Replace(
            inside="m.Worker.serve",
            find='await self.send({"rows": rows, **self.extra}, f"{self.kind!r:>8}")',
            replace="await self.send_all(rows)",
        ),
        ('await self.send({"rows": rows, **self.extra},',),
        also=(
            ("{self.kind!r:>8}", "{self.mind!r:>8}"),
            ("{self.kind!r:>8}", "{self.kind!s:>8}"),
            ("{self.kind!r:>8}", "{self.kind!r:>9}"),
            ("{self.kind!r:>8}", "{self.kind!r}"),
            ('f"{self.kind', 'f" {self.kind'),
            ('{"rows": rows, **self.extra}', '{**self.extra, "rows": rows}'),
            ('{"rows": rows, **', '{"rows": rows, "more": 1, **'),
        ),
    ),
    "replace a lambda": Case(
        Replace(
            inside="m.Worker.serve",
            find="lambda value, *, scale=2: value * scale - half",
            replace="self.scaled",
        ),
        ("lambda value, *, scale=2: value * scale - half",),
        also=(
            ("lambda value, *, scale=2", "lambda value, scale=2"),
            ("value * scale - half", "value * (scale - half)"),
        ),
    ),
    "replace a subscript": Case(
        Replace(inside="m.Worker.serve", find="self.rows[0:limit]", replace="self.first(limit)"),
        ("self.rows[0:limit]",),
        also=(("[0:limit]", "[0:limit:2]"), ("[0:limit]", "[:limit]"), ("[0:limit]", "[0, limit]")),
    ),
    "replace a decorator": Case(
        Replace(
            inside="m.Worker.init_device",
            find="@torch.inference_mode()",
            replace="@torch.no_grad()",
        ),
        ("@<<torch.inference_mode()>>",),
        also=(("    @torch.inference_mode()\n", ""),),
    ),
}
