"""Small reports: every verdict once, from replays that no compiler made."""

from __future__ import annotations

from build_hooks.triton.comparison import Comparison
from build_hooks.triton.configurations import Configurations, Job
from build_hooks.triton.replay import HOPPER, Attempt, Replay
from build_hooks.triton.report import Report, Subject, make_report
from build_hooks.triton.runner.census import JitFunction

HOSTILE = "<img src=x onerror=\"document.title='broken'\"></script><script>alert(1)</script>"
NO_GATHER = "AttributeError: module 'triton.language' has no attribute 'gather'"
ANNOTATION = "AttributeError: 'AnnAssign' object has no attribute 'targets'"
SUBJECT = Subject(release="0.33.0", platforms=["musa"], triton="3.1.0", target=HOPPER)


def function(name: str, path: str = "ops/a.py", line: int = 3, *parameters: str) -> JitFunction:
    """Give a function that stands somewhere.

    Args:
        name: its dotted name.
        path: its file.
        line: of its `def`.
        parameters: their names.
    """
    return JitFunction(path, name, line, line - 1, 0, parameters)


def replayed(
    attempts: dict[str, tuple[str, ...]],
    keys: dict[str, str | None],
    reached: dict[str, tuple[str, ...]] | None = None,
    ir: str = "r",
) -> Replay:
    """Give a replay.

    Args:
        attempts: for each kernel its error; empty where it compiled.
        keys: for each function why its `cache_key` failed.
        reached: for kernels what else they were compiled with.
        ir: what each gave.
    """
    made = [
        Attempt(f"ops/a.py::{name}", number, error=error)
        if error
        else Attempt(
            f"ops/a.py::{name}",
            number,
            raw_ir=ir,
            ttir=ir,
            reached=tuple(f"ops/a.py::{one}" for one in (name, *(reached or {}).get(name, ()))),
        )
        for number, (name, error) in enumerate(attempts.items())
    ]
    named = {f"ops/a.py::{name}": error for name, error in keys.items()}
    return Replay("3.1.0", len(named), tuple(made), named, parameters={}, notes=(), seconds=1.0)


KERNELS = ("holds", "gained", "stops", "launch", "lost", "unlaunched")
FUNCTIONS = (*KERNELS, "helper", "unrecorded")


def report_of(*without: str) -> Report:
    """Give a report with a function for each verdict, named by it.

    Args:
        without: functions that are left out.
    """
    kernels = [name for name in KERNELS if name not in without]
    bad = {
        "gained": (f"CompilationError: at 2:4: {HOSTILE}", ANNOTATION),
        "stops": ("CompilationError: at 1:2", f"E: {HOSTILE}"),
    }
    worse = {"stops": bad["stops"], "lost": ("CompilationError: x", NO_GATHER)}
    keys = dict.fromkeys((*kernels, "helper", "unrecorded"), None)
    before = replayed({name: bad.get(name, ()) for name in kernels}, {**keys, "launch": NO_GATHER})
    after = replayed(
        {name: worse.get(name, ()) for name in kernels},
        {
            **keys,
            "added": None,
            **({} if "launch" in without else {"launch": NO_GATHER}),
            **({} if "unlaunched" in without else {"unlaunched": NO_GATHER}),
        },
        {"gained": ("helper",)},
    )
    jobs = [Job(f"ops/a.py::{name}", number, []) for number, name in enumerate(kernels)]
    census = [function(name) for name in FUNCTIONS if name not in without]
    return make_report(SUBJECT, census, Configurations(jobs=jobs), Comparison(before, after))
