"""What no build can say of a plugin: a row of the table, with its place and the reason."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.importers.monkeypatch.running import RELEASE, VLLM, plugin_of, reading_of
from tests.transforms.trees import MemoryTree
from transforms.importers.monkeypatch.compiler import compile_plugin

_HEAD = dedent("""\
    import importlib, operator, sys, types, torch
    from unittest import mock
    from vllm import ops, user
    from elsewhere import names, other
    E = ops.Engine
    """)
_LINE = _HEAD.count("\n") + 1

# What is written on the first line behind the head, and what the table says of it.
_CANNOT = [
    ("setattr(E, f'run_{names()}', 1)", "the name of the attribute is computed"),
    ("delattr(E, names())", "the name of the attribute is computed"),
    ("vars(ops)[names()] = 1", "the name of the attribute is computed"),
    ("for n in names(): setattr(E, n, 1)", "in a loop over `names()`"),
    ("for E.run in (1, 2): pass", "in a loop over `(1, 2)`"),
    ("for n in list(sys.modules): setattr(sys.modules[n], 'use', 1)", "in a loop over"),
    ("while names(): E.run = 1", "in the loop `while names()`"),
    ("[setattr(E, n, 1) for n in names()]", "in the comprehension"),
    ("any(setattr(E, 'run', 1) for _ in (1,))", "in the comprehension"),
    ("{n: setattr(E, 'run', n) for n in names()}", "in the comprehension"),
    ("exec('ops.LIMIT = 1')", "it runs code that `exec` is given"),
    ("eval('setattr(ops, \"LIMIT\", 1)')", "it runs code that `eval` is given"),
    ("torch.accelerator.empty_cache = other", "torch.accelerator.empty_cache is not vLLM's"),
    ("setattr(torch.nn.Module, 'forward', other)", "torch.nn.Module.forward is not vLLM's"),
    ("E.kind = torch.npu.current_device()", "without imports of its own"),
    ("with names() as u: u.run = 1", "its target is computed"),
    ("with names() as E.run: pass", ""),
    ("def never(): E.run = 1", "when `never` is called"),
    ("def never(n): setattr(E, n, 1)", "when `never` is called"),
    ("mock.patch('vllm.ops.compute', 1).start()", "`unittest.mock` puts it there for a while"),
    ("mock.patch.object(E, 'run', other).start()", "`unittest.mock` puts it there for a while"),
    ("importlib.reload(user)", "the module is executed once more"),
    ("sys.modules['vllm.ops'] = other", "it takes a whole module's place"),
    ("sys.modules.update({'vllm.ops': other})", "the place of modules that are computed"),
    ("sys.modules.pop('vllm.ops')", "it takes a whole module's place"),
    ("ops.__dict__.update(names())", "it changes the `__dict__` itself"),
    ("vars(ops).clear()", "it changes the `__dict__` itself"),
    ("E.__bases__ = (other,)", "`__bases__` is Python's own"),
    ("ops.__class__ = other", "`__class__` is Python's own"),
    ("E.run.__code__ = other.__code__", "only when vLLM runs"),
    ("importlib.import_module(names()).use = 1", "its target is computed"),
    ("getattr(ops, names()).use = 1", "its target is computed"),
    ("other(E).run = 1", "its target is computed"),
    ("globals()['E'].run = 1", "its target is computed"),
    ("E.mro()[1].size = 1", "its target is computed"),
    ("def never(e): e.run = types.MethodType(other, e)", "when `never` is called"),
]


def _rows(code: str) -> list[tuple[int, str, str, str]]:
    files = {"plug/__init__.py": f"{_HEAD}{code}\n"}
    plugin, reading = plugin_of(files), reading_of(files)
    made = compile_plugin(plugin, reading, MemoryTree.of(VLLM), RELEASE, oldest=(3, 10))
    assert {row.place.file for row in made.rows} <= {"plug/__init__.py"}
    return [(row.place.line, row.outcome, row.what, row.target) for row in made.rows]


@pytest.mark.parametrize(("code", "why"), _CANNOT)
def test_what_cannot_be_read_is_a_row_with_its_place_and_why(code: str, why: str) -> None:
    rows = _rows(code)
    assert rows, code
    for line, outcome, what, _ in rows:
        assert (line, outcome) == (_LINE, "cannot")
        assert why in what


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("ops.__setattr__('LIMIT', 1)", "vllm.ops:LIMIT"),
        ("object.__setattr__(ops, 'LIMIT', 1)", "vllm.ops:LIMIT"),
        ("type(E).__setattr__(E, 'kind', 1)", "vllm.ops:Engine.kind"),
        ("vars(ops).update(LIMIT=1)", "vllm.ops:LIMIT"),
        ("ops.__dict__.update({'LIMIT': 1})", "vllm.ops:LIMIT"),
        ("vars(E)['kind'] = 1", "vllm.ops:Engine.kind"),
        ("{'e': E}['e'].kind = 1", "vllm.ops:Engine.kind"),
        ("def f(x=setattr(E, 'kind', 1)): pass", "vllm.ops:Engine.kind"),
        ("assert setattr(E, 'kind', 1) is None", "vllm.ops:Engine.kind"),
    ],
)
def test_an_assignment_in_other_words_is_read_as_one(code: str, target: str) -> None:
    ((line, outcome, _, found),) = _rows(code)
    assert (line, outcome, found) == (_LINE, "compiled", target)


@pytest.mark.parametrize(
    "code",
    [
        "operator.setitem(ops.REGISTRY, 'b', 1)",
        "ops.NAMES.sort()",
        "dict.update(ops.REGISTRY, b=1)",
        "list.append(ops.NAMES, 'b')",
    ],
)
def test_what_changes_a_container_is_a_row(code: str) -> None:
    ((line, outcome, _, target),) = _rows(code)
    assert (line, outcome) == (_LINE, "cannot")
    assert target in {"vllm.ops:REGISTRY", "vllm.ops:NAMES"}


def test_a_loop_over_what_is_written_out_is_a_row_for_each_that_says_so() -> None:
    rows = _rows("for n in ('run', 'plain'): setattr(E, n, 1)")
    assert [(line, outcome, target) for line, outcome, _, target in rows] == [
        (_LINE, "cannot", "vllm.ops:Engine.run"),
        (_LINE, "cannot", "vllm.ops:Engine.plain"),
    ]
    assert {what for _, _, what, _ in rows} == {"it is done in a loop over `('run', 'plain')`"}


@pytest.mark.parametrize("test", ["torch.npu.is_available()", "names()"])
def test_a_condition_that_asks_the_device_needs_a_hint(test: str) -> None:
    ((line, outcome, what, _),) = _rows(f"if {test}: E.kind = 1")
    assert (line, outcome) == (_LINE, "needs a hint")
    assert test in what


def test_what_handles_an_error_that_a_call_may_raise_is_not_said_to_be_done_never() -> None:
    ((line, outcome, what, _),) = _rows("try:\n    names()\nexcept ValueError:\n    E.kind = 1")
    assert (line, outcome) == (_LINE + 3, "cannot")
    assert what == "it is done where `names()` raises"
