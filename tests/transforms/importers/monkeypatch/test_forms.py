"""Each form, by what is there and by what comes."""

from __future__ import annotations

import pytest

from tests.transforms.importers.monkeypatch.running import dotted, reading_of, row_of, rows_of
from transforms.importers.monkeypatch.mutation import Form

_HEAD = "import vllm\nfrom vllm import ops, user\nfrom vllm.ops import Engine\n"

FORMS = [
    ("def f(x): return 0\nops.compute = f", Form.REPLACE_FUNCTION),
    ("o = ops.compute\nops.compute = lambda x: o(x)", Form.WRAP),
    ("o = ops.compute\ndef h(x): return o(x)\nops.compute = lambda x: h(x)", Form.WRAP),
    ("def w(f):\n    def g(x): return f(x)\n    return g\nops.compute = w(ops.compute)", Form.WRAP),
    ("from functools import partial\nops.compute = partial(ops.compute, 1)", Form.WRAP),
    ("o = ops.other\nops.compute = lambda x: o(x)", Form.REPLACE_FUNCTION),
    ("user.compute = lambda x: 0", Form.REBIND_IMPORT),
    ("o = user.compute\nuser.compute = lambda x: o(x)", Form.REBIND_IMPORT),
    ("ops.LIMIT = 4", Form.CONSTANT),
    ("ops.LIMIT = lambda: 4", Form.REPLACE_FUNCTION),
    ("ops.fresh = 4", Form.INSERT_MODULE_ATTRIBUTE),
    ("ops._orig = ops.compute", Form.SAVE_ORIGINAL),
    ("ops.REGISTRY['k'] = 1", Form.REGISTRY_ENTRY),
    ("ops.NAMES.append('k')", Form.REGISTRY_ENTRY),
    ("ops.NAMES += ['k']", Form.CONSTANT),
    ("from vllm.ops import NAMES\nNAMES += ['k']", Form.REGISTRY_ENTRY),
    ("del ops.REGISTRY['a']", Form.DELETE),
    ("Engine.table['k'] = 1", Form.REGISTRY_ENTRY),
    ("@Engine.register('k')\ndef f(): pass", Form.REGISTRY_ENTRY),
    ("del Engine.run", Form.DELETE),
    ("Engine.run = lambda self, x: 0", Form.REPLACE_METHOD),
    ("Engine.plain = lambda x: 0", Form.REPLACE_METHOD),
    ("o = Engine.run\nEngine.run = lambda self, x: o(self, x)", Form.WRAP),
    ("Engine.kind = 'mine'", Form.CONSTANT),
    ("Engine.fresh = 1", Form.INSERT_CLASS_ATTRIBUTE),
    ("Engine.fresh = property(lambda self: 1)", Form.INSERT_CLASS_ATTRIBUTE),
    ("Engine.inherited = lambda self: 0", Form.OVERRIDE_INHERITED),
    ("o = Engine.inherited\nEngine.inherited = lambda self: o(self)", Form.WRAP),
    ("Engine.__init__ = lambda self: None", Form.OVERRIDE_INHERITED),
    ("Engine.state = property(lambda self: 1)", Form.PROPERTY),
    ("Engine.state = 5", Form.PROPERTY),
    ("Engine.run = property(lambda self: 1)", Form.PROPERTY),
    ("class M(Engine): pass\nops.Engine = M", Form.SUBCLASS_AND_REBIND),
    ("class N(Engine): pass\nclass M(N): pass\nops.Engine = M", Form.SUBCLASS_AND_REBIND),
    ("class M: pass\nops.Engine = M", Form.REPLACE_CLASS),
    ("class M(Engine.Inner): pass\nEngine.Inner = M", Form.SUBCLASS_AND_REBIND),
    ("class M(Engine): pass\nuser.Engine = M", Form.REBIND_IMPORT),
    ("import torch\ntorch.cuda.empty_cache = None", Form.THIRD_PARTY),
    ("import builtins\nbuiltins.__import__ = None", Form.HOOK),
    ("import sys\nsys.meta_path.insert(0, object())", Form.HOOK),
    ("ops.REGISTRY.made.x = 1", Form.OTHER),
]


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_the_form_of(code: str, form: Form) -> None:
    assert row_of(_HEAD + code).form is form


def test_an_original_that_was_saved_on_the_class_is_wrapped_through_it() -> None:
    saved, wrap = rows_of("""
        from vllm.ops import Engine
        Engine._before = Engine.inherited
        def inherited(self):
            return self._before()
        Engine.inherited = inherited
        """)
    assert (saved.form, wrap.form) == (Form.SAVE_ORIGINAL, Form.WRAP)
    assert {name: target.dotted for name, target in wrap.captured.items()} == {
        "self._before": "vllm.base:Base.inherited"
    }


def test_only_originals_of_what_is_patched_are_captured() -> None:
    row = rows_of("""
        from vllm.ops import Engine, compute, other
        original = Engine.run
        def run(self, x, other=None):
            return original(self, compute(other))
        Engine.run = run
        import vllm.ops
        vllm.ops.other = 1
        """)[0]
    assert {name: target.dotted for name, target in row.captured.items()} == {
        "original": "vllm.ops:Engine.run"
    }


def test_a_second_wrap_captures_the_first_as_the_original() -> None:
    first, second = rows_of("""
        from vllm import ops
        before = ops.compute
        def one(x): return before(x)
        ops.compute = one
        between = ops.compute
        def two(x): return between(x)
        ops.compute = two
        """)
    assert [item.form for item in (first, second)] == [Form.WRAP, Form.WRAP]
    assert "between" in second.captured


def test_what_a_class_inherits_is_what_was_assigned_to_its_base() -> None:
    reading = reading_of("""
        from vllm.base import Base, Sibling
        def mine(self): return 1
        Base.inherited = mine
        found = Sibling.inherited
        """)
    assert reading.lookup("plug", "found") == reading.lookup("plug", "mine")


def test_a_helper_that_is_assigned_elsewhere_is_no_original() -> None:
    first, second = rows_of("""
        from vllm.ops import Engine
        def helper(self): return 1
        def run(self, x): return helper(self)
        Engine.helper = helper
        Engine.run = run
        """)
    assert [(item.form, item.captured) for item in (first, second)] == [
        (Form.INSERT_CLASS_ATTRIBUTE, {}),
        (Form.REPLACE_METHOD, {}),
    ]


def test_the_target_of_a_rebind_is_the_consumer_and_of_a_member_the_class() -> None:
    rows = rows_of("""
        import vllm.api
        vllm.api.compute = None
        vllm.api.Engine.run = None
        vllm.api.Engine.Inner.run = None
        """)
    assert [dotted(row) for row in rows] == [
        "vllm.api.compute",
        "vllm.ops.Engine.run",
        "vllm.ops.Engine.Inner.run",
    ]


def test_fields_of_pydantic_are_one_row_where_the_call_names_them() -> None:
    vllm = {"vllm/model.py": "import pydantic\nclass M(pydantic.BaseModel):\n    a: int = 1\n"}
    rows = rows_of(
        """
        from vllm.model import M
        def change(cls, name, kind):
            cls.__annotations__[name] = kind
            cls.model_fields[name].annotation = kind
            cls.model_rebuild(force=True)
        change(M, "a", str)
        change(M, "b", str)
        """,
        vllm=vllm,
    )
    assert [(row.form, dotted(row), row.place.line) for row in rows] == [
        (Form.PYDANTIC_FIELD, "vllm.model.M.a", 6),
        (Form.PYDANTIC_FIELD, "vllm.model.M.b", 7),
    ]
    assert row_of("from vllm.model import M\nM.model_rebuild()\n", vllm=vllm).form is (
        Form.PYDANTIC_FIELD
    )


def test_the_plugins_own_modules_that_no_root_reads_are_its_own_targets() -> None:
    files = {
        "plug/__init__.py": "",
        "plug/other.py": "class A:\n    def f(self): pass\n",
        "plug/patch.py": "from plug.other import A\nA.f = None\n",
    }
    (row,) = reading_of(files, roots=["plug.patch"]).mutations
    assert (row.form, dotted(row)) == (Form.OWN_TARGET, "plug.other.A.f")
