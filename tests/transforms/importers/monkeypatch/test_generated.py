"""Generated plugins: what is read of them is what CPython does with them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.transforms.importers.monkeypatch.running import (
    changed_by_python,
    dotted,
    rows_of,
    said_to_change,
)
from transforms.importers.monkeypatch.mutation import Form

_HEAD = """import os, sys
import vllm, vllm.api, vllm.user
from vllm import ops as o
from vllm.api import Engine as E
from vllm.base import Base, Sibling
flag = False
def value(x=None): return x
def put(holder, name, what=value):
    setattr(holder, name, what)
def keep(f):
    def kept(*a): return f(*a)
    return kept
class Mine(E):
    def run(self, x): return x
"""
_HOLDERS = ["o", "vllm.ops", "sys.modules['vllm.ops']", "E", "vllm.user.Engine", "o.Engine.Inner"]
_HOLDERS += ["vllm.api", "vllm.user", "Base", "Sibling", "Mine", "vars(o)['Engine']"]
_NAMES = ["run", "compute", "inherited", "fresh", "size", "LIMIT", "plain"]
_VALUES = ["value", "lambda *a: 0", "Mine.run", "keep(value)", "staticmethod(value)", "None"]
_TESTS = ["flag", "not flag", "vllm.__version__ == '0.23.0'", "hasattr(E, 'fresh')", "1 < 2"]
_TESTS += ["os.getenv('SET')", "not os.getenv('SET')", "hasattr(Mine, 'fresh')"]
_TESTS += ["hasattr(o, 'fresh') or flag", "getattr(E, 'gone', None) is None", "E is o.Engine"]

_holder, _name, _value = (
    st.sampled_from(_HOLDERS),
    st.sampled_from(_NAMES),
    st.sampled_from(_VALUES),
)
_simple = st.one_of(
    st.builds("{}.{} = {}".format, _holder, _name, _value),
    st.builds("setattr({}, '{}', {})".format, _holder, _name, _value),
    st.builds("put({}, '{}')".format, _holder, _name),
    st.builds("put({}, what={}, name='{}')".format, _holder, _value, _name),
    st.builds("if hasattr({0}, '{1}'): {0}.{1} = keep({0}.{1})".format, _holder, _name),
    st.builds("if hasattr({0}, '{1}'): o.found_{1} = {0}.{1}".format, _holder, _name),
    st.builds("try: del {}.{}\nexcept AttributeError: o.lost = 1".format, _holder, _name),
    st.builds("if '{1}' in vars({0}): delattr({0}, '{1}')".format, _holder, _name),
    st.builds("setattr({}, 'fresh', vars({}).get('{}', 1))".format, _holder, _holder, _name),
    st.builds("o.REGISTRY['{}'] = {}".format, _name, _value),
    st.just("flag = not flag"),
    st.just("E = Mine"),
    st.just("E = o.Engine"),
    st.just("o.Engine = Mine"),
)


def _block(lines: list[str]) -> str:
    return indent("\n".join(lines), "    ")


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lines = st.lists(inner, min_size=1, max_size=3).map(_block)
    return st.one_of(
        st.builds("if {}:\n{}\nelse:\n{}".format, st.sampled_from(_TESTS), lines, lines),
        st.builds(
            "try:\n    from vllm.ops import {}\n{}\nexcept ImportError:\n{}".format,
            st.sampled_from(["compute", "nothing_there"]),
            lines,
            lines,
        ),
        st.builds(
            "def apply():\n    global flag, E\n{}\n    return\n{}\napply()".format, lines, lines
        ),
        st.builds("for _ in (1,):\n{}".format, lines),
        st.builds("with open(__file__) as f:\n{}".format, lines),
    )


def _is_python(lines: list[str]) -> bool:
    """Tell whether the lines compile: a name may not be declared `global` after it was used."""
    try:
        compile("\n".join(lines), "generated", "exec")
    except SyntaxError:
        return False
    return True


_programs = st.lists(st.recursive(_simple, _compound, max_leaves=6), min_size=1, max_size=6).filter(
    _is_python
)


# One process imports many plugins; to make them smaller would take one process for each step.
@settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(_programs, min_size=20, max_size=20))
def test_what_is_read_of_generated_plugins_is_what_python_changes(
    programs: list[list[str]],
) -> None:
    plugins = [{"plug/__init__.py": _HEAD + "\n".join(lines) + "\n"} for lines in programs]
    with TemporaryDirectory() as folder:
        changed = changed_by_python(plugins, Path(folder))
    for files, wanted in zip(plugins, changed, strict=True):
        rows = rows_of(files)
        known = [row for row in rows if not row.guards and not row.why_not]
        surely = set(said_to_change(known))
        # To delete what was put there before leaves nothing changed.
        surely -= {dotted(row) for row in rows if row.form is Form.DELETE}
        text = files["plug/__init__.py"]
        # What stays under a condition may happen; nothing else may, and all that happens is said.
        assert surely <= set(wanted) <= set(said_to_change(rows)), text
