"""Conditions: those that the build settles, and what the others ask for."""

from __future__ import annotations

import pytest

from tests.transforms.importers.monkeypatch.running import reading_of, row_of, rows_of
from transforms.importers.monkeypatch.folding import settled_by
from transforms.importers.monkeypatch.mutation import Asked

_FILES = {
    "plug/__init__.py": "",
    "plug/utils.py": """
        from packaging.version import Version
        class Device:
            A = 1
            B = 2
        FLAG = ask()
        def vllm_version_is(text):
            import vllm
            return Version(vllm.__version__) == Version(text)
        def device(): return ask()
        """,
}
_HEAD = """
import os, sys, vllm
import vllm.ops
from packaging.version import Version, parse
from typing import TYPE_CHECKING
from vllm import envs
from vllm.ops import Engine
from plug import utils
from plug.utils import *
from plug.utils import FLAG, Device, device, vllm_version_is
"""
_ENVS = {"vllm/envs.py": "def __getattr__(name): return None\n"}

SETTLED = [
    ("vllm_version_is('0.23.0')", True),
    ("vllm_version_is('0.23')", True),
    ("vllm_version_is('0.23.0.0')", True),
    ("vllm_version_is('0.23.0.post1')", False),
    ("not utils.vllm_version_is('0.24.0')", True),
    ("vllm.__version__ == '0.23.0'", True),
    ("Version(vllm.__version__) >= Version('0.9.2')", True),
    ("Version('0.22') < parse(vllm.__version__) < Version('0.23.0')", False),
    ("TYPE_CHECKING", False),
    ("not TYPE_CHECKING", True),
    ("1 and 'a' and not ''", True),
    ("0 or [] or ()", False),
    ("FLAG and False", False),
    ("FLAG or True", True),
    ("3 in (1, 2, 3)", True),
    ("'a' not in ['a']", False),
    ("-1 < 0", True),
    ("1 < 'a' or True", True),
    ("hasattr(Engine, 'run')", True),
    ("hasattr(Engine, 'inherited')", True),
    ("hasattr(Engine, 'gone')", False),
    ("hasattr(vllm.ops, 'compute') and not hasattr(vllm.ops, 'gone')", True),
    ("getattr(Engine, 'gone', None) is None", True),
    ("getattr(Engine.run, 'patched', False)", False),
    ("Engine is not None", True),
    ("(lambda: 1) is None", False),
]


def _read(test: str, **defines: str) -> object:
    files = {**_FILES, "plug/patch.py": f"{_HEAD}if {test}:\n    vllm.ops.LIMIT = 1\n"}
    reading = reading_of(files, roots=["plug.patch"], vllm=_ENVS, defines=defines)
    (row,) = reading.mutations
    return row.guards[0] if row.guards else not row.dead


@pytest.mark.parametrize(("test", "answer"), SETTLED)
def test_the_build_settles(test: str, answer: bool) -> None:  # noqa: FBT001 - a table's column
    assert _read(test) is answer


@pytest.mark.parametrize(
    ("test", "asks"),
    [
        ("os.getenv('A')", Asked.ENVIRONMENT),
        ("os.environ.get('A', '0').lower() in ('1', 'true')", Asked.ENVIRONMENT),
        ("os.environ['A'] == '1'", Asked.ENVIRONMENT),
        ("'A' in os.environ", Asked.ENVIRONMENT),
        ("int(os.getenv('A', '0')) > 3", Asked.ENVIRONMENT),
        ("envs.VLLM_USE_IT", Asked.ENVIRONMENT),
        ("'vllm.user' in sys.modules", Asked.PRESENCE),
        ("sys.modules.get('vllm.user') is not None", Asked.PRESENCE),
        ("hasattr(sys, 'gone')", Asked.PRESENCE),
        ("os.getenv('A') and hasattr(sys, 'gone')", Asked.PRESENCE),
        ("FLAG", Asked.UNKNOWN),
        ("device() == Device.A", Asked.UNKNOWN),
        ("os.getenv('A') and device()", Asked.UNKNOWN),
    ],
)
def test_what_stays_says_what_it_asks(test: str, asks: Asked) -> None:
    guard = _read(test)
    assert getattr(guard, "asks", guard) is asks


def test_only_what_the_build_does_not_know_stays() -> None:
    row = row_of("""
        import os, vllm.ops
        if vllm.__version__ == "0.23.0" and not os.getenv("A"):
            vllm.ops.LIMIT = 1
        """)
    (guard,) = row.guards
    assert (type(guard.condition).__name__, guard.negated) == ("Call", True)


@pytest.mark.parametrize(
    ("test", "names", "defines", "answer"),
    [
        ("FLAG", ("FLAG",), {"FLAG": "1"}, True),
        ("device() == Device.A", ("device",), {"device": "Device.A"}, True),
        ("device() == Device.A", ("device",), {"device": "Device.B"}, False),
        ("device() != Device.A", ("device",), {"plug.utils.device": "Device.B"}, True),
        ("not device()", ("device",), {"device": "None"}, True),
    ],
)
def test_a_define_settles_what_the_guard_names(
    test: str,
    names: tuple[str, ...],
    defines: dict[str, str],
    answer: bool,  # noqa: FBT001 - a table's column
) -> None:
    guard = _read(test)
    assert settled_by(guard) == names  # type: ignore[arg-type]
    assert _read(test, **defines) is answer


def test_a_guard_keeps_what_its_names_hold() -> None:
    row = row_of("""
        import os
        import vllm.ops
        value = os.getenv("A")
        if value:
            vllm.ops.LIMIT = 1
        """)
    assert list(row.guards[0].names) == ["value"]
    assert row.guards[0].asks is Asked.ENVIRONMENT


def test_a_name_that_two_branches_bind_holds_either() -> None:
    first, second = rows_of("""
        import os
        import vllm.ops
        if os.getenv("A"):
            target = vllm.ops.Engine
        else:
            target = vllm.ops.Engine.Inner
        target.run = None
        """)
    assert [item.target.path for item in (first, second) if item.target] == [
        ("Engine", "run"),
        ("Engine", "Inner", "run"),
    ]
    assert [item.why_not for item in (first, second)] == [
        "which of several it is, is not known"
    ] * 2


def test_what_a_try_asks_of_other_packages_is_a_condition() -> None:
    row = row_of("""
        import vllm.ops
        try:
            import json, flash_attn
            vllm.ops.LIMIT = 1
        except ImportError:
            pass
        """)
    (guard,) = row.guards
    assert guard.asks is Asked.PRESENCE
